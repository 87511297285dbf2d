// biome-ignore-all lint/style/noExcessiveLinesPerFile: a purchase and each way it fails, in one browser
// cspell:ignore fulfill -- Playwright's

import { afterEach, expect, test } from "vitest";
import { describeWithBrowser } from "../../loadtest/harness/describe-with.ts";
import { flawsOf, PATIENCE, useShopPage } from "../testing/shop-page.ts";

/** WCAG 2.5.8: at least 24 pixels each way, but for links within a sentence and what is out of sight. */
const SMALL_TARGETS = `[...document.querySelectorAll("a, button, input, select, summary")]
  .map((target) => target.closest("label") ?? target)
  .filter((target) => !target.closest("p, .visually-hidden") && target.checkVisibility())
  .filter((target) => { const { width, height } = target.getBoundingClientRect(); return width < 24 || height < 24; })
  .map(({ outerHTML }) => outerHTML)`;

describeWithBrowser("the storefront in a browser", () => {
  const stage = useShopPage();
  afterEach(async () => {
    await stage.shop.client.post("/resilience/simulate/payment", { enable: false });
    await stage.shop.client.post("/resilience/reset/payment");
  });

  const visit = async (hash: string): Promise<void> => {
    const { page, shop } = stage;
    await page.goto(`${shop.url}/${hash}`);
  };
  const fillCart = async (productId = 7): Promise<void> => {
    const { page } = stage;
    await visit(`#/product/${productId}`);
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "To the cart" }).click();
    await page.getByRole("heading", { name: "Checkout" }).waitFor();
  };
  const pay = async (method: string): Promise<void> => {
    const { page } = stage;
    await page.getByLabel(method).check();
    await page.getByRole("button", { name: "Place the order" }).click();
  };

  test("a guest searches, fills a cart, pays, and sees the order fulfilled", async () => {
    const { complaints, page } = stage;
    await visit("");
    await page.getByLabel("Search the catalogue").pressSequentially("lamp");
    await expect
      .poll(() => page.locator(".summary").textContent(), PATIENCE)
      .toMatch(/^\d+ found in 0\.\d+s$/);
    const first = page.locator(".card").first();
    const name = await first.locator(".card-name").textContent();
    expect(name).toContain("lamp");
    await first.click();
    await page.getByRole("heading", { name: name ?? "" }).waitFor();
    await page.getByRole("button", { name: "One more" }).click();
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "To the cart" }).click();
    expect(await page.getByRole("spinbutton").inputValue()).toBe("2");
    await pay("Visa 4242");
    await expect.poll(() => page.locator(".order .badge").textContent(), PATIENCE).toBe("Fulfilled");
    await page
      .locator(".order-lines")
      .getByRole("link", { name: name ?? "" })
      .waitFor();
    expect(await page.getByRole("link", { name: "Cart, 0 pieces" }).count()).toBe(1);
    await page.getByRole("link", { name: "Orders" }).click();
    await expect
      .poll(() => page.locator(".order-row .badge").allTextContents(), PATIENCE)
      .toEqual(["Fulfilled"]);
    expect(complaints).toEqual([]);
  });

  test.each([
    ["Visa 0002", "The bank declined the card"],
    ["Visa 9995", "The account lacks the funds"],
  ])("a payment by %s is declined, and the cart is as it was", async (method, message) => {
    const { page } = stage;
    await fillCart();
    await pay(method);
    await page.getByRole("alert").getByText(message).waitFor();
    expect(await page.getByRole("link", { name: "Cart, 1 piece" }).count()).toBe(1);
    await pay("Visa 4242");
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
  });

  test("an order whose payment hangs waits, and is fulfilled later", async () => {
    const { page } = stage;
    await fillCart();
    await pay("Slow bank");
    await page.getByRole("heading", { name: "Thank you" }).waitFor(PATIENCE);
    await expect.poll(() => page.locator(".order .badge").textContent(), PATIENCE).toBe("Fulfilled");
  });

  test("while the payment service is away, the buyer learns it and loses nothing", async () => {
    const { page, shop } = stage;
    await fillCart();
    await shop.client.post("/resilience/simulate/payment", { enable: true, ttl_secs: 150 });
    await expect
      .poll(async () => {
        const { body } = await shop.client.get("/resilience/circuit-breakers");
        if (body.payment.state === "open") return "open";
        const user = `buyer-${Math.random()}`;
        await shop.client.post(`/cart/${user}/items`, { product_id: 7, quantity: 1 });
        await shop.client.post(`/cart/${user}/checkout`);
        return body.payment.state;
      }, PATIENCE)
      .toBe("open");
    await pay("Visa 4242");
    await page.getByRole("alert").getByText("Nothing was ordered or charged").waitFor();
    await shop.client.post("/resilience/simulate/payment", { enable: false });
    await shop.client.post("/resilience/reset/payment");
    await pay("Visa 4242");
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
  });

  test("a checkout whose answer is lost is repeated under its key, and charged once", async () => {
    const { page } = stage;
    await fillCart();
    await page.route("**/checkout", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await pay("Visa 4242");
    await page.getByRole("alert").getByText("can't be charged twice").waitFor();
    await page.unroute("**/checkout");
    await page.getByRole("button", { name: "Place the order" }).click();
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    await page.getByRole("link", { name: "Orders" }).click();
    await expect.poll(() => page.locator(".order-row").count(), PATIENCE).toBe(1);
  });

  test("a purchase without an answer keeps its key while the cart stays, on whatever page the buyer is", async () => {
    const { page } = stage;
    const keys: (string | undefined)[] = [];
    await page.route("**/checkout", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      await route.abort();
    });
    await fillCart();
    await pay("Visa 4242");
    await page.getByRole("alert").getByText("can't be charged twice").waitFor();
    await visit("#/product/7");
    await page.reload();
    await visit("#/cart");
    await pay("Visa 4242");
    await page.getByRole("alert").waitFor();
    await page.getByRole("button", { name: "One more" }).click();
    await expect.poll(() => page.getByRole("spinbutton").inputValue(), PATIENCE).toBe("2");
    await pay("Visa 4242");
    await page.getByRole("alert").waitFor();
    await expect.poll(() => keys.length, PATIENCE).toBe(3);
    expect(keys[0]).toMatch(/^[\da-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test("an order is followed to its end though every answer is slower than the polls", async () => {
    const { page } = stage;
    await page.route("**/orders/*", async (route) => {
      const response = await route.fetch();
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      await route.fulfill({ response });
    });
    await fillCart();
    await pay("Slow bank");
    await expect.poll(() => page.locator(".order .badge").textContent(), PATIENCE).toBe("Fulfilled");
  });

  test("an older cart that comes late does not replace a newer one", async () => {
    const { page } = stage;
    await fillCart();
    let isHeld = false;
    const change = page.waitForRequest((request) => request.method() === "PUT");
    await page.route("**/cart/*", async (route) => {
      const response = await route.fetch();
      isHeld = true;
      await change;
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.fulfill({ response });
    });
    await visit("#/product/7");
    await page.getByRole("button", { name: "Add to cart" }).waitFor();
    await visit("#/cart"); // Comes anew, and asks for the cart, once the page before it was there.
    await expect.poll(() => isHeld, PATIENCE).toBe(true);
    const late = page.waitForResponse((response) => /\/cart\/[^/]+$/.test(response.url()));
    await page.getByRole("button", { name: "One more" }).click();
    await late;
    await expect.poll(() => page.getByRole("spinbutton").inputValue(), PATIENCE).toBe("2");
    expect(await page.getByRole("link", { name: "Cart, 2 pieces" }).count()).toBe(1);
  });

  test("the focus stays where the keyboard is while a cart changes", async () => {
    const { page } = stage;
    await fillCart();
    const more = page.getByRole("button", { name: "One more" });
    await more.focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("spinbutton").inputValue(), PATIENCE).toBe("2");
    const focused = () => page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.id");
    expect(await focused()).toBe("One more");
    await page.getByRole("button", { name: "One fewer" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("spinbutton").inputValue(), PATIENCE).toBe("1");
    expect(await focused()).toBe("One fewer");
    await page.getByRole("button", { name: /^Remove/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Your cart is empty").waitFor();
    await expect.poll(focused, PATIENCE).toBe("content");
  });

  test("a search is one step back, whatever was typed", async () => {
    const { page } = stage;
    await visit("#/category/Toys");
    await page.getByLabel("Search the catalogue").pressSequentially("lamp");
    await page.locator(".summary").waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Toys" }).waitFor();
    expect(await page.getByLabel("Search the catalogue").inputValue()).toBe("");
  });

  test("bad input is refused with a word, not an empty page", async () => {
    const { page } = stage;
    await visit("#/product/123456");
    await page.getByRole("alert").getByText("There is no product 123456").waitFor();
    await visit("#/product/rubbish");
    await page.getByRole("alert").waitFor();
    await visit("#/orders/nonsense");
    await page.getByRole("alert").getByText("There is no order").waitFor();
    await visit("");
    await page.getByLabel("Search the catalogue").fill("<img src=x onerror=alert(1)>");
    await page.getByText("Nothing matches “<img").waitFor();
    await fillCart();
    const quantity = page.getByRole("spinbutton");
    for (const [typed, shown] of [
      ["", "1"],
      ["-5", "1"],
      ["2.5", "1"],
      ["999999", "10000"],
    ] as const) {
      await quantity.fill(typed);
      await quantity.blur();
      await expect.poll(() => quantity.inputValue(), PATIENCE).toBe(shown);
    }
  });

  test("it says so when the shop is gone, and goes on when it is back", async () => {
    const { context, page } = stage;
    await visit("");
    await page.locator("a.card").first().waitFor();
    await context.setOffline(true);
    await page.getByRole("link", { name: "Toys" }).click();
    await page.getByRole("alert").getByText("The shop does not answer").waitFor();
    await context.setOffline(false);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("a.card").first().waitFor();
  });

  test("the keyboard alone is enough", async () => {
    const { page } = stage;
    await visit("");
    await page.locator("a.card").first().waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter"); // Skip to the content.
    expect(await page.evaluate("document.activeElement.id")).toBe("content");
    await page.locator("a.card").first().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Add to cart" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "To the cart" }).waitFor();
  });

  test.each([390, 820, 1920])(
    "it fits %i pixels in both themes, without a serious finding",
    async (width) => {
      const { page } = stage;
      await page.setViewportSize({ width, height: 900 });
      for (const [name, hash, ready] of [
        ["home", "", "a.card"],
        ["product", "#/product/7", "article h1"],
      ] as const) {
        await visit(hash);
        await page.locator(ready).first().waitFor();
        expect(await flawsOf(page, `${name}-${width}`)).toEqual([]);
      }
    },
  );

  test("every target is large enough for a finger at 390 pixels", async () => {
    const { page } = stage;
    await page.setViewportSize({ width: 390, height: 900 });
    await fillCart();
    for (const [hash, ready] of [
      ["", "a.card"],
      ["#/product/7", "article h1"],
      ["#/cart", ".lines li"],
      ["#/account", "form"],
    ] as const) {
      await visit(hash);
      await page.locator(ready).first().waitFor();
      expect(await page.evaluate(SMALL_TARGETS), hash).toEqual([]);
    }
  });

  test("a purchase works over a slow network", async () => {
    const { context, page } = stage;
    const network = await context.newCDPSession(page);
    await network.send("Network.enable");
    await network.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 400,
      downloadThroughput: 50_000,
      uploadThroughput: 20_000,
    });
    await visit("");
    await page.locator("a.card").first().waitFor();
    await fillCart();
    await pay("Visa 4242");
    await expect.poll(() => page.locator(".order .badge").textContent(), PATIENCE).toBe("Fulfilled");
  });

  test("a page that fails says so, and the others work", async () => {
    const { complaints, page } = stage;
    // Without a weight, name or price, which the page's code relies on.
    await page.route("**/products/7", (route) => route.fulfill({ json: { product_id: 7 } }));
    await visit("#/product/7");
    await page.getByRole("alert").getByText("This part of the page has failed").waitFor();
    expect(complaints.length).toBeGreaterThan(0);
    await page.getByRole("link", { name: "To the catalogue" }).click();
    await page.locator("a.card").first().waitFor();
    await page.unroute("**/products/7");
    await fillCart();
  });

  test("nothing moves while it loads", async () => {
    const { page } = stage;
    await page.addInitScript(
      "new PerformanceObserver((list) => { for (const { value } of list.getEntries()) globalThis.shift = (globalThis.shift ?? 0) + value; }).observe({ type: 'layout-shift', buffered: true });",
    );
    await visit("");
    await page.locator("a.card").first().waitFor();
    await page.waitForLoadState("networkidle");
    expect(await page.evaluate("globalThis.shift ?? 0")).toBe(0);
  });
});
