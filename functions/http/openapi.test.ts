import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { handler } from "../operations/openapi.ts";
import { BESIDE_THE_CONTRACT, CONTRACT } from "../testing/contract.ts";
import { type OpenApiDocument, openDocumentValidator, operationsOf } from "../testing/openapi-checks.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { openApiDocument } from "./openapi.ts";

const document = JSON.parse(
  JSON.stringify(openApiDocument(ENDPOINTS.map(({ route }) => route))),
) as OpenApiDocument;
const operations = operationsOf(document);
const validate = openDocumentValidator(document);

/** Every value in a tree, with the steps that lead there. */
function* walk(value: unknown, steps: string[] = []): Generator<[string[], Record<string, unknown>]> {
  if (typeof value !== "object" || value === null) return;
  yield [steps, value as Record<string, unknown>];
  for (const [step, child] of Object.entries(value)) yield* walk(child, [...steps, step]);
}

test("it is a valid OpenAPI 3.1 document", async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(validator.version).toBe("3.1");
});

test("it is what the server serves", async () => {
  expect(handler).toBe(ENDPOINTS.find(({ route }) => route.path === "/openapi.json")?.handler);
});

test("it has every route, the contract's and no others", () => {
  const promised = [...CONTRACT.map(([route]) => route), ...BESIDE_THE_CONTRACT].sort();
  expect(ENDPOINTS.map(({ route }) => route.key).sort()).toEqual(promised);
  expect([...operations.keys()].sort()).toEqual(promised);
});

test.each(CONTRACT)("%s answers as the contract has it", (route, successes, failures) => {
  const statuses = Object.keys(operations.get(route)?.responses ?? {}).map(Number);
  expect(statuses.filter((status) => status < 400)).toEqual(successes);
  expect(statuses).toEqual(expect.arrayContaining([...failures]));
});

test("every reference resolves, and every component is referred to", () => {
  const names = new Set<string>();
  for (const [steps, { $ref }] of walk(document)) {
    if ($ref === undefined) continue;
    const name = String($ref).replace("#/components/schemas/", "");
    expect(document.components.schemas, `${$ref} at ${steps.join(" > ")}`).toHaveProperty([name]);
    names.add(name);
  }
  expect([...names].sort()).toEqual(Object.keys(document.components.schemas).sort());
});

test("operation ids are names that clients can be generated from", () => {
  const ids = [...operations.values()].map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
});

test.each([...operations])(
  "%s declares each part of its path, and no parameter twice",
  (route, { parameters }) => {
    const inPath = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    expect(inPath).toEqual([...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    const all = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(new Set(all).size).toBe(all.length);
  },
);

test.each(Object.keys(document.components.schemas))("the example of %s is one of it", (name) => {
  const { examples = [] } = document.components.schemas[name] ?? {};
  for (const example of examples) validate(["components", "schemas", name], example);
});

test("the example of a response is one of it", () => {
  const own = [...walk(document.paths)].filter(
    ([steps, media]) => steps.includes("content") && "example" in media && "schema" in media,
  );
  expect(own).not.toEqual([]);
  for (const [steps, { example }] of own) validate(["paths", ...steps, "schema"], example);
});

test("every example of a failure is an answer of that status", () => {
  let seen = 0;
  for (const [route, { responses }] of operations) {
    for (const [status, { content }] of Object.entries(responses)) {
      for (const [code, { value }] of Object.entries(content?.["application/json"]?.examples ?? {})) {
        validate(["components", "schemas", "Error"], value);
        expect(value).toMatchObject({
          error: code,
          retryable: status === "503" ? true : expect.any(Boolean),
        });
        expect(route).toMatch(/^[A-Z]+ \//);
        seen += 1;
      }
    }
  }
  expect(seen).toBeGreaterThan(operations.size);
});

test("every text in an answer has an example, so that the page shows no placeholders", () => {
  const withExample = Object.entries(document.components.schemas).filter(([, { examples }]) => examples);
  const isShown = (path: string): boolean =>
    withExample.some(([name]) => path.startsWith(`components.schemas.${name}.`)) ||
    /\.(parameters|headers)\.|\.text\/|openmetrics-text/.test(path);
  const bare = [...walk(document)]
    .filter(([, { type }]) => type === "string")
    .filter(([, schema]) => !["example", "enum", "const"].some((keyword) => keyword in schema))
    .map(([steps]) => steps.join("."));
  expect(bare.filter((path) => !isShown(path))).toEqual([]);
});
