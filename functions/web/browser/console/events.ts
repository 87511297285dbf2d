import { fetchAsBearer } from "../ui/session.ts";

/** The server sends one a second: a stream that is silent for longer is dead, though nothing has closed it. */
const SILENCE_MS = 10_000;

let lastId = "";

/**
 * Reads the shop's events until the stream ends, and resumes after the last one at the next call. The browser's own
 * `EventSource` can send no token.
 *
 * @returns whether the shop refuses to let this reader see them
 */
export const readEvents = async (onData: (data: string) => void): Promise<boolean> => {
  const ending = new AbortController();
  let silence = setTimeout(() => ending.abort(), SILENCE_MS);
  try {
    const { status, body } = await fetchAsBearer("/console/events", {
      ...(lastId && { headers: { "last-event-id": lastId } }),
      signal: ending.signal,
    });
    if (status === 401 || status === 403) return true;
    if (status !== 200 || !body) return false;
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      clearTimeout(silence);
      silence = setTimeout(() => ending.abort(), SILENCE_MS);
      const events = (text + chunk.value).split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        lastId = /^id: (.*)$/m.exec(event)?.[1] ?? lastId;
        onData(/^data: (.*)$/m.exec(event)?.[1] ?? "[]");
      }
    }
    return false;
  } finally {
    clearTimeout(silence);
    ending.abort();
  }
};
