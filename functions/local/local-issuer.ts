import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { z } from "zod";
import { StartError } from "./start-error.ts";

const ALGORITHM = "ES256";
const KEY_FILE = "issuer.json";

const keySchema = z.looseObject({ kty: z.literal("EC"), kid: z.string(), d: z.string() });
const fileSchema = z.object({ key: keySchema, cartSecret: z.string().min(32) });

interface LocalIssuer {
  /** For `AUTH_JWKS`. */
  readonly keySet: string;
  /** For `AUTH_CART_SECRET`. */
  readonly cartSecret: string;
  readonly tokenFor: (claims: TokenClaims) => Promise<string>;
}

export interface TokenClaims {
  readonly user: string;
  readonly isAdmin: boolean;
  readonly issuer: string;
  readonly audience: string;
  readonly ttlSeconds: number;
}

/**
 * The identity provider of a shop on this machine: a key in its data directory, made when first asked for, with which
 * `npm run token` signs.
 *
 * @throws StartError when the file is there but cannot be read
 */
export const openLocalIssuer = async (dir: string): Promise<LocalIssuer> => {
  await mkdir(dir, { recursive: true });
  const file = join(dir, KEY_FILE);
  await writeOnce(file, await newContent());
  const { key, cartSecret } = parsed(await readFile(file, "utf8"), file);
  const { d: _, ...publicKey } = key;
  return {
    keySet: JSON.stringify({ keys: [publicKey] }),
    cartSecret,
    tokenFor: async ({ user, isAdmin, issuer, audience, ttlSeconds }) =>
      new SignJWT(isAdmin ? { scope: "admin" } : {})
        .setProtectedHeader({ alg: ALGORITHM, kid: key.kid })
        .setSubject(user)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1_000) + ttlSeconds)
        .sign(await importJWK(key as JWK, ALGORITHM)),
  };
};

const newContent = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return JSON.stringify({
    key: { ...jwk, kid, alg: ALGORITHM, use: "sig" },
    cartSecret: randomBytes(32).toString("hex"),
  });
};

/** Of processes that start at the same time, the first one's file stays, and none sees it half written. */
const writeOnce = async (file: string, content: string): Promise<void> => {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600, flag: "wx" });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await unlink(draft);
  }
};

const parsed = (text: string, file: string): z.infer<typeof fileSchema> => {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw new StartError(`${file} is damaged: delete it, and the shop makes another, which ends all tokens`);
  }
};
