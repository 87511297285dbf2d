import type { Entry } from "./entry.ts";

/** Permission to load a key on behalf of everybody; given back by the `put` that follows. */
export type Lease = string;

/** Something is kept under the key that must not be believed: it is no valid entry, or from before a fail-over. */
export const UNTRUSTED = Symbol("untrusted");

/**
 * The tier behind process memory, as the cache sees it. Its calls reject when it does not answer in time;
 * the cache then goes on without it.
 */
export interface L2<V> {
  readonly name: "redis" | "process";
  /** Whether it is worth asking at the moment. */
  readonly isUsable: () => boolean;
  readonly get: (key: number) => Promise<Entry<V> | typeof UNTRUSTED | undefined>;
  /** Keeps the entry unless a newer version is there, and gives the lease back. Replaces what was found to be untrusted. */
  readonly put: (key: number, entry: Entry<V>, lease?: Lease) => Promise<void>;
  /** Puts a tombstone and tells every process, in one step. */
  readonly invalidate: (key: number, version: number) => Promise<void>;
  /** The lease to load a key, or undefined when another process has it. */
  readonly acquire: (key: number) => Promise<Lease | undefined>;
  readonly release: (key: number, lease: Lease) => Promise<void>;
  /** Once every tombstone that could not be put at first has been. */
  readonly caughtUp: () => Promise<void>;
  readonly close: () => Promise<void>;
}
