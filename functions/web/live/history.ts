import type { Shop } from "../../../core/shop.ts";
import { changesIn, type Mark } from "./marks.ts";
import { openSampler, type Sample } from "./sample.ts";

const SECOND_MS = 1_000;
/** Ten minutes. */
const KEPT = 600;

/** A second with what happened in it, and its place in the order of all. */
export interface Moment extends Sample {
  readonly id: number;
  readonly marks: readonly Mark[];
  /** Of the launcher's programs; absent where there is no launcher. */
  readonly world?: World;
}

/** The programs beside the process, as the launcher knows them. */
export interface World {
  readonly programs: Readonly<Record<string, "up" | "down" | "frozen">>;
  /** Requests a second that the second server process answered; absent while there is none. */
  readonly second?: number;
  readonly load?: { readonly name: string; readonly endsAt: number };
}

export type History = ReturnType<typeof openHistory>;

/** The last ten minutes, second by second, for pages that are open and pages opened later. */
export const openHistory = (shop: Shop, inFlight: () => number, world: () => World | undefined) => {
  const sample = openSampler(shop, inFlight);
  const moments: Moment[] = [];
  const listeners = new Set<(moment: Moment) => void>();
  let pending: Mark[] = [];
  let last: Sample | undefined;
  let id = 0;

  const tick = (): void => {
    const now = sample();
    const changes = changesIn(last, now).map((mark) => ({ at: now.at, ...mark }));
    last = now;
    const around = world();
    const moment = { ...now, id: ++id, marks: [...pending, ...changes], ...(around && { world: around }) };
    pending = [];
    moments.push(moment);
    if (moments.length > KEPT) moments.shift();
    for (const listener of listeners) listener(moment);
  };
  const timer = setInterval(tick, SECOND_MS);
  timer.unref();

  return {
    /** Later than the given one. */
    since: (id: number): readonly Moment[] => moments.filter((moment) => moment.id > id),
    /** @returns ends it */
    listen: (listener: (moment: Moment) => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    mark: (mark: NewMark): void => void pending.push({ at: shop.now(), ...mark }),
  };
};

type NewMark = Omit<Mark, "at">;
