import { fieldFault, RequestError } from "../middleware/request-error.ts";

/** Characters of the path and the query. */
export const MAX_TARGET_LENGTH = 8_192;
/** Names and values of the query. */
export const MAX_QUERY_PARTS = 100;
export const MAX_HEADERS = 64;

const TOO_LONG = new RequestError("URI_TOO_LONG");
const TOO_MANY = new RequestError("HEADERS_TOO_LARGE");
const QUERY = fieldFault("query", `must not have more than ${MAX_QUERY_PARTS} parameters`);

/** Refuses requests larger than any client of the shop needs. The runtime limits the total size of headers itself. */
export const oversizeOf = (
  path: string,
  query: string,
  headers: Readonly<Record<string, string>>,
): RequestError | undefined => {
  if (path.length + query.length > MAX_TARGET_LENGTH) return TOO_LONG;
  if (query.length > MAX_QUERY_PARTS && query.split("&", MAX_QUERY_PARTS + 1).length > MAX_QUERY_PARTS)
    return QUERY;
  return countUpTo(headers) > MAX_HEADERS ? TOO_MANY : undefined;
};

const countUpTo = (headers: Readonly<Record<string, string>>): number => {
  let count = 0;
  for (const _ in headers) count += 1;
  return count;
};
