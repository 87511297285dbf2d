import { isIP } from "node:net";
import { isLoopback } from "../../core/config/access-settings.ts";
import { RequestError } from "../middleware/request-error.ts";

interface Settings {
  /** The address that a server listens on; none on Lambda. */
  readonly host: string | undefined;
  /** Names in addition to this machine's own, for a proxy or a tunnel on it. */
  readonly allowedHosts: readonly string[];
  /** The origin whose pages may call the API; `*` is all of them. */
  readonly corsOrigin: string | undefined;
}

type Headers = Readonly<Record<string, string | undefined>>;

const MISDIRECTED = new RequestError("MISDIRECTED_REQUEST");
const CROSS_SITE = new RequestError("CROSS_SITE_REQUEST");

/** Methods that change nothing. */
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const hostnameOf = (host: string): string =>
  host
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();

/**
 * Whether a page's owner could have pointed a name at this machine (DNS rebinding). Nobody else controls addresses,
 * names without a dot and `*.localhost`.
 */
const isForeign = (hostname: string, allowed: readonly string[]): boolean =>
  hostname.includes(".") &&
  isIP(hostname) === 0 &&
  !hostname.endsWith(".localhost") &&
  !allowed.includes(hostname);

/**
 * Keeps pages of other sites from using the shop through their visitors' browsers: it refuses their writes, and on
 * loopback every request to another name than the shop's own.
 */
export const openBrowserGuard = ({ host, allowedHosts, corsOrigin }: Settings) => {
  const checksHost = host !== undefined && isLoopback(host);
  let lastGood = "";

  const isMisdirected = (named: string | undefined): boolean => {
    if (named === undefined || named === lastGood) return false;
    if (isForeign(hostnameOf(named), allowedHosts)) return true;
    lastGood = named;
    return false;
  };

  /** Browsers send where a request comes from. Other clients do not, and visit no strangers' pages. */
  const isCrossSite = (headers: Headers): boolean => {
    const { origin } = headers;
    if (corsOrigin !== undefined && (corsOrigin === "*" || origin === corsOrigin)) return false;
    const site = headers["sec-fetch-site"];
    if (site !== undefined) return site !== "same-origin" && site !== "none";
    return origin !== undefined && origin.slice(origin.indexOf("://") + 3) !== headers.host;
  };

  /** @returns why a request is refused, if it is */
  return (method: string, headers: Headers): RequestError | undefined => {
    if (checksHost && isMisdirected(headers.host)) return MISDIRECTED;
    return SAFE.has(method) || !isCrossSite(headers) ? undefined : CROSS_SITE;
  };
};
