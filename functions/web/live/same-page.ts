const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Whether a request comes from a page of this process on this machine. A page of another origin says so in `Origin`; one
 * whose name was pointed at this machine (DNS rebinding) says so in `Host`.
 */
export const isOwnPage = (request: Request): boolean => {
  const { host, hostname } = new URL(request.url);
  if (!LOCAL.has(hostname)) return false;
  const origin = request.headers.get("origin");
  if (origin === null) return request.headers.get("sec-fetch-site") !== "cross-site";
  return URL.canParse(origin) && new URL(origin).host === host;
};
