import { type ShopFailure, shopClient } from "../../client/client.ts";
import { credentialsFor, endRefusedSession } from "./session.ts";

export const shop = shopClient({ baseUrl: location.origin });
shop.use({
  onRequest: ({ request, schemaPath }) => {
    for (const [name, value] of Object.entries(credentialsFor(request.method, schemaPath)))
      request.headers.set(name, value);
  },
  onResponse: ({ request, response }) => {
    if (response.status === 401) endRefusedSession(request.headers.get("authorization"));
  },
});

/** A failure of the shop, or of the way to it, with a message for a person. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: string;
  readonly details: unknown;
  readonly isRetryable: boolean;

  constructor({ error, message, details, retryable }: Omit<ShopFailure, "request_id">) {
    super(message);
    this.code = error;
    this.details = details;
    this.isRetryable = retryable;
  }
}

const UNREACHABLE = {
  error: "UNREACHABLE",
  message: "The shop does not answer. Is it running?",
  details: undefined,
  retryable: true,
};

interface Outcome<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** An answer of the shop. @throws Failure */
export const answerOf = async <T>(asked: Promise<Outcome<T>>): Promise<T> => {
  const { data, error, response } = await asked.catch((reason: unknown) => {
    if ((reason as Error).name === "AbortError") throw reason;
    throw new Failure(UNREACHABLE);
  });
  if (response.ok) return data as T;
  throw new Failure(
    isFailure(error) ? error : { ...UNREACHABLE, message: `The shop answers ${response.status}` },
  );
};

const isFailure = (value: unknown): value is ShopFailure =>
  typeof value === "object" && value !== null && "error" in value && "message" in value;
