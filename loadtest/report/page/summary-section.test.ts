import { expect, test } from "vitest";
import { fixtureRun } from "../fixture/fixture-run.ts";
import { MOST_WORDS, type Run } from "../run-result.ts";
import { summarySection } from "./summary-section.ts";

const run = fixtureRun();
const answers = run.results.flatMap(({ summary }) => summary);
const only = (change: Partial<(typeof answers)[number]>): Run => {
  const [result] = run.results;
  const [answer] = result?.summary ?? [];
  if (!result || !answer) throw new Error("The fixture has no answer");
  return { ...run, results: [{ ...result, summary: [{ ...answer, ...change }] }] };
};

test("each answer is a large figure, a sentence of at most twenty words, and what folds", () => {
  const page = summarySection(run).text;
  const shown = [
    ...page.matchAll(
      /<dd><strong class="large">(.+?)<\/strong><p class="sentence">(.+?)<\/p>(<details class="fold">)?/g,
    ),
  ];
  expect(shown.length).toBe(answers.length);
  for (const [, figure, sentence = ""] of shown) {
    expect(figure).toMatch(/\d|Yes|No/);
    expect(sentence.split(/\s+/).length, sentence).toBeLessThanOrEqual(MOST_WORDS);
  }
  expect(shown.filter(([, , , details]) => details).length).toBe(
    answers.filter(({ detail }) => detail !== undefined).length,
  );
});

test("the plot of an answer stands beside it", () => {
  const findings = summarySection(run).text.split('<div class="finding">').slice(1);
  expect(findings.length).toBeGreaterThan(4);
  for (const finding of findings) expect(finding).toMatch(/<dl>[\s\S]*<figure class="thumbnail">[\s\S]*<svg/);
});

test("an answer of an earlier run, without a figure, is shown as it is", () => {
  const { figure: _, ...result } = only({ detail: undefined }).results[0]?.summary[0] ?? {};
  expect(summarySection(only({ ...result, figure: undefined, detail: undefined })).text).not.toMatch(
    /class="large"|<details/,
  );
});
