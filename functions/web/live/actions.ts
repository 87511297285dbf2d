import { z } from "zod";
import { readBody } from "../../http/body.ts";
import { RequestError } from "../../middleware/request-error.ts";
import { actionSchema, CREDENTIALS, type LoadCredentials } from "./action-schema.ts";
import { answer, refuse, refuseAs } from "./answers.ts";
import type { Perform } from "./perform.ts";

const credentialsOf = ({ headers }: Request): LoadCredentials =>
  Object.fromEntries(
    CREDENTIALS.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );

/** An action is a few hundred bytes; `readBody` itself stops at the API's limit. */
const MOST_BYTES = 4_096;
const BODY_DEADLINE_MS = 5_000;

/** Takes the console's actions. @param perform does them; undefined where there is no launcher */
export const openActions =
  (perform: Perform | undefined) =>
  async (request: Request): Promise<Response> => {
    if (!perform)
      return refuse(404, "NO_LAUNCHER", "Only the local launcher has programs and loads of its own");
    if (!/^application\/json\b/.test(request.headers.get("content-type") ?? "")) {
      return refuseAs(
        new RequestError("UNSUPPORTED_MEDIA_TYPE", { message: "The body must be application/json" }),
      );
    }
    let body: unknown;
    try {
      const bytes = (await readBody(request, BODY_DEADLINE_MS)) ?? new Uint8Array();
      if (bytes.length > MOST_BYTES) throw new RequestError("PAYLOAD_TOO_LARGE");
      body = JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      if (error instanceof RequestError) return refuseAs(error);
      return refuseAs(new RequestError("MALFORMED_JSON", { message: "The body is no JSON" }));
    }
    const { data, error } = actionSchema.safeParse(body);
    if (error) return refuseAs(new RequestError("VALIDATION_FAILED", { message: z.prettifyError(error) }));
    const refusal = await perform(data, credentialsOf(request));
    return refusal ? refuse(409, refusal.error, refusal.message) : answer(202, { done: true });
  };
