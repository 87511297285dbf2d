import fc from "fast-check";
import { expect, test } from "vitest";
import { NoHeaderError } from "./survey.ts";
import { HEADER, shopifyRowsIn, surveyIn } from "./testing.ts";

test("the last line of each handle, and the lines that cannot be read", async () => {
  const text = 'Handle,Title,Price\na,A,1\nb,"B\nb",1\n\na,,2\n,x,1\nc,"open,1\nd,D,1,2\n';
  expect(await surveyIn(text)).toMatchObject({
    lastLines: new Map([
      ["a", 6],
      ["b", 3],
    ]),
    unreadable: 3,
    isWindows1252: false,
  });
});

test("a header that cannot be read", async () => {
  await expect(surveyIn('"Handle,Title\nx,y\n')).rejects.toThrow(NoHeaderError);
});

const CELLS = [
  "",
  "a",
  "b",
  "Default Title",
  "9.90",
  "1.999",
  "-1",
  "draft",
  "FALSE",
  '"',
  '""',
  '"x\ny"',
  '"q""q"',
  "\0",
  "é",
  "<!-- ",
  "&#146;",
];

/** Files of well-formed and broken cells under a header of Shopify's. */
const files = fc
  .array(fc.array(fc.constantFrom(...CELLS), { minLength: 17, maxLength: 19 }), { maxLength: 12 })
  .map((rows) => [HEADER, ...rows.map((cells) => cells.join())].join("\n"));

test("every row of any file is a variant, an extra row or a problem, and never two", async () => {
  await fc.assert(
    fc.asyncProperty(files, async (text) => {
      const rows = await shopifyRowsIn(text);
      const sound = rows.flatMap((row) => {
        if (row.kind !== "product") return row.kind === "extra" ? [row.line] : [];
        return row.variants.filter(({ details }) => details).map(({ line }) => line);
      });
      const problems = rows.flatMap((row) => (row.kind === "problem" ? [row.line] : []));
      expect(new Set([...sound, ...problems]).size).toBe(sound.length + problems.length);
      for (const line of [...sound, ...problems]) expect(line).toBeLessThanOrEqual(text.split("\n").length);
    }),
  );
});
