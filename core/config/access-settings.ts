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
    apiKeys: given(
      reader,
      "AUTH_API_KEYS",
      "apiKeys",
      parseApiKeys,
      "name:scopes:SHA-256 in hexadecimal digits, two a name",
    ),
    /** Sign guests' carts, in every process alike. None: there are no guests, but where everything is open. */
    cartSecrets: given(
      reader,
      "AUTH_CART_SECRET",
      "cartSecret",
      parseSecrets,
      `at least ${MIN_SECRET_LENGTH} characters`,
    ),
    cartTokenSeconds: 7 * 24 * 60 * 60,
  };
};

/** @throws Error for a secret that can be guessed */
const parseSecrets = (text: string): string[] => {
  const secrets = text.split(",").map((secret) => secret.trim());
  if (secrets.some((secret) => secret.length < MIN_SECRET_LENGTH)) throw new Error("too short");
  return secrets;
};

/** A linked value, else that of a variable; nothing where neither is set. */
const given = <T>(
  reader: EnvironmentReader,
  name: string,
  property: string,
  parse: (text: string) => T[],
  expected: string,
): T[] => {
  const linked = reader.linked("Access", property, { mayBeEmpty: true });
  return reader.parsed(name, parse, expected, linked || undefined) ?? [];
};

/** Plain HTTP only on this machine: what goes to another one can be read and changed on its way. */
export const isSafeUrl = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && isLoopback(hostname));

const keySetSource = (reader: EnvironmentReader): URL | JSONWebKeySet | undefined =>
  reader.parsed(
    "AUTH_JWKS",
    (text) => {
      if (text.trimStart().startsWith("{")) return parseKeySet(text);
      const url = new URL(text);
      if (!isSafeUrl(url)) throw new Error("unsafe");
      return url;
    },
    "an https URL, or a JSON Web Key Set of public keys",
  );
