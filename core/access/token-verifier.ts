import { errors, type JWTPayload, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import { userIdSchema } from "../cart/user-id.ts";
import { GUEST_PREFIX, type Identity } from "./identity.ts";
import { type KeySet, KeysUnavailable } from "./key-set.ts";

/** Asymmetric ones only: with HS256 in the list, the issuer's public key would sign tokens. */
const ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"];

/** Seconds by which clocks may differ. */
const CLOCK_SKEW = 30;

/** Characters; an access token has one to two thousand. */
export const MAX_TOKEN_LENGTH = 8_192;

const CACHED_TOKENS = 10_000;
const CACHED_CHARS = 16 * 1_024 * 1_024;

/** Thrown for an invalid token. The reason goes into metrics and answers, and reveals nothing of the token. */
export class TokenRejected extends Error {
  override readonly name = "TokenRejected";
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

export interface TokenVerifier {
  /** The identity of a token that was verified before and is still valid. */
  readonly recall: (token: string) => Identity | undefined;
  /** @throws TokenRejected, or KeysUnavailable while no token can be verified */
  readonly verify: (token: string) => Promise<Identity>;
}

export interface TokenVerifierOptions {
  readonly keys: KeySet;
  readonly issuer: string;
  readonly audience: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

interface Verified {
  readonly identity: Identity;
  readonly generation: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Verifies the identity provider's tokens. A verified token is cached until it expires or the keys change. */
export const openTokenVerifier = ({ keys, issuer, audience, now }: TokenVerifierOptions): TokenVerifier => {
  const known = new LRUCache<string, Verified>({
    max: CACHED_TOKENS,
    maxSize: CACHED_CHARS,
    sizeCalculation: (_, token) => token.length,
  });

  const recall = (token: string): Identity | undefined => {
    const found = known.get(token);
    if (!found) return undefined;
    if (found.expiresAt > now() && found.generation === keys.generation()) return found.identity;
    known.delete(token);
    return undefined;
  };

  const verify = async (token: string): Promise<Identity> => {
    if (token.length > MAX_TOKEN_LENGTH) throw new TokenRejected("too long");
    const { payload, generation } = await verified(token);
    const identity = identityOf(payload);
    const expiresAt = ((payload.exp ?? 0) + CLOCK_SKEW) * 1_000;
    known.set(token, { identity, generation, expiresAt });
    return identity;
  };

  const verified = async (token: string): Promise<{ payload: JWTPayload; generation: number }> => {
    let generation = keys.generation();
    try {
      const { payload } = await jwtVerify(
        token,
        async (header, jws) => {
          const key = await keys.keyFor(header, jws);
          generation = keys.generation();
          return key;
        },
        {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          clockTolerance: CLOCK_SKEW,
          requiredClaims: ["sub", "exp"],
          currentDate: new Date(now()),
        },
      );
      return { payload, generation };
    } catch (error) {
      throw error instanceof KeysUnavailable ? error : new TokenRejected(reasonOf(error));
    }
  };

  return { recall, verify };
};

const reasonOf = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `claim ${error.claim}`;
  if (error instanceof errors.JOSEAlgNotAllowed) return "algorithm";
  if (error instanceof errors.JWKSNoMatchingKey) return "unknown key";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  return "malformed";
};

const identityOf = (payload: JWTPayload): Identity => {
  const subject = userIdSchema.safeParse(payload.sub);
  if (!subject.success || subject.data.startsWith(GUEST_PREFIX)) throw new TokenRejected("subject");
  const isAdmin = [payload.scope, payload.scp, payload.roles].some((claim) =>
    listOf(claim).includes("admin"),
  );
  return { kind: "user", subject: subject.data, isAdmin, isUnlimited: false };
};

/** Providers write scopes as a list or as words with spaces in between. */
const listOf = (claim: unknown): unknown[] => {
  if (typeof claim === "string") return claim.split(" ");
  return Array.isArray(claim) ? claim : [];
};
