import type { Role } from "../../core/access/identity.ts";
import { CART_COOKIE } from "../middleware/cart-cookie.ts";

/** Proofs of an identity, where the shop is not open to everybody (`AUTH=jwt`). */
export const SECURITY_SCHEMES = {
  user: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A token of the identity provider: `sub` is the user, the scope `admin` an administrator",
  },
  machine: { type: "apiKey", in: "header", name: "X-API-Key", description: "A machine's key" },
  guest: {
    type: "apiKey",
    in: "header",
    name: "X-Cart-Token",
    description: "A guest's token for one cart, from `POST /guests`",
  },
  stripe: {
    type: "apiKey",
    in: "header",
    name: "Stripe-Signature",
    description: "Stripe's signature of the body and the time",
  },
  guestCookie: { type: "apiKey", in: "cookie", name: CART_COOKIE, description: "The same as a cookie" },
} as const;

type Requirement = Readonly<Partial<Record<keyof typeof SECURITY_SCHEMES, readonly string[]>>>;

/** Each of them is enough. */
export const SECURITY: Readonly<Record<Role, readonly Requirement[]>> = {
  anyone: [],
  signed: [{ stripe: [] }],
  owner: [{ user: [] }, { guest: [] }, { guestCookie: [] }, { machine: ["admin"] }],
  admin: [{ user: ["admin"] }, { machine: ["admin"] }],
};
