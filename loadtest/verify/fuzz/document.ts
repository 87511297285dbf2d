import { Ajv2020 } from "ajv/dist/2020.js";

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

interface Media {
  readonly schema: Schema;
  /** Of failures: one for each code. */
  readonly examples?: Readonly<Record<string, unknown>>;
}

export interface DeclaredResponse {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, Media>>;
}

export interface Operation {
  readonly method: string;
  /** `/products/{productId}` */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, DeclaredResponse>>;
  /** Each is enough; none where everybody may ask. */
  readonly security: readonly unknown[];
  /** An administrator's alone. */
  readonly "x-admin"?: boolean;
}

export interface ApiDocument {
  readonly operations: readonly Operation[];
  /** The faults of a value, or undefined. */
  readonly faultOf: (schema: Schema, value: unknown) => string | undefined;
  /** A schema with its reference followed. */
  readonly resolve: (schema: Schema) => Schema;
  /** The operation that a path belongs to: literal segments win over parameters. */
  readonly operationAt: (method: string, path: string) => Operation | undefined;
  /** All methods that a path takes. */
  readonly methodsAt: (path: string) => readonly string[];
}

interface RawDocument extends Record<string, unknown> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, "method" | "path">>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

export const openApiDocument = (raw: unknown): ApiDocument => {
  const document = raw as RawDocument;
  const ajv = new Ajv2020({ strict: true, strictTypes: false });
  ajv.addVocabulary(["example", ...Object.keys(document)]);
  ajv.addFormat("date-time", DATE_TIME);
  ajv.addSchema(document, "document");
  const compiled = new WeakMap<Schema, ReturnType<typeof ajv.compile>>();
  const operations = Object.entries(document.paths).flatMap(([path, ofPath]) =>
    Object.entries(ofPath).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    })),
  );
  const matching = (path: string) => {
    const segments = path.split("/");
    const ofPath = operations.filter((operation) => matches(operation.path.split("/"), segments));
    const fewest = Math.min(...ofPath.map((operation) => countParameters(operation.path)));
    return ofPath.filter((operation) => countParameters(operation.path) === fewest);
  };
  return {
    operations,
    faultOf: (schema, value) => {
      let validate = compiled.get(schema);
      if (!validate) compiled.set(schema, (validate = ajv.compile(absolute(schema))));
      return validate(value) ? undefined : ajv.errorsText(validate.errors);
    },
    resolve: (schema) => {
      const name = String(schema.$ref ?? "").replace("#/components/schemas/", "");
      return document.components.schemas[name] ?? schema;
    },
    operationAt: (method, path) => matching(path).find((operation) => operation.method === method),
    methodsAt: (path) => matching(path).map(({ method }) => method),
  };
};

/** A part of the document as a schema by itself: its references lead back into the document. */
const absolute = (schema: Schema): Schema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/'));

const matches = (template: readonly string[], segments: readonly string[]): boolean =>
  template.length === segments.length &&
  template.every((part, at) => part.startsWith("{") || part === segments[at]);

const countParameters = (path: string): number => path.split("{").length - 1;

/** `GET /products/{productId}` */
export const routeOf = ({ method, path }: Operation): string => `${method} ${path}`;
