import type { Action, LoadCredentials, LoadRequest, ProgramAction, ProgramName } from "./action-schema.ts";
import type { History, World } from "./history.ts";
import type { Mark } from "./marks.ts";
import { hasEffect } from "./program-actions.ts";

/** Why an action is not done. */
export interface Refusal {
  readonly error: string;
  readonly message: string;
}

/** Does an action of the console; the credentials are of the administrator who asks for it. */
export type Perform = (action: Action, credentials: LoadCredentials) => Promise<Refusal | undefined>;

/** A hand on what the launcher runs beside the server. */
export interface Controls {
  readonly world: () => World;
  readonly act: (program: ProgramName, action: ProgramAction) => Refusal | undefined;
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

const NAMES: Readonly<Record<ProgramName, string>> = {
  redis: "Redis",
  dynamodb: "DynamoDB",
  second: "The second process",
};

const PROGRAM: Readonly<Record<ProgramAction, string>> = {
  kill: "The process is gone and is started again: nothing that was acknowledged may be missing afterwards.",
  stop: "It stays away: its breaker opens, and what can do without it goes on.",
  start: "It is back: a probe finds it within a fifth of a second, and traffic grows back.",
  freeze: "It takes connections and answers nothing: timeouts open the breaker, not errors.",
};

const SECOND: Readonly<Record<ProgramAction, string>> = {
  kill: "Requests on its connections are lost, and new connections go to the first; it is started again at once.",
  stop: "It answers what it has begun and closes its connections; clients that ask meanwhile get a 503 and come back to the first.",
  start:
    "It shares the port, the database and Redis: once it is ready, new connections are divided between both.",
  freeze: "It still gets its share of new connections and answers none: watch the requests in flight.",
};

const look = ({ readsPerSecond, shoppers, spike, saleStock }: LoadRequest): string =>
  saleStock
    ? `${shoppers} shoppers want ${saleStock} pieces of one product: exactly that many are sold, then “sold out” rises.`
    : `${readsPerSecond} reads a second${spike ? ", four times that in the middle," : ""} and ${shoppers} shoppers: the first reads fill memory, then DynamoDB falls silent.`;

/** Does what the console asks of the launcher, and marks it on the charts. */
export const openPerform = (history: History, { world, act, startLoad, stopLoad }: Controls): Perform => {
  const mark = (kind: Mark["kind"], title: string, look: string): void => history.mark({ kind, title, look });
  return async (action, credentials) => {
    switch (action.do) {
      case "program": {
        const { program, action: change } = action;
        const state = world().programs[program];
        if (state && !hasEffect(change, state)) {
          const message = `${NAMES[program]} is ${state}: ${change} would change nothing`;
          return { error: "NOTHING_TO_DO", message };
        }
        const refusal = act(program, change);
        if (refusal) return refusal;
        const texts = program === "second" ? SECOND : PROGRAM;
        const kind = change === "start" ? "relief" : "alarm";
        mark(kind, program === "second" ? `${change} second process` : `${program} ${change}`, texts[change]);
        return undefined;
      }
      case "load": {
        const isStarted = startLoad(action.load, credentials, (outcome, text) =>
          mark("verdict", `verdict: ${outcome}`, text),
        );
        if (!isStarted)
          return { error: "LOAD_RUNS", message: "A load is running or being judged; wait for its verdict" };
        mark("action", action.load.saleStock ? "flash sale" : "load", look(action.load));
        return undefined;
      }
      default:
        stopLoad();
        return undefined;
    }
  };
};
