import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { GUEST_PREFIX, type Identity } from "./identity.ts";

const ID_BYTES = 16;
const SHAPE = /^(guest-[A-Za-z0-9_-]{22})\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{43})$/;

/** A guest's proof of one cart. */
export interface CartToken {
  readonly userId: string;
  readonly token: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export interface CartTokens {
  /** A new guest's token. */
  readonly issue: () => CartToken;
  /** The guest that a token proves; undefined for a forged or expired one. */
  readonly read: (token: string) => Identity | undefined;
}

/**
 * Tokens `guest-ID.EXPIRY.SIGNATURE`: each gives its bearer one cart.
 *
 * @param secrets the first one signs, each verifies: to rotate, put a new one in front
 * @param lifetime seconds
 */
export const openCartTokens = (
  secrets: readonly string[],
  lifetime: number,
  now: () => number,
): CartTokens => {
  const sign = (text: string, secret: string): Buffer =>
    createHmac("sha256", secret).update("cart-token:").update(text).digest();

  return {
    issue: () => {
      const userId = `${GUEST_PREFIX}${randomBytes(ID_BYTES).toString("base64url")}`;
      const expiresAt = Math.floor(now() / 1_000) + lifetime;
      const text = `${userId}.${expiresAt.toString(36)}`;
      return { userId, expiresAt, token: `${text}.${sign(text, secrets[0] ?? "").toString("base64url")}` };
    },
    read: (token) => {
      const [, userId, expiry, signature] = SHAPE.exec(token) ?? [];
      if (!userId || !expiry || !signature) return undefined;
      const given = Buffer.from(signature, "base64url");
      const isSigned = secrets.some((secret) => timingSafeEqual(given, sign(`${userId}.${expiry}`, secret)));
      if (!isSigned || Number.parseInt(expiry, 36) * 1_000 <= now()) return undefined;
      return { kind: "guest", subject: userId, isAdmin: false, isUnlimited: false };
    },
  };
};
