/**
 * An entry under a key: a value, a known absence, or a tombstone. A tombstone forbids serving anything older
 * than its version.
 */
export interface Entry<V> {
  readonly kind: "value" | "absent" | "tombstone";
  readonly value: V | undefined;
  /** Grows with every write of the key; 0 for what is absent. */
  readonly version: number;
  /** Epoch milliseconds at which this was last known to be current. */
  readonly asOf: number;
  /** Milliseconds its load took: how early a refresh should start. */
  readonly loadMs: number;
  /** Epoch milliseconds from which it is refreshed in the background while it is still served. */
  readonly softExpiry: number;
  /** Epoch milliseconds from which it is not served at all. */
  readonly hardExpiry: number;
  /** The value as JSON text, once {@link jsonOf} has made it. */
  json: string | undefined;
}

/** The value of an entry of kind `value` as JSON text, made once: every answer from the entry shares it. */
export const jsonOf = (entry: Entry<unknown>): string => (entry.json ??= JSON.stringify(entry.value));

/**
 * Whether `next` may take the place of `current`. Never an older version; and a tombstone only over what is
 * older than itself, because a value of its own version is what it asks for.
 */
export const supersedes = (next: Entry<unknown>, current: Entry<unknown> | undefined): boolean =>
  current === undefined ||
  next.version > current.version ||
  (next.version === current.version && next.kind !== "tombstone");

/** A value kept as text alone, and made from it anew for each reader: in memory the objects would take more than the text. */
class TextEntry<V> implements Entry<V> {
  readonly kind = "value";
  readonly version: number;
  readonly asOf: number;
  readonly loadMs: number;
  readonly softExpiry: number;
  readonly hardExpiry: number;
  readonly json: string;

  constructor(entry: Entry<V>) {
    this.version = entry.version;
    this.asOf = entry.asOf;
    this.loadMs = entry.loadMs;
    this.softExpiry = entry.softExpiry;
    this.hardExpiry = entry.hardExpiry;
    this.json = jsonOf(entry);
  }

  get value(): V {
    return JSON.parse(this.json) as V;
  }
}

/** The entry in the least memory: its value as text, parsed whenever it is asked for. */
export const compact = <V>(entry: Entry<V>): Entry<V> =>
  entry.kind === "value" && !(entry instanceof TextEntry) ? new TextEntry(entry) : entry;
