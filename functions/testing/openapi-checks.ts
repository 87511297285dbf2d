import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

export interface OpenApiResponse {
  readonly content?: Readonly<
    Record<string, { readonly schema: object; readonly example?: unknown; readonly examples?: Examples }>
  >;
}
type Examples = Readonly<Record<string, { readonly value: unknown }>>;

export interface OpenApiOperation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
}

export interface OpenApiDocument extends Record<string, unknown> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly examples?: unknown[] }>> };
}

/** Every operation of a document by its route, e.g. `GET /products/{productId}`. */
export const operationsOf = ({ paths }: OpenApiDocument): Map<string, OpenApiOperation> =>
  new Map(
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]),
    ),
  );

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Validates values against the schemas of a document, each found by the steps from its root. */
export const openDocumentValidator = (document: OpenApiDocument) => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  ajv.addVocabulary(["example", ...Object.keys(document)]);
  ajv.addFormat("date-time", DATE_TIME);
  ajv.addSchema(document, "document");
  const compiled = new Map<string, ValidateFunction>();

  return (steps: readonly string[], value: unknown): void => {
    const pointer = steps.map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1")));
    const $ref = `document#/${pointer.join("/")}`;
    let validate = compiled.get($ref);
    if (!validate) compiled.set($ref, (validate = ajv.compile({ $ref })));
    if (!validate(value)) {
      throw new Error(`${steps.join(" > ")}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
    }
  };
};
