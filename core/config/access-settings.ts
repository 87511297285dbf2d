import type { JSONWebKeySet } from "jose";
import { parseApiKeys } from "../access/api-keys.ts";
import { parseKeySet } from "../access/key-set.ts";
import type { EnvironmentReader } from "./environment-reader.ts";
import { isLambda } from "./runtime.ts";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

const MIN_SECRET_LENGTH = 32;

/** The stage that strangers use; every other one is its developer's own. */
const SHARED_STAGE = "production";

/** The name of the launcher's own issuer. */
export const LOCAL_ISSUER = "stampede-local";
const AUDIENCE = "stampede";

export type AccessSettings = ReturnType<typeof accessSettings>;

/** Access rights, and the proofs of identity that they need. */
export const accessSettings = (reader: EnvironmentReader, host: string) => {
  const isLocal = isLoopback(host) && !isLambda();
  const mode = reader.oneOf("AUTH", isLocal ? "open" : "jwt", ["open", "jwt"]);
  const isShared = reader.linked("App", "stage") === SHARED_STAGE;
  if (mode === "open" && (!isLocal || isShared)) {
    reader.refuse("AUTH", "jwt beyond loopback and in a shared stage: open leaves every route to everybody");
  }
  return {
    mode,
    issuer: reader.text("AUTH_ISSUER", LOCAL_ISSUER),
    audience: reader.text("AUTH_AUDIENCE", AUDIENCE),
    /** Absent: no token is accepted, only API keys and guests' cart tokens. */
    keySet: keySetSource(reader),
    apiKeys:
      reader.linkedOr(
        "Access",
        "apiKeys",
        "AUTH_API_KEYS",
        parseApiKeys,
        "name:scopes:SHA-256 in hexadecimal digits, two a name",
      ) ?? [],
    /** Sign guests' carts, in every process alike. None: there are no guests, but where everything is open. */
    cartSecrets:
      reader.linkedOr(
        "Access",
        "cartSecret",
        "AUTH_CART_SECRET",
        parseSecrets,
        `at least ${MIN_SECRET_LENGTH} characters`,
      ) ?? [],
    cartTokenSeconds: 7 * 24 * 60 * 60,
  };
};

/** @throws Error for a secret that can be guessed */
const parseSecrets = (text: string): string[] => {
  const secrets = text.split(",").map((secret) => secret.trim());
  if (secrets.some((secret) => secret.length < MIN_SECRET_LENGTH)) throw new Error("too short");
  return secrets;
};

/**
 * Plain HTTP only on this machine: what goes to another one can be read and changed on its way.
 *
 * @throws TypeError, Error
 */
export const safeUrl = (text: string): URL => {
  const url = new URL(text);
  const { protocol, hostname } = url;
  if (protocol === "https:" || (protocol === "http:" && isLoopback(hostname))) return url;
  throw new Error("unsafe");
};

const keySetSource = (reader: EnvironmentReader): URL | JSONWebKeySet | undefined =>
  reader.parsed(
    "AUTH_JWKS",
    (text) => (text.trimStart().startsWith("{") ? parseKeySet(text) : safeUrl(text)),
    "an https URL, or a JSON Web Key Set of public keys",
  );
