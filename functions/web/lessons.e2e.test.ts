import { expect, test } from "vitest";
import { describeWithBrowser, describeWithRedis } from "../../loadtest/harness/describe-with.ts";
import { PATIENCE, useShopPage } from "../testing/shop-page.ts";

/** Times as fast as for a reader. */
const PACE = 3;
/** A figure above 0, in the form that the console gives it. */
const SOME = String.raw`(?!0(?:\.0+)?\b)[\d.,]+(?: k)?`;

/** The least that the console is made for: its words begin below the fold there. */
const PHONE = { width: 390, height: 844 };

/** With the limits on, as the flash sale is meant to be seen. */
describeWithBrowser("the lessons of the console", () => {
  const stage = useShopPage({ DYNAMODB_LIMITS: "aws" });
  const isStepInView = async (): Promise<boolean> => {
    const box = await stage.page.locator(".step").boundingBox();
    return box !== null && box.y >= 0 && box.y + box.height <= PHONE.height;
  };

  describeWithRedis("before anybody has done something", () => {
    test("a newcomer is offered a lesson though a breaker has opened and closed by itself", async () => {
      const { page, shop } = stage;
      const { pid } = shop.services.redis ?? {};
      if (!pid) throw new Error("The shop runs without Redis");
      await page.goto(`${shop.url}/console`);
      const offer = page.getByRole("button", { name: "Watch a breaker open" });
      await offer.waitFor();
      process.kill(pid, "SIGSTOP");
      await page.locator(".latest", { hasText: "redis breaker open" }).waitFor();
      expect(await offer.isVisible()).toBe(false);
      process.kill(pid, "SIGCONT");
      await page.locator(".latest", { hasText: "redis breaker closed" }).waitFor();
      await offer.waitFor();
    });
  });

  test.each([
    // The first of all: a newcomer's button, which is there until somebody has done something.
    ["Watch a breaker open", `open for about ${SOME} s and refused ${SOME} calls.* within ${SOME} s of`],
    ["A cache, on and off", `${SOME} reads a second came from memory.* DynamoDB took ${SOME} calls a second`],
    ["A stampede, with and without protection", `${SOME} requests became ${SOME} DynamoDB calls`],
    ["A flash sale", `${SOME} orders were paid and .* operations, ${SOME} orders .*nothing lost`],
    // A cart whose answer was lost with the database may end either way.
    [
      "kill -9 in the middle",
      String.raw`\d calls failed while the database was away\. .*(nothing lost|\d could not be decided)`,
    ],
  ])("%s goes to its end, and says in figures what was seen", async (title, ending) => {
    const { page, shop, complaints } = stage;
    await page.setViewportSize(PHONE);
    await page.goto(`${shop.url}/console?pace=${PACE}`);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("button", { name: title }).click();
    await expect.poll(isStepInView, PATIENCE).toBe(true);
    await page.evaluate("scrollTo(0, document.body.scrollHeight)");
    await page.locator('.step[data-over="true"]').waitFor({ timeout: 150_000 });
    await expect.poll(isStepInView, PATIENCE).toBe(true);
    expect(await page.locator(".step").textContent()).toMatch(new RegExp(`You just saw: .*${ending}`));
    expect((await shop.client.get("/cache")).body.mode).toBe("tiered");
    expect((await shop.client.get("/resilience/circuit-breakers")).body.payment.state).toBe("closed");
    // A call that the shop refuses, such as while its database is away, is an answer that the page shows.
    expect(complaints.filter((line) => !line.startsWith("Failed to load resource"))).toEqual([]);
  });

  test("units, throttles and conflicts are on a chart of their own", async () => {
    const { page, shop } = stage;
    await page.goto(`${shop.url}/console`);
    await page.getByText("DynamoDB units").waitFor();
    await shop.client.post("/cart/ann/items", { product_id: 7, quantity: 1 });
    await expect
      .poll(
        async () => {
          await shop.client.post("/cart/ann/items", { product_id: 7, quantity: 1 });
          return page.locator(".legend li", { hasText: "write units" }).locator("b").textContent();
        },
        { timeout: 30_000 },
      )
      .toMatch(/[1-9]/);
  });
});
