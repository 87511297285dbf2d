/** `__Host-`: browsers take it over TLS or from this machine only, and from no subdomain. */
export const CART_COOKIE = "__Host-cart";

/** @param maxAge seconds; 0 has browsers forget it */
export const cartCookie = (token: string, maxAge: number): string =>
  `${CART_COOKIE}=${token}; Path=/; Max-Age=${maxAge}; Secure; HttpOnly; SameSite=Lax`;

/** The token in a request's cookies. */
export const cartTokenIn = (cookies: readonly string[] = []): string | undefined =>
  cookies.find((cookie) => cookie.startsWith(`${CART_COOKIE}=`))?.slice(CART_COOKIE.length + 1);
