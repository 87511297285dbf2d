import type { Shop } from "../../../core/shop.ts";
import type { Action, LoadCredentials } from "./action-schema.ts";
import { type History, openHistory } from "./history.ts";
import type { Link, ToFirst, ToSecond } from "./link.ts";
import { type MomentLog, openMomentLog } from "./moment-log.ts";
import type { OpenLive } from "./open-live.ts";
import type { Refusal } from "./perform.ts";
import { openReader } from "./reading.ts";

const FIRST_IS_GONE: Refusal = {
  error: "LAUNCHER_GONE",
  message:
    "The first process is gone, and the launcher with it: nothing supervises programs or runs loads. Run npm start again; it takes this process's place.",
};

/**
 * Joins the history of the first process, so that a browser can follow it here as well as there. Actions go to the
 * first process; once that is gone, the history goes on from what this process sees itself.
 */
export const joinFirst = async (link: Link<ToFirst, ToSecond>): Promise<OpenLive> => {
  let joined: MomentLog | undefined;
  const { promise: joining, resolve } = Promise.withResolvers<MomentLog>();
  link.onMessage((message) => {
    if (message.type !== "moments") return;
    joined ??= openMomentLog(message.run);
    for (const moment of message.moments) joined.add(moment);
    resolve(joined);
  });
  link.send({ type: "join" });
  const log = await joining;

  return (shop: Shop, inFlight: () => number) => {
    const read = openReader(shop, inFlight);
    let own: History | undefined;
    const waiting = new Map<number, (refusal: Refusal | undefined) => void>();
    let asked = 0;
    link.onMessage((message) => {
      if (message.type === "read") link.send({ type: "reading", reading: read() });
      if (message.type === "performed") {
        waiting.get(message.id)?.(message.refusal);
        waiting.delete(message.id);
      }
    });
    link.onClosed(() => {
      for (const answer of waiting.values()) answer(FIRST_IS_GONE);
      own = openHistory({ read, log, name: "second", peer: GONE });
      own.mark({
        kind: "alarm",
        title: "first process gone",
        look: "The second answers alone. The launcher is gone too, and fulfilment with it: npm start brings both back.",
      });
    });
    const perform = async (action: Action, credentials: LoadCredentials) => {
      if (own) return FIRST_IS_GONE;
      const id = ++asked;
      const { promise: performed, resolve: answer } = Promise.withResolvers<Refusal | undefined>();
      waiting.set(id, answer);
      link.send({ type: "perform", id, action, credentials });
      return performed;
    };
    return { history: { ...log, mark: (mark) => own?.mark(mark) }, perform };
  };
};

const GONE = {
  read: async () => ({ name: "first", state: "down" }) as const,
  tell: () => undefined,
};
