import { z } from "zod";
import { readBody } from "../../http/body.ts";
import { RequestError } from "../../middleware/request-error.ts";
import { answer, refuse, refuseAs } from "./answers.ts";
import type { History, World } from "./history.ts";
import type { Mark } from "./marks.ts";

/** Programs that the launcher owns and the console may take down. */
const PROGRAMS = ["redis", "dynamodb"] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** `kill`: as `kill -9`, and it is started again at once. `stop`: it stays down until `start`. `freeze`: it hangs. */
const PROGRAM_ACTIONS = ["kill", "stop", "start", "freeze"] as const;
export type ProgramAction = (typeof PROGRAM_ACTIONS)[number];

/** A hand on what the launcher runs beside the server. */
export interface Controls {
  readonly world: () => World;
  /** @returns whether the launcher has such a program */
  readonly act: (program: ProgramName, action: ProgramAction) => boolean;
  /**
   * @param credentials headers of the administrator who starts it, on whose behalf the load asks
   * @returns false while another load runs
   */
  readonly startLoad: (
    load: LoadRequest,
    credentials: LoadCredentials,
    onVerdict: (outcome: string, text: string) => void,
  ) => boolean;
  readonly stopLoad: () => void;
}

const CREDENTIALS = ["authorization", "x-api-key"] as const;
export type LoadCredentials = Readonly<Partial<Record<(typeof CREDENTIALS)[number], string>>>;

const credentialsOf = ({ headers }: Request): LoadCredentials =>
  Object.fromEntries(
    CREDENTIALS.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );

/** Bounded, since the load shares the machine with the shop. */
const loadSchema = z.strictObject({
  readsPerSecond: z.int().min(0).max(3_000),
  shoppers: z.int().min(0).max(50),
  seconds: z.int().min(5).max(120),
  spike: z.boolean(),
  hotShare: z.number().min(0).max(1),
  saleStock: z.int().min(1).max(10_000).optional(),
});
export type LoadRequest = z.infer<typeof loadSchema>;

const actionSchema = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("program"),
    program: z.enum(PROGRAMS),
    action: z.enum(PROGRAM_ACTIONS),
  }),
  z.strictObject({ do: z.literal("load"), load: loadSchema }),
  z.strictObject({ do: z.literal("stop-load") }),
]);
type Action = z.infer<typeof actionSchema>;

const PROGRAM: Readonly<Record<ProgramAction, string>> = {
  kill: "The process is gone and is started again: nothing that was acknowledged may be missing afterwards.",
  stop: "It stays away: its breaker opens, and what can do without it goes on.",
  start: "It is back: a probe finds it within a fifth of a second, and traffic grows back.",
  freeze: "It takes connections and answers nothing: timeouts open the breaker, not errors.",
};

const look = ({ readsPerSecond, shoppers, spike, saleStock }: LoadRequest): string =>
  saleStock
    ? `${shoppers} shoppers want ${saleStock} pieces of one product: exactly that many are sold, then “sold out” rises.`
    : `${readsPerSecond} reads a second${spike ? ", four times that in the middle," : ""} and ${shoppers} shoppers: the first reads fill memory, then DynamoDB falls silent.`;

/** An action is a few hundred bytes; `readBody` itself stops at the API's limit. */
const MOST_BYTES = 4_096;
const BODY_DEADLINE_MS = 5_000;

/** Does what the console asks of the launcher, and marks it on the charts. */
export const openActions = (history: History, controls: Controls | undefined) => {
  const mark = (kind: Mark["kind"], title: string, look: string): void => history.mark({ kind, title, look });

  const perform = (
    action: Action,
    credentials: LoadCredentials,
    { act, startLoad, stopLoad }: Controls,
  ): Response => {
    switch (action.do) {
      case "program":
        if (!act(action.program, action.action)) {
          return refuse(409, "NO_SUCH_PROGRAM", `The launcher runs no ${action.program} of its own`);
        }
        mark(
          action.action === "start" ? "relief" : "alarm",
          `${action.program} ${action.action}`,
          PROGRAM[action.action],
        );
        return answer(202, { done: true });
      case "load": {
        const isStarted = startLoad(action.load, credentials, (outcome, text) =>
          mark("verdict", `verdict: ${outcome}`, text),
        );
        if (!isStarted)
          return refuse(409, "LOAD_RUNS", "A load is running or being judged; wait for its verdict");
        mark("action", action.load.saleStock ? "flash sale" : "load", look(action.load));
        return answer(202, { done: true });
      }
      default:
        stopLoad();
        return answer(202, { done: true });
    }
  };

  return async (request: Request): Promise<Response> => {
    if (!controls)
      return refuse(404, "NO_LAUNCHER", "Only the local launcher has programs and loads of its own");
    if (!/^application\/json\b/.test(request.headers.get("content-type") ?? "")) {
      return refuse(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json");
    }
    let body: unknown;
    try {
      const bytes = (await readBody(request, BODY_DEADLINE_MS)) ?? new Uint8Array();
      if (bytes.length > MOST_BYTES) throw new RequestError("PAYLOAD_TOO_LARGE");
      body = JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      if (error instanceof RequestError) return refuseAs(error);
      return refuse(400, "MALFORMED_JSON", "The body is no JSON");
    }
    const { data, error } = actionSchema.safeParse(body);
    if (error) return refuse(400, "VALIDATION_FAILED", z.prettifyError(error));
    return perform(data, credentialsOf(request), controls);
  };
};
