import { isIP } from "node:net";
import { isLoopback } from "../../core/config/access-settings.ts";
import { RequestError } from "../middleware/request-error.ts";

/** As far as it matters here. */
interface Settings {
  /** The address that the server listens on. */
  readonly host: string;
  /** Names beside this machine's own, for a proxy or a tunnel on it. */
  readonly allowedHosts: readonly string[];
  /** The origin that may call from its pages, `*` for all, or none. */
  readonly corsOrigin: string | undefined;
}

type Headers = Readonly<Record<string, string | undefined>>;

const MISDIRECTED = new RequestError("MISDIRECTED_REQUEST");
const CROSS_SITE = new RequestError("CROSS_SITE_REQUEST");

/** Methods that a page may use without asking first, and that change nothing here. */
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const hostnameOf = (host: string): string =>
  host
    .replace(/:\d*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();

/**
 * Whether a name can be a page's that has turned its DNS entry to this machine. An address, a name without a dot and
 * `*.localhost` belong to no stranger.
 */
const isForeign = (hostname: string, allowed: readonly string[]): boolean =>
  hostname.includes(".") &&
  isIP(hostname) === 0 &&
  !hostname.endsWith(".localhost") &&
  !allowed.includes(hostname);

/**
 * Keeps the pages of other sites from using the shop through their visitors' browsers: they write nothing, and a shop
 * on loopback answers to its own names alone.
 */
export const openBrowserGuard = ({ host, allowedHosts, corsOrigin }: Settings) => {
  const checksHost = isLoopback(host);
  let lastGood = "";

  const isMisdirected = (named: string | undefined): boolean => {
    if (named === undefined || named === lastGood) return false;
    if (isForeign(hostnameOf(named), allowedHosts)) return true;
    lastGood = named;
    return false;
  };

  /** Browsers say where a request comes from; other clients do not, and are no danger to their users. */
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
