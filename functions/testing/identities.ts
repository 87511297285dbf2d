import { createHash } from "node:crypto";
import { AUDIENCE, ISSUER, openTokenIssuer } from "../../core/testing/token-issuer.ts";

export const API_KEYS = { plain: "plain-key", admin: "admin-key", lab: "lab-key" } as const;

const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

export const issuer = await openTokenIssuer();

/** Closes the test file's shop to all that have no credentials. To be called before it opens. */
export const requireCredentials = (): void => {
  process.env.AUTH = "jwt";
  process.env.AUTH_ISSUER = ISSUER;
  process.env.AUTH_AUDIENCE = AUDIENCE;
  process.env.AUTH_JWKS ??= JSON.stringify(issuer.keySet);
  process.env.AUTH_CART_SECRET = "test-secret-".repeat(4);
  process.env.AUTH_API_KEYS = [
    `plain::${hashOf(API_KEYS.plain)}`,
    `admin:admin:${hashOf(API_KEYS.admin)}`,
    `lab:unlimited:${hashOf(API_KEYS.lab)}`,
  ].join(",");
};

export const bearer = async (...claims: Parameters<typeof issuer.sign>) => ({
  authorization: `Bearer ${await issuer.sign(...claims)}`,
});
