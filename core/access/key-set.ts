import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** From then on the keys are fetched again, in the background: how long a revoked key stays valid at the most. */
const REFRESH_AFTER_MS = 5 * 60_000;
/** Between attempts to fetch, whatever asks for them: unknown key ids cost the issuer nothing more. */
const COOLDOWN_MS = 30_000;
/** How long the last keys outlive an issuer that is away. */
const MAX_OUTAGE_MS = 24 * 3_600_000;
const FETCH_TIMEOUT_MS = 3_000;
const MAX_KEY_SET_CHARS = 256 * 1_024;

/** Thrown when the issuer's keys have never been fetched, or not for too long. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
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
  const text = await response.text();
  if (text.length > MAX_KEY_SET_CHARS) throw new Error("larger than a key set can be");
  return text;
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

  /** At most once a cooldown, and once at a time. */
  const refresh = (): Promise<void> => {
    if (!fetching && now() - triedAt < COOLDOWN_MS) return Promise.resolve();
    fetching ??= fetchOnce().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };

  /** Sees to it that the keys do not grow old. @returns whether there are any to use */
  const keepFresh = (): boolean => {
    const age = now() - fetchedAt;
    if (keys && age > REFRESH_AFTER_MS) void refresh();
    if (keys && age > MAX_OUTAGE_MS) {
      keys = undefined;
      generation += 1;
    }
    return keys !== undefined;
  };

  return {
    keyFor: async (header, token) => {
      if (!keepFresh()) await refresh();
      if (!keys) throw new KeysUnavailable();
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
