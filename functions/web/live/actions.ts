import { z } from "zod";
import { SECURITY_HEADERS } from "../../middleware/result.ts";
import type { History, World } from "./history.ts";
import type { Mark } from "./marks.ts";

/** A hand on what the launcher runs beside the server. */
export interface Controls {
  readonly world: () => World;
  /** @returns whether the launcher has such a program */
  readonly act: (program: string, action: string) => boolean;
  /** @returns false while another load runs */
  readonly startLoad: (load: LoadRequest, onVerdict: (outcome: string, text: string) => void) => boolean;
  readonly stopLoad: () => void;
}

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
    program: z.enum(["redis", "dynamodb"]),
    action: z.enum(["kill", "stop", "start", "freeze"]),
  }),
  z.strictObject({ do: z.literal("load"), load: loadSchema }),
  z.strictObject({ do: z.literal("stop-load") }),
]);
type Action = z.infer<typeof actionSchema>;

const PROGRAM: Readonly<Record<"kill" | "stop" | "start" | "freeze", string>> = {
  kill: "The process is gone and is started again: nothing that was acknowledged may be missing afterwards.",
  stop: "It stays away: its breaker opens, and what can do without it goes on.",
  start: "It is back: a probe finds it within a fifth of a second, and traffic grows back.",
  freeze: "It takes connections and answers nothing: timeouts open the breaker, not errors.",
};

const look = ({ readsPerSecond, shoppers, spike, saleStock }: LoadRequest): string =>
  saleStock
    ? `${shoppers} shoppers want ${saleStock} pieces of one product: exactly that many are sold, then “sold out” rises.`
    : `${readsPerSecond} reads a second${spike ? ", four times that in the middle," : ""} and ${shoppers} shoppers: the first reads fill memory, then DynamoDB falls silent.`;

const MOST_BYTES = 4_096;

const answer = (status: number, body: object): Response =>
  Response.json(body, { status, headers: { ...SECURITY_HEADERS, "cache-control": "no-store" } });

const refuse = (status: number, error: string, message: string): Response =>
  answer(status, { error, message, request_id: "", retryable: status === 409 });

/** Does what the console asks of the launcher, and marks it on the charts. */
export const openActions = (history: History, controls: Controls | undefined) => {
  const mark = (kind: Mark["kind"], title: string, look: string): void => history.mark({ kind, title, look });

  const perform = (action: Action, { act, startLoad, stopLoad }: Controls): Response => {
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
        const isStarted = startLoad(action.load, (outcome, text) =>
          mark("verdict", `verdict: ${outcome}`, text),
        );
        if (!isStarted) return refuse(409, "LOAD_RUNS", "A load runs already; stop it first");
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
    const text = await request.text();
    if (text.length > MOST_BYTES) return refuse(413, "PAYLOAD_TOO_LARGE", "The body is too large");
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return refuse(400, "MALFORMED_JSON", "The body is no JSON");
    }
    const { data, error } = actionSchema.safeParse(body);
    if (error) return refuse(400, "VALIDATION_FAILED", z.prettifyError(error));
    return perform(data, controls);
  };
};
