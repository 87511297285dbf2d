import { createHash, randomBytes } from "node:crypto";
import { openCartTokens } from "../../core/access/cart-tokens.ts";
import { AUDIENCE, ISSUER, openTokenIssuer } from "../../core/testing/token-issuer.ts";

/** A client of a shop, with its credentials. */
export interface Caller {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The user whose cart and orders it owns: new for each run, so that no other data has the id in it. */
  readonly userId?: string;
  readonly isAdmin: boolean;
}

/** The only client of a shop with `AUTH=open`. */
export const EVERYBODY: Caller = { name: "everybody", headers: {}, isAdmin: true };

/** One client for each role, and the settings of a shop that knows them. */
export interface Callers {
  readonly environment: Readonly<Record<string, string>>;
  readonly all: readonly Caller[];
  readonly admin: Caller;
  /** The `Authorization` header of any user. */
  readonly tokenOf: (userId: string) => Promise<string>;
  /** Must never appear in anything that the shop prints. */
  readonly secrets: readonly string[];
}

const DAY_SECONDS = 86_400;

/** Limits are on, so that every answer has their headers, and too high to refuse anybody. */
const HIGHEST_LIMIT = "10000000";
const LIMITS = {
  RATE_LIMITS: "on",
  RATE_LIMIT_PER_MINUTE: HIGHEST_LIMIT,
  RATE_LIMIT_SEARCH_PER_MINUTE: HIGHEST_LIMIT,
  RATE_LIMIT_CHECKOUT_PER_MINUTE: HIGHEST_LIMIT,
  RATE_LIMIT_FAILURES_PER_MINUTE: HIGHEST_LIMIT,
};

const random = (): string => randomBytes(24).toString("hex");
const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

export const openCallers = async (): Promise<Callers> => {
  const issuer = await openTokenIssuer();
  const [run, cartSecret, key, adminKey] = [random().slice(0, 8), random(), random(), random()];
  const guest = openCartTokens([cartSecret], DAY_SECONDS, Date.now).issue();
  const exp = Math.floor(Date.now() / 1_000) + DAY_SECONDS;
  const tokenOf = async (userId: string, claims: Record<string, string> = {}): Promise<string> =>
    `Bearer ${await issuer.sign({ sub: userId, exp, ...claims })}`;
  const ofUser = async (name: string, claims: Record<string, string> = {}): Promise<Caller> => {
    const userId = `${name}-${run}`;
    const authorization = await tokenOf(userId, claims);
    return { name, headers: { authorization }, userId, isAdmin: claims.scope === "admin" };
  };
  const admin = await ofUser("admin", { scope: "admin" });
  const all: Caller[] = [
    { name: "nobody", headers: {}, isAdmin: false },
    { name: "guest", headers: { "x-cart-token": guest.token }, userId: guest.userId, isAdmin: false },
    await ofUser("user"),
    await ofUser("stranger"),
    admin,
    { name: "machine", headers: { "x-api-key": key }, isAdmin: false },
    { name: "admin-machine", headers: { "x-api-key": adminKey }, isAdmin: true },
  ];
  return {
    environment: {
      AUTH: "jwt",
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_JWKS: JSON.stringify(issuer.keySet),
      AUTH_CART_SECRET: cartSecret,
      AUTH_API_KEYS: `machine::${hashOf(key)},admin:admin:${hashOf(adminKey)}`,
      ...LIMITS,
    },
    all,
    admin,
    tokenOf,
    secrets: [
      ...all.flatMap(({ headers }) => Object.values(headers).map((value) => value.replace("Bearer ", ""))),
      cartSecret,
      hashOf(key),
      hashOf(adminKey),
    ],
  };
};
