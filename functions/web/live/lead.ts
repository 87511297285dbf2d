import { setTimeout as sleep } from "node:timers/promises";
import type { Link, ToFirst, ToSecond } from "./link.ts";
import type { KeptMoment } from "./moment-log.ts";
import type { Live } from "./open-live.ts";
import type { Refusal } from "./perform.ts";
import type { Reading } from "./reading.ts";

/** For a reading: longer would hold up the second that it is part of. */
const PATIENCE_MS = 300;

/** Leads the second process over a link: gives it the history, takes its readings, does what it is asked for. */
export const leadSecond = (
  link: Link<ToSecond, ToFirst>,
  { history, perform }: Required<Live>,
  onServing: () => void,
) => {
  let hasJoined = false;
  /** The reading that was asked for, and has not been taken. */
  let asked: PromiseWithResolvers<Reading> | undefined;

  link.onMessage((message) => {
    switch (message.type) {
      case "join":
        link.send({ type: "moments", run: history.run, moments: history.since(0) });
        hasJoined = true;
        break;
      case "serving":
        onServing();
        break;
      case "reading":
        asked?.resolve(message.reading);
        break;
      default: {
        const { id, action, credentials } = message;
        void perform(action, credentials)
          .catch((error: Error): Refusal => ({ error: "ACTION_FAILED", message: error.message }))
          .then((refusal) => link.send({ type: "performed", id, refusal }));
      }
    }
  });

  return {
    /** Observations since the last reading; those that come too late are part of the next second. */
    read: async (): Promise<Reading | undefined> => {
      if (!asked) {
        asked = Promise.withResolvers();
        link.send({ type: "read" });
      }
      const reading = await Promise.race([asked.promise, sleep(PATIENCE_MS, undefined)]);
      if (reading) asked = undefined;
      return reading;
    },
    tell: (moment: KeptMoment): void => {
      if (hasJoined) link.send({ type: "moments", run: history.run, moments: [moment] });
    },
  };
};
