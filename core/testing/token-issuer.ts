import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

export const ISSUER = "https://login.shop.example/";
export const AUDIENCE = "stampede-test";

/** An identity provider, as far as tokens go. */
export interface TokenIssuer {
  readonly keySet: { readonly keys: JWK[] };
  /** @param claims in place of the usual ones; undefined leaves one out */
  readonly sign: (claims?: JWTPayload, header?: Record<string, unknown>) => Promise<string>;
}

let count = 0;

/** @param kid the key's id; one of its own when left out */
export const openTokenIssuer = async (kid = `key-${++count}`, alg = "ES256"): Promise<TokenIssuer> => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    keySet: { keys: [{ ...(await exportJWK(publicKey)), kid, alg, use: "sig" }] },
    sign: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      const usual = { sub: "alice", iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 600 };
      const payload = JSON.parse(JSON.stringify({ ...usual, ...claims }));
      return new SignJWT(payload).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
    },
  };
};
