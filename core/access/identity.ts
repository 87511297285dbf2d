/** The least that a request's identity must be, by route. */
export type Role =
  /** Everybody, known or not. */
  | "anyone"
  /** A service of others, whose signature the route's handler checks. */
  | "signed"
  /** The one whose cart or order it is. */
  | "owner"
  | "admin";

/** On whose behalf a request is made, as its credentials prove it. */
export interface Identity {
  readonly kind: "nobody" | "guest" | "user" | "machine";
  /** The user's id, the guest's, or the name of the machine's key; empty for nobody. */
  readonly subject: string;
  readonly isAdmin: boolean;
  /** Not bound by rate limits. */
  readonly isUnlimited: boolean;
}

export const NOBODY: Identity = { kind: "nobody", subject: "", isAdmin: false, isUnlimited: false };

/** User ids of guests. No token of the identity provider may claim one. */
export const GUEST_PREFIX = "guest-";

/** The user id whose carts and orders an identity may reach; undefined where it owns none. */
const ownerOf = ({ kind, subject }: Identity): string | undefined =>
  kind === "user" || kind === "guest" ? subject : undefined;

export const owns = (identity: Identity, userId: string): boolean =>
  identity.isAdmin || ownerOf(identity) === userId;

/** Why an identity is not enough for a role; undefined where it is. Ownership is another question: {@link owns}. */
export const shortfall = (identity: Identity, role: Role): "UNAUTHENTICATED" | "FORBIDDEN" | undefined => {
  if (role === "anyone" || role === "signed" || identity.isAdmin) return undefined;
  if (identity.kind === "nobody") return "UNAUTHENTICATED";
  return role === "admin" ? "FORBIDDEN" : undefined;
};
