import { expect, test } from "vitest";
import { describeWithBrowser } from "../../loadtest/harness/describe-with.ts";
import { isInstalled } from "../../loadtest/harness/engine-and-redis.ts";
import { flawsOf, useShopPage } from "../testing/shop-page.ts";

/** For a machine that is busy: each step takes a second or two on an idle one. */
const PATIENCE = { timeout: 120_000 };
const TIMEOUT_MS = 600_000;

describeWithBrowser("a second process from the console", () => {
  const stage = useShopPage();
  const box = (name: "first" | "second") => stage.page.locator(`[data-process="${name}"]`);
  const stateOf = async (name: "first" | "second"): Promise<string | null> =>
    (await box(name).count()) > 0 ? box(name).getAttribute("data-state") : null;
  /** Requests a second in the box of a process. */
  const rateOf = async (name: "first" | "second"): Promise<number> =>
    Number(/([\d.,]+)\/s/.exec((await box(name).textContent()) ?? "")?.[1]?.replace(",", ""));

  test("is started, takes its share of a load, dies, comes back and is stopped", {
    timeout: TIMEOUT_MS,
    skip: !isInstalled("redis-server"),
  }, async () => {
    const { page, shop } = stage;
    await page.goto(`${shop.url}/console`);
    await page.getByRole("button", { name: "Start a second process" }).click();
    await expect.poll(() => stateOf("second"), PATIENCE).toBe("up");
    expect(await stateOf("first")).toBe("up");
    await page.locator(".log li", { hasText: "second process serves" }).waitFor(PATIENCE);

    await page.getByRole("button", { name: "Start the load" }).click();
    await expect
      .poll(async () => Math.min(await rateOf("first"), await rateOf("second")), PATIENCE)
      .toBeGreaterThan(1);
    expect(await flawsOf(page, "second-process")).toEqual([]);

    await page.getByRole("button", { name: "kill the second process" }).click();
    await page.locator(".log li.alarm", { hasText: "second process gone" }).waitFor(PATIENCE);
    await expect
      .poll(() => page.locator(".log li", { hasText: "second process serves" }).count(), PATIENCE)
      .toBe(2);
    await page.getByText("Live", { exact: true }).waitFor(PATIENCE);

    await page.getByRole("button", { name: "Stop the second process" }).click();
    await expect.poll(() => stateOf("second"), PATIENCE).toBe(null);
    await page.getByRole("button", { name: "Start a second process" }).waitFor(PATIENCE);
    const lost = stage.complaints.filter((line) => !line.startsWith("Failed to load resource"));
    expect(lost).toEqual([]);
  });
});
