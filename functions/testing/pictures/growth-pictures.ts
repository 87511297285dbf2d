import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { pageOf } from "../../../loadtest/report/page/page.ts";
import { readRun } from "../../../loadtest/report/run-file.ts";
import type { Chart } from "../../../loadtest/report/run-result.ts";

/** Of the last `npm run bench -- growth`. */
const RESULT = join(import.meta.dirname, "../../../.data/bench/growth/result.json");

/** The plots of each part of the growth benchmark, as its report has them: `growth-PART.png`. */
export const takeGrowth = async (browser: Browser, images: string): Promise<void> => {
  const run = await readRun(RESULT);
  const dir = await mkdtemp(join(tmpdir(), "stampede-pictures-"));
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1_000 }, colorScheme: "light" });
    for (const part of new Set(run.results.flatMap(({ charts }) => charts.map(partOf)))) {
      const results = run.results.map((result) => ({
        ...result,
        charts: result.charts.filter((chart) => partOf(chart) === part),
      }));
      const file = join(dir, `${part}.html`);
      await writeFile(file, pageOf({ ...run, results }, undefined));
      await page.goto(pathToFileURL(file).href);
      const charts = page.locator(".charts");
      await charts.locator("svg.plot").first().waitFor();
      await charts.screenshot({ path: join(images, `growth-${part}.png`) });
    }
  } finally {
    await rm(dir, { recursive: true });
  }
};

/** From `growth.PART.CHART`. */
const partOf = ({ id }: Chart): string | undefined => id.split(".")[1];
