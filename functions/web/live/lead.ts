import { setTimeout as sleep } from "node:timers/promises";
import type { Link, ToFirst, ToSecond } from "./link.ts";
import type { KeptMoment } from "./moment-log.ts";
import type { Live } from "./open-live.ts";
import type { Reading } from "./reading.ts";

/** For a reading: longer would hold up the second that it is part of. */
const PATIENCE_MS = 300;

/** Leads the second process over a link: gives it the history, takes its readings, does what it is asked for. */
export const leadSecond = (
  link: Link<ToSecond, ToFirst>,
  { history, perform }: Live,
  onServing: () => void,
) => {
  let hasJoined = false;
  let isAsked = false;
  let received: Reading | undefined;
  let arrived: () => void = () => undefined;

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
        isAsked = false;
        received = message.reading;
        arrived();
        break;
      default: {
        const { id, action, credentials } = message;
        const performing = Promise.resolve(perform?.(action, credentials));
        void performing.then((refusal) => link.send({ type: "performed", id, refusal }));
      }
    }
  });

  return {
    /** Observations since the last reading; those that come too late are part of the next second. */
    read: async (): Promise<Reading | undefined> => {
      if (!received) {
        const arrival = new Promise<void>((resolve) => (arrived = resolve));
        if (!isAsked) link.send({ type: "read" });
        isAsked = true;
        await Promise.race([arrival, sleep(PATIENCE_MS)]);
      }
      const reading = received;
      received = undefined;
      return reading;
    },
    tell: (moment: KeptMoment): void => {
      if (hasJoined) link.send({ type: "moments", run: history.run, moments: [moment] });
    },
  };
};
