import { expect, test } from "vitest";
import { brokenRules } from "../../.ci/prose/prose-rules.ts";
import { sentencesOf, textsOf } from "../../.ci/prose/texts.ts";

const found = (file: string, source: string): string[] =>
  textsOf(file, source)
    .flatMap(sentencesOf)
    .filter(({ text }) => brokenRules(text).length > 0)
    .map(({ text }) => text.replace(/\s+/g, " ").trim());

test("finds banned constructions in comments, strings and templates, across lines", () => {
  const source = [
    "/** Fine. Who is told",
    " * twice orders again. Fine. */",
    "// Whoever waits",
    "// gives up.",
    'test("what is short is named", () => `calls in vain`);',
    'const what = /who\'s "there"/;',
  ].join("\n");
  expect(found("a.ts", source)).toEqual([
    "Who is told twice orders again.",
    "Whoever waits gives up.",
    "what is short is named",
    "calls in vain",
  ]);
});

test("finds them between the tables of a page", () => {
  const table = "| Column |\n| --- |\n| cell |\n";
  expect(found("a.md", `${table}\nWho waits so long, waits.\n\n${table}`)).toEqual([
    "Who waits so long, waits.",
  ]);
});

test.each(["Whose cart it is.", "It belongs to whoever calls it."])(
  "finds a clause for a noun: %s",
  (sentence) => {
    expect(found("a.md", sentence)).toEqual([sentence]);
  },
);

test("finds them in pages, scripts and Python, but not in code, table headers and questions", () => {
  expect(
    found(
      "a.md",
      "Fine: `what is this`.\n\n| What it does |\n| --- |\n| what is lost |\n\n- Who asks twice?\n",
    ),
  ).toEqual(["what is lost"]);
  expect(found("a.yml", "key: what is this # What is this for.\n")).toEqual(["What is this for."]);
  expect(found("a.py", 'x = 1  # fine\n"""What a customer\n    asks for."""\n')).toEqual([
    "What a customer asks for.",
  ]);
});
