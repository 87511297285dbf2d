import fc from "fast-check";
import { type ApiDocument, type Operation, type Parameter, routeOf } from "./document.ts";
import { hostileBytes, hostileJson, hostileText, nearValue } from "./hostile-values.ts";
import { validValue } from "./valid-values.ts";

/** A request as it is generated; what it refers to is filled in when it is sent. */
export interface PlannedRequest {
  readonly route: string;
  readonly method: string;
  /** Of the operation, with its parameters still in it. */
  readonly template: string;
  /** In the path, by name; those that are raw are not percent-encoded. */
  readonly path: Readonly<Record<string, string | { readonly raw: string }>>;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** Generators for the parts of a request. */
interface Parts {
  readonly [part: string]: fc.Arbitrary<unknown>;
}

const ABSENT = Symbol("absent");
const METHOD = "method";
const BODY = "body";
const TYPE = "content-type";
const ENCODING = "content-encoding";

/** Requests of all operations: as the document allows, with one part off, or hostile in every part. */
export const anyRequest = (document: ApiDocument): fc.Arbitrary<PlannedRequest> =>
  fc.oneof(...document.operations.map((operation) => requestOf(document, operation)));

/** Parameters of {@link certainRequests}: such as every shop understands. */
const CERTAIN: Readonly<Record<string, string>> = {
  userId: "{self 0}",
  user_id: "{self 0}",
  productId: "1",
  "If-None-Match": "*",
};
/** Those for whose sake they are made. */
const MEANT = new Set(["userId", "user_id", "If-None-Match"]);

/**
 * Requests that each caller makes in every run, whatever its seed: users see what is theirs, without which nothing could be
 * hidden from others, and caches hear that nothing has changed.
 */
export const certainRequests = ({ operations }: ApiDocument): PlannedRequest[] =>
  operations.flatMap((operation) => {
    const given = operation.parameters.filter(({ name, required }) => required || MEANT.has(name));
    const isMeant = operation.method === "GET" && given.some(({ name }) => MEANT.has(name));
    if (!isMeant || given.some(({ name }) => !(name in CERTAIN))) return [];
    return [
      planned(
        operation,
        Object.fromEntries(given.map((parameter) => [nameOf(parameter), CERTAIN[parameter.name]])),
      ),
    ];
  });

const requestOf = (document: ApiDocument, operation: Operation): fc.Arbitrary<PlannedRequest> => {
  const valid = validParts(document, operation);
  const plan = (parts: Parts) => fc.record({ ...parts }).map((values) => planned(operation, values));
  const nearly = Object.entries(nearParts(document, operation)).map(([name, part]) =>
    plan({ ...valid, [name]: part }),
  );
  return fc.oneof(
    { weight: 4, arbitrary: plan(valid) },
    { weight: 4, arbitrary: fc.oneof(...nearly) },
    { weight: 2, arbitrary: plan(hostileParts(operation)) },
  );
};

const nameOf = (parameter: Parameter): string => `${parameter.in} ${parameter.name}`;

const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const validParts = (document: ApiDocument, operation: Operation): Parts => {
  const { parameters, requestBody } = operation;
  const optional = (part: fc.Arbitrary<unknown>, isRequired: boolean) =>
    isRequired ? part : fc.oneof(part, fc.constant(ABSENT));
  const ofParameters = parameters.map((parameter) => [
    nameOf(parameter),
    optional(validValue(document, parameter.schema, parameter.name).map(String), parameter.required),
  ]);
  const schema = requestBody?.content["application/json"]?.schema;
  const body = schema && validValue(document, document.resolve(schema)).map(jsonBytes);
  return {
    ...Object.fromEntries(ofParameters),
    ...(body && { [BODY]: optional(body, requestBody?.required ?? true) }),
    ...(body && { [TYPE]: fc.constantFrom("application/json", "application/json; charset=utf-8") }),
  };
};

const rawPath = fc
  .constantFrom("%zz", "%", "%C3%28", "%c0%ae", "%ed%a0%80", "%2F", "%5c", "%00", "a%2fb", ";x=1", "a+b", "*")
  .map((raw) => ({ raw }));

const nearParts = (document: ApiDocument, operation: Operation): Parts => {
  const { parameters, requestBody } = operation;
  const ofParameters = parameters.map((parameter) => {
    const near = nearValue(document, parameter.schema, parameter.name).map(textOf);
    const elsewhere = parameter.in === "path" ? rawPath : fc.constant(ABSENT);
    return [nameOf(parameter), fc.oneof({ weight: 4, arbitrary: near }, elsewhere)];
  });
  const schema = requestBody?.content["application/json"]?.schema;
  return {
    ...Object.fromEntries(ofParameters),
    [METHOD]: fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"),
    "query unknown": hostileText,
    ...(schema && {
      [BODY]: fc.oneof(
        { weight: 4, arbitrary: nearValue(document, document.resolve(schema)).map(jsonBytes) },
        { weight: 1, arbitrary: hostileBytes },
        { weight: 1, arbitrary: fc.constant(ABSENT) },
      ),
      [TYPE]: fc.constantFrom(
        "text/plain",
        "application/json, text/plain",
        "application/xml",
        "json",
        ABSENT,
      ),
      [ENCODING]: fc.constantFrom("gzip", "br", "identity", "deflate, gzip"),
    }),
  };
};

const hostileParts = ({ parameters }: Operation): Parts => ({
  ...Object.fromEntries(
    parameters.map((parameter) => [
      nameOf(parameter),
      parameter.in === "path" ? fc.oneof(hostileText, rawPath) : fc.oneof(hostileText, fc.constant(ABSENT)),
    ]),
  ),
  [BODY]: fc.oneof(hostileBytes, hostileJson.map(jsonBytes), fc.constant(ABSENT)),
  [TYPE]: fc.constantFrom("application/json", "text/plain", ABSENT),
  "header X-Request-Id": hostileText,
  "header X-Amzn-Trace-Id": hostileText,
  "header Cookie": hostileText,
  "header If-None-Match": hostileText,
  "header Accept-Encoding": fc.constantFrom("identity", "gzip", "br;q=0", "*", "x".repeat(200)),
  "query __proto__": fc.oneof(hostileText, fc.constant(ABSENT)),
});

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** A text without the characters that HTTP clients refuse to send in a header. */
const headerText = (value: unknown): string =>
  String(value)
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, "")
    .slice(0, 4_000);

const planned = (operation: Operation, values: Readonly<Record<string, unknown>>): PlannedRequest => {
  const given = Object.entries(values).filter(([, value]) => value !== ABSENT);
  const named = (place: string): [string, unknown][] =>
    given.flatMap(([name, value]) =>
      name.startsWith(`${place} `) ? [[name.slice(place.length + 1), value]] : [],
    );
  const types = given.filter(([name]) => name === TYPE || name === ENCODING);
  const method = String(values[METHOD] ?? operation.method);
  const body = values[BODY];
  return {
    route: routeOf(operation),
    method,
    template: operation.path,
    path: Object.fromEntries(named("path")) as PlannedRequest["path"],
    query: named("query").map(([name, value]) => [name, String(value)] as const),
    headers: Object.fromEntries(
      [...named("header"), ...types].map(([name, value]) => [name, headerText(value)]),
    ),
    // No client sends a body with these.
    body: method === "GET" || method === "HEAD" || !(body instanceof Uint8Array) ? undefined : body,
  };
};
