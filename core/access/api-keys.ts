import { createHash, timingSafeEqual } from "node:crypto";
import type { Identity } from "./identity.ts";

export const KEY_SCOPES = ["admin", "unlimited"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** A machine's key, by its hash alone. A name may have two: the new one and the one that it replaces. */
export interface ApiKey {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  /** SHA-256: keys are random, so there is nothing to guess that a slow hash would protect. */
  readonly hash: Buffer;
}

const MAX_KEYS_A_NAME = 2;
const ENTRY = /^([a-z][a-z0-9-]{0,31}):([a-z+]*):([0-9a-f]{64})$/;

/**
 * Reads `name:scopes:hash, …`, such as `lab:admin+unlimited:9f86d0…`, `feed::60303a…` for one without scopes.
 *
 * @throws Error for anything else, without naming what was found
 */
export const parseApiKeys = (text: string): ApiKey[] => {
  const keys = text.split(",").map((entry): ApiKey => {
    const [, name, scopes = "", hash = ""] = ENTRY.exec(entry.trim()) ?? [];
    const given = scopes.split("+").filter(Boolean);
    const known = KEY_SCOPES.filter((scope) => given.includes(scope));
    if (!name || known.length !== given.length) throw new Error("malformed");
    return { name, scopes: known, hash: Buffer.from(hash, "hex") };
  });
  const ofName = Map.groupBy(keys, ({ name }) => name);
  if ([...ofName.values()].some((group) => group.length > MAX_KEYS_A_NAME)) throw new Error("too many");
  return keys;
};

/** @returns the identity that a key proves, found in the same time whichever key it is */
export const openApiKeys = (keys: readonly ApiKey[]) => {
  const identities = keys.map(
    ({ name, scopes }): Identity => ({
      kind: "machine",
      subject: name,
      isAdmin: scopes.includes("admin"),
      isUnlimited: scopes.includes("unlimited"),
    }),
  );
  return (given: string): Identity | undefined => {
    const hash = createHash("sha256").update(given).digest();
    let found: Identity | undefined;
    for (const [at, key] of keys.entries()) if (timingSafeEqual(hash, key.hash)) found = identities[at];
    return found;
  };
};
