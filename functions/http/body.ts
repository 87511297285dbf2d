import { MAX_BODY_BYTES } from "../middleware/json-body.ts";
import { fieldFault, RequestError } from "../middleware/request-error.ts";

/**
 * Reads a body as far as the limit goes. One that announces more is not read at all, and one of untold
 * length not much further than the limit; the server throws away whatever else comes in.
 *
 * @param deadlineMs how long it may take to come; a sender of a byte now and then is never idle
 * @throws RequestError 413 when too large, 408 when too slow, 400 when the connection ended before the body did
 */
export const readBody = async (request: Request, deadlineMs: number): Promise<Uint8Array | undefined> => {
  if (request.headers.has("trailer")) throw NO_TRAILERS;
  const length = request.headers.get("content-length");
  if (Number(length) > MAX_BODY_BYTES) throw new RequestError("PAYLOAD_TOO_LARGE");
  if (length === null && !request.body) return undefined;
  const reading = (length === null ? readUpToLimit(request.body) : request.bytes()).catch(() => {
    throw fieldFault("body", "ended too early");
  });
  const body = await within(deadlineMs, reading);
  if (length === null) await untilEndIsParsed(request);
  if (body.length > MAX_BODY_BYTES) throw new RequestError("PAYLOAD_TOO_LARGE");
  return body;
};

/** Bun 1.4.5 answers trailers with a bare 400 of its own and ends the connection. */
const NO_TRAILERS = fieldFault(
  "headers.trailer",
  "trailers are not supported; send the request without them",
);

/**
 * Unannounced trailers come behind the body. The runtime's parser refuses them only after it has handed out
 * the body: the client gets 400, so nothing must be done for it.
 */
const untilEndIsParsed = async ({ signal }: Request): Promise<void> => {
  await new Promise(setImmediate);
  if (signal.aborted) throw NO_TRAILERS;
};

const within = async <T>(deadlineMs: number, reading: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    // The rest may come as the beginning of another request, so the connection is not used again.
    const failure = new RequestError("REQUEST_TIMEOUT", { headers: { connection: "close" } });
    timer = setTimeout(() => reject(failure), deadlineMs);
  });
  try {
    return await Promise.race([reading, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};

const readUpToLimit = async (body: AsyncIterable<Uint8Array> | null): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks);
};
