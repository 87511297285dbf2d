import { type Identity, NOBODY } from "../../core/access/identity.ts";
import { TokenRejected } from "../../core/access/token-verifier.ts";
import type { Shop } from "../../core/shop.ts";
import { RequestError } from "./request-error.ts";

/** What of a request can prove an identity. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As a Lambda event has them; a server leaves them in the headers. */
  readonly cookies?: readonly string[] | undefined;
}

/** `__Host-`: browsers take it over TLS or from this machine only, and from no subdomain. */
export const CART_COOKIE = "__Host-cart";
export const CART_HEADER = "x-cart-token";

const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/** @param reason why the credentials that came prove nothing; without, there were none (RFC 6750, section 3) */
export const unauthenticated = (reason?: string): RequestError =>
  new RequestError("UNAUTHENTICATED", {
    ...(reason && { message: `The credentials are not valid: ${reason}` }),
    headers: {
      "www-authenticate": reason
        ? `Bearer realm="stampede", error="invalid_token", error_description="${reason}"`
        : 'Bearer realm="stampede"',
    },
  });

/**
 * Finds out on whose behalf a request is made. At once, unless its token has not been seen before.
 *
 * @throws RequestError 401 for credentials that prove nothing; none at all are fine
 */
export const openIdentify = ({ access, metrics }: Shop) => {
  const rejected = (reason: string): RequestError => {
    metrics.add("AuthenticationFailures", 1, reason);
    return unauthenticated(reason);
  };

  const ofToken = (authorization: string): Identity | Promise<Identity> => {
    const token = BEARER.exec(authorization)?.[1];
    if (!token) throw rejected("malformed");
    if (!access.tokens) throw rejected("no issuer");
    return (
      access.tokens.recall(token) ??
      access.tokens.verify(token).catch((error: unknown) => {
        throw error instanceof TokenRejected ? rejected(error.reason) : error;
      })
    );
  };

  return ({ headers, cookies }: Credentials): Identity | Promise<Identity> => {
    const { authorization, cookie } = headers;
    const apiKey = headers["x-api-key"];
    if (authorization !== undefined && apiKey !== undefined) throw rejected("two credentials");
    if (authorization !== undefined) return ofToken(authorization);
    if (apiKey !== undefined) {
      const machine = access.machineOf(apiKey);
      if (!machine) throw rejected("unknown key");
      return machine;
    }
    const cartToken = headers[CART_HEADER];
    if (cartToken !== undefined) {
      const guest = access.cartTokens?.read(cartToken);
      if (!guest) throw rejected("cart token");
      return guest;
    }
    // A browser keeps sending an old cookie whatever it is answered: it then is nobody's.
    const kept = cartCookie(cookies ?? cookie?.split(/;\s*/));
    return (kept && access.cartTokens?.read(kept)) || NOBODY;
  };
};

/** The value of the cart's cookie. */
export const cartCookie = (cookies: readonly string[] = []): string | undefined =>
  cookies.find((cookie) => cookie.startsWith(`${CART_COOKIE}=`))?.slice(CART_COOKIE.length + 1);
