import type { ApiDocument, Operation, Parameter, Schema } from "./document.ts";
import type { SentRequest } from "./send.ts";

/** The document has a request accepted, or refused as invalid, or leaves it open. */
export type Expectation = "accept" | "refuse" | "either";

/** More may be refused, by what the search takes for words. */
const MAX_WORDS = 32;

/** Rules that JSON Schema can't state: the form of cursors and tokens, and the number of words in a search. */
const isOpaque = (name: string, value: string): boolean =>
  name === "cursor" ||
  name.toLowerCase() === SIGNED ||
  (name === "q" && [...value.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].length > MAX_WORDS);

/** Signed, and in a cookie where the header is left out: both are beyond what a schema can state. */
const SIGNED = "x-cart-token";

/** Of the parts of a request; one that is invalid makes all of it invalid. */
const combined = (parts: readonly Expectation[]): Expectation => {
  if (parts.includes("refuse")) return "refuse";
  return parts.includes("either") ? "either" : "accept";
};

/** Judges a request by its operation's parameters and body, as any reader of the document would. */
export const expectationOf = (
  document: ApiDocument,
  operation: Operation,
  request: SentRequest,
): Expectation => {
  const parameters = operation.parameters.map((parameter) => {
    const values = valuesOf(operation, parameter, request);
    if (values === undefined) return "refuse";
    return judgeParameter(document, parameter, values);
  });
  return combined([...parameters, judgeBody(document, operation, request)]);
};

/** @returns undefined where the path is not percent-encoded UTF-8 */
const valuesOf = (
  operation: Operation,
  { name, in: place }: Parameter,
  { path, query, headers }: SentRequest,
): string[] | undefined => {
  if (place === "query") return query.flatMap(([key, value]) => (key === name ? [value] : []));
  if (place === "header") {
    const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase());
    return found ? [found[1].trim()] : [];
  }
  const at = operation.path.split("/").indexOf(`{${name}}`);
  try {
    return [decodeURIComponent(path.split("/")[at] ?? "")];
  } catch {
    return undefined;
  }
};

const judgeParameter = (
  document: ApiDocument,
  { name, required, schema }: Parameter,
  values: readonly string[],
): Expectation => {
  const [value] = values;
  if (value === undefined && name.toLowerCase() === SIGNED) return "either";
  if (value === undefined) return required ? "refuse" : "accept";
  if (values.length > 1) return "either";
  const isValid = document.faultOf(schema, parsed(schema, value)) === undefined;
  if (isValid && isOpaque(name, value)) return "either";
  return isValid ? "accept" : "refuse";
};

/** Whole numbers are written in digits alone. */
const parsed = ({ type }: Schema, text: string): unknown => {
  if (type !== "integer") return text;
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
};

const judgeBody = (
  document: ApiDocument,
  { path, requestBody }: Operation,
  { headers, body, path: sentPath }: SentRequest,
): Expectation => {
  if (!requestBody) return body ? "either" : "accept";
  if (!body || body.length === 0) return requestBody.required ? "refuse" : "accept";
  const schema = requestBody.content["application/json"]?.schema;
  if (!schema || !isJsonType(headers["content-type"]) || isEncoded(headers["content-encoding"]))
    return "refuse";
  const value = jsonOf(body);
  if (value === undefined) return "refuse";
  if (document.faultOf(schema, value) !== undefined) return "refuse";
  const isPossible =
    agreesWithPath(path, sentPath, value) && isInCents(value) && isNamedMethod(document, schema, value);
  return isPossible ? "accept" : "either";
};

/** Other payment methods than those that the document names are for the payment service to know. */
const isNamedMethod = (document: ApiDocument, schema: Schema, value: unknown): boolean => {
  const { payment_method: method } = value as { payment_method?: string };
  const { properties = {} } = document.resolve(schema) as { properties?: Record<string, Schema> };
  const named = ((properties.payment_method?.anyOf ?? []) as Schema[]).flatMap((part) => part.enum ?? []);
  return method === undefined || named.includes(method);
};

const isJsonType = (type = ""): boolean => /^application\/json(;|$)/.test(type);
const isEncoded = (encoding = "identity"): boolean => encoding !== "identity";

const MAX_BODY_BYTES = 64 * 1024;

const jsonOf = (body: Uint8Array): unknown => {
  if (body.length > MAX_BODY_BYTES) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
};

/** As a price's description has it. JSON Schema's `multipleOf` would refuse 19.99 for being no exact binary fraction. */
const isInCents = (value: unknown): boolean => {
  const { price = 0 } = value as { price?: number };
  return Number(price.toFixed(2)) === price;
};

/** A product's number in the body has to be the one in the path. */
const agreesWithPath = (template: string, path: string, value: unknown): boolean => {
  const at = template.split("/").indexOf("{productId}");
  const inBody = (value as { product_id?: unknown }).product_id;
  return at === -1 || inBody === undefined || String(inBody) === path.split("/")[at];
};
