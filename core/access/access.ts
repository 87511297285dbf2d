import { randomBytes } from "node:crypto";
import type { Logger } from "@aws-lambda-powertools/logger";
import type { AccessSettings } from "../config/access-settings.ts";
import { openApiKeys } from "./api-keys.ts";
import { type CartTokens, openCartTokens } from "./cart-tokens.ts";
import type { Identity } from "./identity.ts";
import { openKeySet } from "./key-set.ts";
import { openTokenVerifier, type TokenVerifier } from "./token-verifier.ts";

/** The proofs of identity that the shop accepts. */
export interface Access {
  /** Whether every route is open to everybody. */
  readonly isOpen: boolean;
  /** Absent where no identity provider is configured: then no token proves anything. */
  readonly tokens: TokenVerifier | undefined;
  readonly machineOf: (key: string) => Identity | undefined;
  /** Absent where no secret is configured to sign them with: then there are no guests. */
  readonly cartTokens: CartTokens | undefined;
}

export const openAccess = (settings: AccessSettings, log: Logger, now: () => number): Access => {
  const { mode, keySet, issuer, audience, apiKeys, cartSecrets, cartTokenSeconds } = settings;
  const warn = (message: string, facts: Record<string, unknown>): void => log.warn(message, facts);
  // An open shop serves its developer alone: guests need not outlive the process.
  const secrets =
    mode === "open" && cartSecrets.length === 0 ? [randomBytes(32).toString("hex")] : cartSecrets;
  return {
    isOpen: mode === "open",
    tokens:
      keySet && openTokenVerifier({ keys: openKeySet({ source: keySet, now, warn }), issuer, audience, now }),
    machineOf: openApiKeys(apiKeys),
    cartTokens: secrets.length > 0 ? openCartTokens(secrets, cartTokenSeconds, now) : undefined,
  };
};
