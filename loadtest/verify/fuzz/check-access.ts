import type { Caller } from "../../harness/callers.ts";
import type { ApiDocument, Operation } from "./document.ts";
import type { Answer, SentRequest } from "./send.ts";

/** Statuses of a refusal that comes before anybody looks at the route's own failures. */
const REFUSALS = new Set([400, 401, 403, 414, 421, 429, 431, 503]);

const ORDER_ID = /ORD-[0-9A-HJKMNP-TV-Z]{26}/g;

/** Checks that nobody gets what is not theirs: by the roles of the document, and by whose data an answer shows. */
export const openAccessCheck = (document: ApiDocument, callers: readonly Caller[]) => {
  const userIds = callers.flatMap(({ userId }) => userId ?? []);
  const owners = new Map<string, string>();
  const ownSightings: Record<string, number> = {};

  /** Notes the owners of the orders in an answer. The document's examples have none. */
  const learn = ({ path }: SentRequest, body: unknown): void => {
    if (path !== "/openapi.json") noteOwners(owners, body);
  };

  /** Something in a text that belongs to another user. */
  const strangerIn = (text: string, subject: string | undefined, said: string): string | undefined => {
    const user = userIds.find((id) => id !== subject && text.includes(id) && !said.includes(id));
    if (user) return user;
    return text.match(ORDER_ID)?.find((id) => {
      const owner = owners.get(id);
      return owner !== undefined && owner !== subject && !said.includes(id);
    });
  };

  const faultOf = (request: SentRequest, { status, headers, text }: Answer, caller: Caller) => {
    const subject = subjectOf(caller, request);
    const isServed = status < 400;
    if (isServed && caller.userId && text.includes(caller.userId))
      ownSightings[caller.name] = (ownSightings[caller.name] ?? 0) + 1;
    if (caller.isAdmin) return undefined;
    const method = request.method === "HEAD" ? "GET" : request.method;
    // A path that can't be decoded is no route's, whatever it looks like.
    const operation = decoded(request.path) && document.operationAt(method, request.path);
    const fault = operation && faultOfRole(operation, request, status, subject, caller);
    if (fault) return fault;
    // A refusal may repeat what its request has said, an answer may not.
    const shown = [text, ...headers.values()].join("\n");
    const stranger = strangerIn(shown, subject, isServed ? "" : saidBy(request));
    return stranger && `${caller.name} sees ${stranger}`;
  };

  return { faultOf, learn, ownSightings: ownSightings as Readonly<Record<string, number>> };
};

const noteOwners = (owners: Map<string, string>, value: unknown): void => {
  if (typeof value !== "object" || value === null) return;
  const { order_id, user_id } = value as { order_id?: unknown; user_id?: unknown };
  if (typeof order_id === "string" && typeof user_id === "string") owners.set(order_id, user_id);
  for (const part of Object.values(value)) noteOwners(owners, part);
};

/** Without other credentials, a cart token that a request carries makes its sender that guest. */
const subjectOf = ({ userId, headers }: Caller, request: SentRequest): string | undefined =>
  userId ?? ("x-api-key" in headers ? undefined : request.headers["x-cart-token"]?.split(".")[0]);

/** A route whose only credential is a signature of its body judges that itself; callers are irrelevant. */
const isForCallers = ({ security }: Operation): boolean =>
  security.length > 0 && !security.every((scheme) => Object.hasOwn(scheme as object, "stripe"));

const faultOfRole = (
  operation: Operation,
  request: SentRequest,
  status: number,
  subject: string | undefined,
  { name, headers }: Caller,
): string | undefined => {
  const isKnown = subject !== undefined || "x-api-key" in headers;
  const isAdmins = operation["x-admin"] === true;
  const needsMore = isAdmins || (isForCallers(operation) && !isKnown);
  if (needsMore && !REFUSALS.has(status)) return `${status} for ${name}: the role is too low`;
  const claimed = claimedUser(operation, request);
  if (claimed !== undefined && claimed !== subject && status < 400)
    return `${status} for ${name} at another user's`;
  return undefined;
};

/** The user whose cart or orders a request asks for. */
const claimedUser = ({ path }: Operation, request: SentRequest): string | undefined => {
  if (path === "/orders") return request.query.find(([name]) => name === "user_id")?.[1];
  const at = path.split("/").indexOf("{userId}");
  return at === -1 ? undefined : decoded(request.path.split("/")[at] ?? "");
};

const saidBy = ({ path, query, headers, body }: SentRequest): string =>
  [decoded(path), ...query.flat(), ...Object.values(headers), new TextDecoder().decode(body)].join("\n");

/** @returns undefined for a text that is no percent-encoded UTF-8 */
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
