import type { Stripe } from "stripe";
import { outgoingTraceparent } from "../../tracing/span.ts";

export interface StripeSettings {
  readonly secretKey: string;
  /** Absent: Stripe's messages are not taken. */
  readonly webhookSecret: string | undefined;
  readonly apiBase: URL;
  /** ISO 4217, in lower case. */
  readonly currency: string;
  /** The page that a bank sends customers back to; without, the client's own Stripe.js shows the bank's page. */
  readonly returnUrl: string | undefined;
}

/**
 * Hides the code of a failure, by which the package would send a request once more when its connection was closed,
 * even without retries.
 */
const sendOnce = async (...[url, init]: Parameters<typeof fetch>): Promise<Response> => {
  try {
    return await fetch(url, withTrace(init));
  } catch (cause) {
    if ((cause as Error).name === "AbortError") throw cause;
    throw new Error("No answer from Stripe", { cause });
  }
};

/** Goes on with the trace that is under way. */
const withTrace = (init: RequestInit | undefined): RequestInit | undefined => {
  const traceparent = outgoingTraceparent();
  if (traceparent === undefined) return init;
  const headers = new Headers(init?.headers);
  headers.set("traceparent", traceparent);
  return { ...init, headers };
};

/** Loads the package when it is first asked for: a shop without Stripe does not pay for it. */
export const openStripeClient = (
  { secretKey, apiBase: { protocol, hostname, port } }: StripeSettings,
  timeout: number,
): (() => Promise<Stripe>) => {
  let client: Promise<Stripe> | undefined;
  const load = async (): Promise<Stripe> => {
    const { Stripe: Client } = await import("stripe");
    return new Client(secretKey, {
      protocol: protocol === "http:" ? "http" : "https",
      host: hostname,
      ...(port && { port }),
      httpClient: Client.createFetchHttpClient(sendOnce as typeof fetch),
      timeout,
      maxNetworkRetries: 0,
      telemetry: false,
    });
  };
  return () => (client ??= load());
};
