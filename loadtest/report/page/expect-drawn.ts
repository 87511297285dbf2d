/** Requirements of a report in a real browser. For tests. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import type { Run } from "../run-result.ts";

const CHROMIUM = "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
];

export const canRunChromium = existsSync(CHROMIUM) || Boolean(process.env.REQUIRE_ALL_SUITES);
if (!canRunChromium) {
  console.warn(`The report's page was NOT tested: ${CHROMIUM} is missing (apt-get install chromium)`);
}

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });

/** Pixels by which the page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/** Every chart of the run is there once, with marks of all series that can be seen. */
export const expectDrawn = async (page: Page, run: Run): Promise<void> => {
  for (const { name, charts } of run.results) {
    for (const { id, title, series } of charts) {
      const svg = page.locator(`[id="${name}-${id}"] svg.plot:visible`);
      expect(await svg.count(), id).toBe(1);
      expect(await svg.locator("title").textContent()).toBe(title);
      const marks = svg.locator('[aria-label="line"] path, [aria-label="rect"] rect, [aria-label="dot"] *');
      const boxes = await marks.evaluateAll((shapes) =>
        shapes.map((shape) => {
          const { width, height } = shape.getBoundingClientRect();
          return Math.max(width, height);
        }),
      );
      const measured = series.filter(({ points }) => points.some(({ y }) => y !== null));
      expect(boxes.filter((size) => size > 1).length, id).toBeGreaterThanOrEqual(measured.length);
    }
  }
};
