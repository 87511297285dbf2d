import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compareRuns } from "./compare-runs.ts";
import { csvFileOf, csvOf } from "./csv-files.ts";
import { markdownOf } from "./markdown.ts";
import { pageOf } from "./page/page.ts";
import { runOf } from "./run-file.ts";
import type { Run } from "./run-result.ts";

export const PAGE = "report.html";

/**
 * Writes a run's `result.json`, its raw rows as `<experiment>-<name>.csv`, `summary.md` and `report.html` into a
 * folder, with a comparison where there is a baseline. Each file appears whole or not at all, the data before
 * what is made of it. Gives the path of `report.html`.
 * @throws RunFileError when the run isn't what `result.ts` asks for (a NaN, say); `result.json` is there by then
 */
export const writeReport = async (run: Run, dir: string, baseline?: Run): Promise<string> => {
  await mkdir(dir, { recursive: true });
  await writeWhole(join(dir, "result.json"), `${JSON.stringify(run, null, 2)}\n`);
  const checked = runOf(run, join(dir, "result.json"));
  for (const { name, raw } of checked.results) {
    for (const [file, rows] of Object.entries(raw)) {
      await writeWhole(join(dir, csvFileOf(name, file)), csvOf(rows));
    }
  }
  const comparison = baseline && compareRuns(checked, baseline);
  await writeWhole(join(dir, "summary.md"), markdownOf(checked, comparison));
  const page = join(dir, PAGE);
  await writeWhole(page, pageOf(checked, comparison));
  return page;
};

const writeWhole = async (file: string, text: string): Promise<void> => {
  const draft = `${file}.${process.pid}.draft`;
  await writeFile(draft, text);
  await rename(draft, file);
};
