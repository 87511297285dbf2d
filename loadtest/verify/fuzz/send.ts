import type { Caller } from "../../harness/callers.ts";
import type { KnownValues } from "./known-values.ts";
import type { PlannedRequest } from "./requests.ts";

/** A request as it was sent, its headers' names in lower case. */
export interface SentRequest {
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Far longer than any request's deadline. */
const PATIENCE_MS = 90_000;

/** Fills in what a planned request of a client refers to, and the client's credentials. */
export const prepared = (
  { method, template, path, query, headers, body }: PlannedRequest,
  known: KnownValues,
  { headers: credentials, userId }: Pick<Caller, "headers" | "userId">,
): SentRequest => ({
  method,
  path: template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name] ?? "";
    return typeof value === "string" ? encoded(known.fill(value, userId)) : value.raw;
  }),
  query: query.map(([name, value]) => [name, known.fill(value, userId).toWellFormed()] as const),
  headers: {
    ...Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), known.fill(value, userId)]),
    ),
    ...credentials,
  },
  body,
});

/** Clients resolve these two themselves; what the shop does about them is for the malformed requests to find. */
const encoded = (text: string): string =>
  text === "." || text === ".." ? "dots" : encodeURIComponent(text.toWellFormed());

const targetOf = ({ path, query }: SentRequest): string => {
  const text = new URLSearchParams(
    query.map(([name, value]): [string, string] => [name.toWellFormed(), value]),
  ).toString();
  return text === "" ? path : `${path}?${text}`;
};

/** @throws DOMException when there is no answer in time, TypeError when the connection ends without one */
export const send = async (url: string, request: SentRequest): Promise<Answer> => {
  const response = await fetch(url + targetOf(request), {
    method: request.method,
    headers: request.headers,
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(request.body && { body: request.body as Uint8Array<ArrayBuffer> }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The same request for a terminal. Bodies that are no text come as `printf` escapes. */
export const curlOf = (url: string, request: SentRequest): string => {
  const { method, headers, body } = request;
  const options = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const call = ["curl -i --path-as-is", `-X ${method}`, ...options];
  if (!body) return [...call, quoted(url + targetOf(request))].join(" ");
  if (body.length > 0 && !("content-type" in headers)) call.push("-H 'Content-Type:'");
  const bytes = Array.from(body, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  const text = new TextDecoder().decode(body);
  const isText = /^[\t\x20-\x7e]*$/.test(text);
  const command = [...call, isText ? `--data-binary ${quoted(text)}` : "--data-binary @-"];
  command.push(quoted(url + targetOf(request)));
  return isText ? command.join(" ") : `printf '${bytes}' | ${command.join(" ")}`;
};
