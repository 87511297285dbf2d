import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** Age at which the keys are fetched again, in the background: it bounds how long a revoked key stays valid. */
const REFRESH_AFTER_MS = 5 * 60_000;
/** Least time between two fetches, so that tokens with made-up key ids do not flood the issuer. */
const COOLDOWN_MS = 30_000;
/** How long the last keys stay in use while the issuer is unavailable. */
const MAX_OUTAGE_MS = 24 * 3_600_000;
const FETCH_TIMEOUT_MS = 3_000;
const MAX_KEY_SET_BYTES = 256 * 1_024;

/** Thrown when the issuer's keys have never been fetched, or not for too long: no token can be verified. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
  /** Until the next attempt to fetch them. */
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super("The issuer's keys cannot be fetched");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The issuer's public keys. */
export interface KeySet {
  /** @throws KeysUnavailable, or jose's errors for a token that no key fits */
  readonly keyFor: JWTVerifyGetKey;
  /** Changes whenever the keys do: what was verified by earlier ones must be verified again. */
  readonly generation: () => number;
}

export interface KeySetOptions {
  /** A URL, or the key set itself. */
  readonly source: URL | JSONWebKeySet;
  readonly now: () => number;
  readonly warn: (message: string, facts: Record<string, unknown>) => void;
}

/** @throws Error for text that is no set of public keys */
export const parseKeySet = (text: string): JSONWebKeySet => {
  const parsed = JSON.parse(text) as JSONWebKeySet;
  createLocalJWKSet(parsed);
  const isPublic = parsed.keys.every((key) => key.kty !== "oct" && !("d" in key));
  if (parsed.keys.length === 0 || !isPublic) throw new Error("not a set of public keys");
  return parsed;
};

const fetchKeySet = async (url: URL): Promise<string> => {
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return textWithin(response, MAX_KEY_SET_BYTES);
};

/** Reads no further than the limit: an issuer gone wrong must not fill the memory. */
const textWithin = async ({ body }: Response, maxBytes: number): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error("larger than a key set can be");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};

/**
 * Keeps the issuer's keys: fetched when first needed, refreshed in the background, fetched at once for a key id that is
 * not among them (a rotation), and kept through an outage of the issuer.
 */
export const openKeySet = ({ source, now, warn }: KeySetOptions): KeySet => {
  if (!(source instanceof URL)) return { keyFor: createLocalJWKSet(source), generation: () => 0 };

  let keys: { readonly text: string; readonly find: JWTVerifyGetKey } | undefined;
  let generation = 0;
  let fetchedAt = 0;
  let triedAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;

  const fetchOnce = async (): Promise<void> => {
    triedAt = now();
    try {
      const text = await fetchKeySet(source);
      const find = createLocalJWKSet(parseKeySet(text));
      fetchedAt = now();
      if (keys?.text === text) return;
      keys = { text, find };
      generation += 1;
    } catch (error) {
      warn("the issuer's keys could not be fetched", { reason: (error as Error).message });
    }
  };

  /** Milliseconds since a time; any time is long ago when the clock was set back. */
  const since = (time: number): number => (now() < time ? Number.POSITIVE_INFINITY : now() - time);

  /** At most once a cooldown, and once at a time. */
  const refresh = (): Promise<void> => {
    if (!fetching && since(triedAt) < COOLDOWN_MS) return Promise.resolve();
    fetching ??= fetchOnce().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };

  /** Starts a refresh of old keys, and drops those of an issuer away for too long. @returns whether any are left */
  const keepFresh = (): boolean => {
    const age = now() - fetchedAt;
    if (keys && since(fetchedAt) > REFRESH_AFTER_MS) void refresh();
    if (keys && age > MAX_OUTAGE_MS) {
      keys = undefined;
      generation += 1;
    }
    return keys !== undefined;
  };

  const secondsToRetry = (): number => Math.ceil(Math.max(1, COOLDOWN_MS - since(triedAt)) / 1_000);

  return {
    keyFor: async (header, token) => {
      if (!keepFresh()) await refresh();
      if (!keys) throw new KeysUnavailable(secondsToRetry());
      try {
        return await keys.find(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await refresh();
        return keys.find(header, token);
      }
    },
    generation: () => {
      keepFresh();
      return generation;
    },
  };
};
