import { changesIn, type Mark, type NewMark } from "./marks.ts";
import { type KeptMoment, type MomentLog, openMomentLog } from "./moment-log.ts";
import type { Reading } from "./reading.ts";
import { type ProgramState, type Sample, type Server, type ServerName, sampleOf } from "./sample.ts";

const SECOND_MS = 1_000;

/** A second with what happened in it, and its place in the order of all. */
export interface Moment extends Sample {
  readonly id: number;
  readonly marks: readonly Mark[];
  /** Of the launcher's programs; absent where there is no launcher. */
  readonly world?: World;
}

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

/** The other server process, where there may be one. */
export interface Peer {
  /** It and what it saw since it was last asked; undefined while there is to be none. */
  readonly read: () => Promise<Server | undefined>;
  readonly tell: (moment: KeptMoment) => void;
}

interface HistoryOptions {
  readonly read: () => Reading;
  readonly world?: (() => World | undefined) | undefined;
  readonly peer?: Peer | undefined;
  readonly name?: ServerName;
  readonly log?: MomentLog;
}

/** The seconds that pages follow; actions leave their marks in it. */
export interface History extends Pick<MomentLog, "run" | "since" | "listen"> {
  readonly mark: (mark: NewMark) => void;
}

/** Looks at the shop each second, and keeps what it saw. */
export const openHistory = (options: HistoryOptions): History => {
  const { read, world, peer, name = "first", log = openMomentLog() } = options;
  let pending: Mark[] = [];
  let last: Sample | undefined;

  const tick = async (): Promise<void> => {
    const own: Server = { name, state: "up", reading: read() };
    const other = await peer?.read();
    const now = sampleOf(other ? [own, other] : [own]);
    const changes = changesIn(last, now).map((mark) => ({ at: now.at, ...mark }));
    last = now;
    const around = world?.();
    const id = log.lastId() + 1;
    const marks = [...pending, ...changes];
    pending = [];
    const moment: Moment = { ...now, id, marks, ...(around && { world: around }) };
    const kept = { id, json: JSON.stringify(moment) };
    log.add(kept);
    peer?.tell(kept);
  };
  const timer = setInterval(() => void tick(), SECOND_MS);
  timer.unref();

  return { ...log, mark: (mark) => void pending.push({ at: Date.now(), ...mark }) };
};
