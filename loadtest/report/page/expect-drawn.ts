import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Run } from "../run-result.ts";

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
