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

export type ProgramState = "up" | "down" | "frozen";

/** The programs beside the process, as the launcher knows them. */
export interface World {
  readonly programs: Readonly<Record<string, ProgramState>>;
  /** Under DynamoDB's limits only. */
  readonly units?: Units;
  readonly load?: { readonly name: string; readonly endsAt: number };
}

/** A second, of all tables and processes: capacity units, refusals for lack of them, and conflicts of transactions. */
export interface Units {
  readonly read: number;
  readonly write: number;
  readonly throttled: number;
  readonly conflicts: number;
}

/** A {@link Moment} as it is sent. */
export interface KeptMoment {
  readonly id: number;
  readonly json: string;
}

export type History = ReturnType<typeof openHistory>;

/** The last ten minutes, second by second, for pages that are open and pages opened later. */
export const openHistory = (shop: Shop, inFlight: () => number, world: () => World | undefined) => {
  const sample = openSampler(shop, inFlight);
  /** As JSON: each second is made into text once, however many pages are open. */
  const moments: KeptMoment[] = [];
  const listeners = new Set<(moment: KeptMoment) => void>();
  let pending: Mark[] = [];
  let last: Sample | undefined;
  let id = 0;

  const tick = (): void => {
    const now = sample();
    const changes = changesIn(last, now).map((mark) => ({ at: now.at, ...mark }));
    last = now;
    const around = world();
    const moment: Moment = {
      ...now,
      id: ++id,
      marks: [...pending, ...changes],
      ...(around && { world: around }),
    };
    const kept = { id, json: JSON.stringify(moment) };
    pending = [];
    moments.push(kept);
    if (moments.length > KEPT) moments.shift();
    for (const listener of listeners) listener(kept);
  };
  const timer = setInterval(tick, SECOND_MS);
  timer.unref();

  return {
    /** Later than the given one. */
    since: (id: number): readonly KeptMoment[] => moments.filter((moment) => moment.id > id),
    /** @returns ends it */
    listen: (listener: (moment: KeptMoment) => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    mark: (mark: NewMark): void => void pending.push({ at: shop.now(), ...mark }),
  };
};

type NewMark = Omit<Mark, "at">;
