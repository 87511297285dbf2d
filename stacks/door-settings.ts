import { isIPv4 } from "node:net";
import type { SettingsReader } from "./settings-reader.ts";
import type { StageKind } from "./stage-name.ts";

/** A domain, with the Route 53 zone that its records go to. */
export interface Domain {
  readonly name: string;
  readonly zone: string;
}

/** The issuer of users' tokens. */
export interface Identity {
  readonly issuer: string;
  readonly audience: string;
  /** URL of its public keys. */
  readonly keySet: string;
}

const DOMAIN = /^(none|(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})$/;
const ZONE = /^Z[A-Z0-9]{4,31}$/;
export const EVERYBODY = "0.0.0.0/0";

/** Whether a text is a network of IPv4 in CIDR's notation. */
const isNetwork = (text: string): boolean => {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d|[12]\d|3[0-2])$/.exec(text) ?? [];
  return isIPv4(address) && bits !== "";
};

export const readDomain = (reader: SettingsReader): Domain | undefined => {
  const name = reader.matching(
    "STAMPEDE_DOMAIN",
    DOMAIN,
    "a domain name such as shop.example.com, or none to do without",
  );
  const zone = reader.matching(
    "STAMPEDE_HOSTED_ZONE",
    ZONE,
    "the id of a Route 53 hosted zone, such as Z0123456789ABC",
  );
  const domain = name === "none" ? undefined : name;
  if (domain && !zone) {
    reader.report(
      "STAMPEDE_DOMAIN is set without STAMPEDE_HOSTED_ZONE: the id of the Route 53 zone is needed for its records " +
        "and its certificate",
    );
  }
  if (zone && !domain) reader.report("STAMPEDE_HOSTED_ZONE is set without STAMPEDE_DOMAIN");
  return domain && zone ? { name: domain, zone } : undefined;
};

/** Networks that may reach the load balancer. */
export const readAllowFrom = (reader: SettingsReader, api: "container" | "functions"): readonly string[] => {
  const given = reader.value("STAMPEDE_ALLOW_FROM");
  const networks = given?.split(",").map((network) => network.trim()) ?? [EVERYBODY];
  for (const network of networks) {
    if (isNetwork(network)) continue;
    reader.report(`STAMPEDE_ALLOW_FROM must be networks such as 203.0.113.7/32, not "${network}"`);
  }
  if (api === "functions" && given) {
    reader.report("STAMPEDE_ALLOW_FROM needs STAMPEDE_API=container: an HTTP API has no security group");
  }
  return networks;
};

export const readIdentity = (reader: SettingsReader): Identity | undefined => {
  const issuer = reader.value("STAMPEDE_AUTH_ISSUER");
  const audience = reader.value("STAMPEDE_AUTH_AUDIENCE");
  const keySet = reader.httpsUrl("STAMPEDE_AUTH_JWKS");
  reader.together(["STAMPEDE_AUTH_ISSUER", "STAMPEDE_AUTH_AUDIENCE", "STAMPEDE_AUTH_JWKS"]);
  return issuer && audience && keySet ? { issuer, audience, keySet } : undefined;
};

/** The canary comes from addresses of AWS that nobody knows beforehand, so it only fits where everybody may come. */
export const readCanary = (
  reader: SettingsReader,
  kind: StageKind,
  allowFrom: readonly string[],
): boolean => {
  const isReachable = allowFrom.includes(EVERYBODY);
  const isOn = reader.isOn("STAMPEDE_CANARY", kind === "production" && isReachable);
  if (isOn && !isReachable) {
    reader.report(
      "STAMPEDE_CANARY=on can't reach a shop that STAMPEDE_ALLOW_FROM closes to all but some networks",
    );
  }
  return isOn;
};

/** Ids of products are 32-bit integers. */
const MOST_PRODUCT = 2_147_483_647;

export const readCanaryProduct = (reader: SettingsReader, isOn: boolean): number | undefined => {
  const product = reader.wholeNumber("STAMPEDE_CANARY_PRODUCT", { min: 1, max: MOST_PRODUCT });
  if (product && !isOn) reader.report("STAMPEDE_CANARY_PRODUCT needs STAMPEDE_CANARY=on");
  return product;
};
