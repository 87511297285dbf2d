import fc from "fast-check";
import { anyText } from "../../harness/any-text.ts";
import type { ApiDocument, Schema } from "./document.ts";
import { validValue } from "./valid-values.ts";

const WORDS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "..",
  "../../etc/passwd",
  "%00",
  "\u0000",
  "\u007f",
  "\ufeff",
  "\u202e",
  "\u{1f402}",
  "ａｌｉｃｅ",
  "' OR 1=1 --",
  "<script>alert(1)</script>",
  "{{7*7}}",
  "$" + "{env:HOME://x}",
  "a\r\nSet-Cookie: b=c",
  "null",
  "undefined",
  "NaN",
  "true",
  "[object Object]",
  "1e309",
  "-0",
  "0x1f",
  "1_000",
  "９",
  "2147483648",
  "9007199254740993",
  "99999999999999999999",
  "hot",
  "search",
  "ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC",
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...WORDS),
  anyText(),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(101, 129, 201, 256, 1_001, 3_000).map((length) => "x".repeat(length)),
);

const deep = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 0.5, 1e-7, 2 ** 31, 2 ** 53, 1e308, "", "1", [], {}, [[]]),
  hostileText,
  fc.jsonValue({ maxDepth: 3 }),
);

/** Bodies that are no JSON, or JSON that parsers differ about. */
export const hostileBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .constantFrom(
      "",
      "{",
      "nul",
      "{}{}",
      '{"quantity":1,"quantity":2}',
      '{"__proto__":{"quantity":1}}',
      '{"quantity":1e400}',
      '{"quantity":01}',
      '{"product_id":1,"quantity":1,}',
      "{'quantity':1}",
      '"\\ud800"',
      "\ufeff{}",
      deep(100),
      deep(20_000),
      `{"sku":"${"x".repeat(70_000)}"}`,
    )
    .map((text) => new TextEncoder().encode(text)),
  fc
    .constantFrom([0xff, 0xfe], [0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d], [0x1f, 0x8b, 8, 0])
    .map((bytes) => Uint8Array.from(bytes)),
  fc.uint8Array({ maxLength: 100 }),
);

/** Beside a value that a schema allows: the values next to its limits, or of another type. */
export const nearValue = (document: ApiDocument, schema: Schema, name = ""): fc.Arbitrary<unknown> => {
  const { minimum, maximum, maxLength, enum: choices, type } = schema as Record<string, number | undefined>;
  if (Array.isArray(schema.anyOf)) {
    const each = schema.anyOf as Schema[];
    return fc.oneof(...each.map((part) => nearValue(document, document.resolve(part), name)));
  }
  if ((type as unknown) === "object") return nearObject(document, schema);
  const neighbours: unknown[] = ["", null, 1.5, -1, true, [], {}, "1", " 1", "1 "];
  if (minimum !== undefined) neighbours.push(minimum - 1, minimum);
  if (maximum !== undefined) neighbours.push(maximum, maximum + 1);
  if (maxLength !== undefined) neighbours.push("x".repeat(maxLength), "x".repeat(maxLength + 1));
  if (choices !== undefined) neighbours.push(String((choices as unknown as string[])[0]).toUpperCase());
  return fc.oneof(fc.constantFrom(...neighbours), hostileJson, validValue(document, schema, name));
};

/** A valid object, but for one field: missing, of another value, or unknown. */
const nearObject = (document: ApiDocument, schema: Schema): fc.Arbitrary<unknown> => {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const valid = validValue(document, schema) as fc.Arbitrary<object>;
  const changed = properties.flatMap(([name, field]) => [
    fc.tuple(valid, nearValue(document, document.resolve(field), name)).map(([object, value]) => ({
      ...object,
      [name]: value,
    })),
    valid.map((object) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))),
  ]);
  const extended = fc
    .tuple(valid, hostileText, hostileJson)
    .map(([object, name, value]) => Object.fromEntries([...Object.entries(object), [name, value]]));
  return fc.oneof(...changed, extended, hostileJson);
};
