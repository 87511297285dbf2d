import fc from "fast-check";
import type { ApiDocument, Schema } from "./document.ts";
import { hinted } from "./known-values.ts";

interface Constraints {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly allOf?: readonly Schema[];
}

/** No string is longer unless a test of the limit itself makes it so. */
const USUAL_LENGTH = 40;

/** Values that a schema of a request allows. @param name of the parameter or field that they are for */
export const validValue = (document: ApiDocument, schema: Schema, name = ""): fc.Arbitrary<unknown> => {
  const { enum: choices, anyOf: alternatives, type } = schema;
  if (Array.isArray(choices)) return fc.constantFrom(...(choices as unknown[]));
  if ("const" in schema) return fc.constant(schema.const);
  if (Array.isArray(alternatives)) {
    const each = alternatives as Schema[];
    return fc.oneof(...each.map((part) => validValue(document, document.resolve(part), name)));
  }
  switch (type) {
    case "object":
      return validObject(document, schema);
    case "integer":
      return hinted(name, validInteger(schema));
    case "number":
      return hinted(name, validNumber(schema));
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(validValue(document, document.resolve(schema.items as Schema)), { maxLength: 5 });
    case "boolean":
      return fc.boolean();
    case "string":
      return hinted(
        name,
        validString(schema).filter((text) => document.faultOf(schema, text) === undefined),
      );
    default:
      throw new Error(`The fuzzer makes no values of ${JSON.stringify(schema)}`);
  }
};

const validObject = (document: ApiDocument, schema: Schema): fc.Arbitrary<unknown> => {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = (schema.required ?? []) as string[];
  const fields = Object.entries(properties).map(([name, field]) => [
    name,
    validValue(document, document.resolve(field), name),
  ]);
  const model: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(fields);
  return fc.record(model, { requiredKeys: required });
};

const validInteger = ({ minimum = -(2 ** 31), maximum = 2 ** 31 }: Constraints): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: minimum, max: maximum }), fc.constantFrom(minimum, maximum));

const validNumber = ({ minimum = 0, maximum = 1e6 }: Constraints): fc.Arbitrary<number> =>
  fc.double({ min: minimum, max: maximum, noNaN: true });

/** Patterns that most strings match, or that the generator does not understand: those it meets by chance. */
const USUAL_PATTERN = /\\P\{|\(\?!|^\\S$/;

const validString = (schema: Constraints): fc.Arbitrary<string> => {
  const { minLength = 0, maxLength = USUAL_LENGTH } = schema;
  const pattern = patternsOf(schema).find((source) => !USUAL_PATTERN.test(source));
  if (pattern) return fc.stringMatching(new RegExp(pattern));
  const size = { minLength, maxLength: Math.min(maxLength, Math.max(minLength, USUAL_LENGTH)) };
  const usual = fc.string({ unit: "grapheme", ...size });
  const longest = fc.constantFrom("x", "\u00e9", "\u{1f402}").map((character) => character.repeat(maxLength));
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: longest });
};

const patternsOf = ({ pattern, allOf = [] }: Constraints): string[] => [
  ...(pattern === undefined ? [] : [pattern]),
  ...allOf.flatMap((part) => patternsOf(part)),
];
