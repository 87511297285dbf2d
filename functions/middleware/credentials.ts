import { type Identity, NOBODY } from "../../core/access/identity.ts";
import { KeysUnavailable } from "../../core/access/key-set.ts";
import { TokenRejected } from "../../core/access/token-verifier.ts";
import type { Shop } from "../../core/shop.ts";
import { cartTokenIn } from "./cart-cookie.ts";
import type { Addressed, RateLimits } from "./rate-limits.ts";
import { RequestError } from "./request-error.ts";

/** The part of a request that can prove an identity. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As a Lambda event has them; a server leaves them in the headers. */
  readonly cookies?: readonly string[] | undefined;
}

export const CART_HEADER = "x-cart-token";

const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/** @param reason why the credentials are invalid; left out where there were none (RFC 6750, section 3) */
export const unauthenticated = (reason?: string): RequestError =>
  new RequestError("UNAUTHENTICATED", {
    ...(reason && { message: `The credentials are not valid: ${reason}` }),
    headers: {
      "www-authenticate": reason
        ? `Bearer realm="stampede", error="invalid_token", error_description="${reason}"`
        : 'Bearer realm="stampede"',
    },
  });

/** Not the client's fault: its token may be as good as ever. */
const issuerUnavailable = ({ retryAfterSeconds }: KeysUnavailable): RequestError =>
  new RequestError("ISSUER_UNAVAILABLE", { retryAfterSeconds });

/**
 * Identifies who makes a request; synchronously, unless its token has to be verified first.
 *
 * @throws RequestError 401 for invalid credentials, 429 for too many of them, 503 while none can be verified.
 * A request without credentials is nobody's.
 */
export const openIdentify = ({ access, metrics }: Shop, limits: RateLimits | undefined) => {
  const reject = async (request: Addressed, reason: string): Promise<never> => {
    metrics.add("AuthenticationFailures", 1, reason);
    await limits?.noteFailure(request);
    throw unauthenticated(reason);
  };

  const ofToken = (request: Addressed, authorization: string): Identity | Promise<Identity> => {
    const token = BEARER.exec(authorization)?.[1];
    if (!token) return reject(request, "malformed");
    if (!access.tokens) return reject(request, "no issuer");
    const known = access.tokens.recall(token);
    if (known) return known;
    limits?.checkFailures(request); // Before the signature is checked, which costs more than the refusal.
    return access.tokens.verify(token).catch((error: unknown) => {
      if (error instanceof TokenRejected) return reject(request, error.reason);
      if (error instanceof KeysUnavailable) throw issuerUnavailable(error);
      throw error;
    });
  };

  return (request: Credentials & Addressed): Identity | Promise<Identity> => {
    const { headers, cookies } = request;
    const { authorization, cookie } = headers;
    const apiKey = headers["x-api-key"];
    if (authorization !== undefined && apiKey !== undefined) return reject(request, "two credentials");
    if (authorization !== undefined) return ofToken(request, authorization);
    if (apiKey !== undefined) return access.machineOf(apiKey) ?? reject(request, "unknown key");
    const cartToken = headers[CART_HEADER];
    if (cartToken !== undefined) {
      return access.cartTokens?.read(cartToken) ?? reject(request, "cart token");
    }
    // Browsers keep sending an expired cookie, whatever the answer: treat it as no credentials.
    const kept = cartTokenIn(cookies ?? cookie?.split(/;\s*/));
    return (kept && access.cartTokens?.read(kept)) || NOBODY;
  };
};
