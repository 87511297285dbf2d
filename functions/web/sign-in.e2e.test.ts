// biome-ignore-all lint/style/noExcessiveLinesPerFile: each way to prove who one is, and each way it ends, in one browser

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { describeWithBrowser } from "../../loadtest/harness/describe-with.ts";
import { PATIENCE, useShopPage } from "../testing/shop-page.ts";

describeWithBrowser("the pages of a shop with access control", () => {
  const stage = useShopPage({ AUTH: "jwt", RATE_LIMITS: "off" });

  /** As `npm run -s token` prints it. */
  const tokenFor = (...words: string[]): Promise<string> => {
    const child = spawn(process.execPath, ["functions/local/token.ts", ...words], {
      env: { ...process.env, DATA_DIR: stage.shop.dataDir },
      stdio: ["ignore", "pipe", "inherit"],
    });
    return text(child.stdout).then((printed) => printed.trim());
  };
  const signIn = async (token: string): Promise<void> => {
    await stage.page.getByLabel("Token").fill(token);
    await stage.page.getByRole("button", { name: "Sign in" }).click();
  };
  const fillCart = async (): Promise<void> => {
    const { page, shop } = stage;
    await page.goto(`${shop.url}/#/product/7`);
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "To the cart" }).waitFor();
  };
  const complaints = () => stage.complaints.filter((line) => !line.startsWith("Failed to load resource"));

  test("a guest buys without an account, and comes back as the same guest", async () => {
    const { page } = stage;
    await fillCart();
    await page.reload();
    await page.getByRole("link", { name: "Cart, 1 piece" }).click();
    await page.getByRole("button", { name: "Place the order" }).click();
    await expect.poll(() => page.locator(".order .badge").textContent(), PATIENCE).toBe("Fulfilled");
    await page.getByRole("link", { name: "Orders" }).click();
    await expect.poll(() => page.locator(".order-row").count(), PATIENCE).toBe(1);
    expect(stage.complaints).toEqual([]);
  });

  test("a guest whose token has run out becomes another one", async () => {
    const { page, shop } = stage;
    await page.addInitScript(
      `localStorage.setItem("stampede-guest", '{"user_id":"guest-old","cart_token":"guest-old.t0.AAAA"}')`,
    );
    await page.goto(shop.url);
    await page.getByRole("link", { name: "Cart, 0 pieces" }).waitFor();
    await expect
      .poll(() => page.evaluate<string>("localStorage.getItem('stampede-guest')"), PATIENCE)
      .not.toContain("guest-old");
  });

  test("two calls with an expired cart token make one guest, and lose nothing", async () => {
    const { page, shop } = stage;
    await page.addInitScript(
      `localStorage["stampede-guest"] ??= '{"user_id":"guest-old","cart_token":"guest-old.t0.AAAA"}'`,
    );
    let guests = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/guests")) guests++;
    });
    const [isHeld, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    // The header's own read of the cart: its 401 comes after the other call's, and after what followed that.
    await page.route("**/cart/guest-old", async (route) => {
      const response = await route.fetch();
      isHeld.resolve();
      await release.promise;
      await route.fulfill({ response }); // cspell:disable-line -- Playwright's
    });
    await page.goto(`${shop.url}/#/product/7`);
    await isHeld.promise;
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "To the cart" }).waitFor();
    const kept = await page.evaluate<string>("localStorage['stampede-guest']");
    expect(kept).not.toContain("guest-old");
    const retried = page.waitForResponse((response) => /\/cart\/guest-(?!old)[^/]+$/.test(response.url()));
    release.resolve();
    expect((await (await retried).json()).items).toMatchObject([{ product_id: 7, quantity: 1 }]);
    expect(await page.evaluate("localStorage['stampede-guest']")).toBe(kept);
    expect(guests).toBe(1);
    await page.getByRole("link", { name: "Cart, 1 piece" }).waitFor();
  });

  test("a refused token signs its user out, and the page stays", async () => {
    const { page, shop } = stage;
    const token = (await tokenFor("--user", "dora")).replace(/[^.]+$/, "AAAA");
    await page.addInitScript(`sessionStorage["stampede-token"] ??= ${JSON.stringify(token)}`);
    await page.goto(`${shop.url}/#/product/7`);
    await page.getByText("You have been signed out").waitFor();
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("link", { name: "Cart, 1 piece" }).waitFor();
    await page.getByRole("link", { name: "Sign in again" }).click();
    await signIn(await tokenFor("--user", "dora"));
    await page.getByText("Signed in as dora").waitFor();
    expect(await page.getByText("You have been signed out").count()).toBe(0);
    expect(complaints()).toEqual([]);
  });

  test("public pages are read without credentials", async () => {
    const { page, shop } = stage;
    const sent = new Map<string, boolean>();
    page.on("request", (request) => {
      const headers = request.headers();
      const { pathname } = new URL(request.url());
      sent.set(pathname, "authorization" in headers || "x-cart-token" in headers);
    });
    await page.goto(`${shop.url}/#/account`);
    await signIn(await tokenFor("--user", "alice"));
    await page.getByText("Signed in as alice").waitFor();
    await page.goto(`${shop.url}/#/product/7`);
    await expect.poll(() => sent.get("/products/7/stock"), PATIENCE).toBe(false);
    expect(sent.get("/products/7")).toBe(false);
    expect(sent.get("/cart/alice")).toBe(true);
  });

  test("a guest who signs in keeps the cart, and the token is in no address", async () => {
    const { page } = stage;
    await fillCart();
    await page.getByRole("link", { name: "Account" }).click();
    await signIn("rubbish");
    await page.getByRole("alert").getByText("This is no token").waitFor();
    const token = await tokenFor("--user", "carol");
    await signIn(token);
    await page.getByText("Signed in as carol").waitFor();
    await page.getByRole("link", { name: "Cart, 1 piece" }).click();
    await page.getByRole("button", { name: "Place the order" }).click();
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    expect(page.url()).not.toContain(token.slice(0, 20));
    expect(await page.evaluate("JSON.stringify(localStorage)")).not.toContain(token.slice(-20));
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Orders" }).click();
    await page.getByText("No orders yet").waitFor();
    expect(complaints()).toEqual([]);
  });

  test("the console is for administrators", async () => {
    const { page, shop } = stage;
    await page.goto(`${shop.url}/console`);
    await page.getByText("administrators only").waitFor();
    await signIn(await tokenFor("--user", "alice"));
    await page.getByText("your token is not one of theirs").waitFor();
    await signIn(await tokenFor("--user", "root", "--admin"));
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByLabel("No cache").click({ force: true });
    await page.locator(".log li", { hasText: "cache off" }).first().waitFor();
    await page.getByRole("button", { name: "kill DynamoDB" }).click();
    await page.locator(".log li", { hasText: "dynamodb kill" }).first().waitFor();
    await page.reload();
    await page.getByText("Live", { exact: true }).waitFor();
    expect((await fetch(`${shop.url}/console/events`)).status).toBe(401);
    expect((await fetch(`${shop.url}/console/actions`, { method: "POST" })).status).toBe(401);
    expect(complaints()).toEqual([]);
  });

  test("an administrator whose token is refused is asked for another", async () => {
    const { page, shop } = stage;
    const token = await tokenFor("--user", "root", "--admin");
    const set = {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    };
    await fetch(`${shop.url}/cache`, { ...set, body: '{"mode":"tiered"}' });
    await page.goto(`${shop.url}/console`);
    await signIn(token);
    await page.getByText("Live", { exact: true }).waitFor();
    await expect.poll(() => page.getByLabel("Memory, then Redis").isChecked(), PATIENCE).toBe(true);
    await page.route("**/cache", (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: "Bearer refused" } }),
    );
    await page.getByLabel("No cache").click({ force: true });
    await page.getByText("The shop no longer accepts your token").waitFor();
    await page.unroute("**/cache");
    await signIn(await tokenFor("--user", "root", "--admin"));
    await page.getByLabel("Redis only").click({ force: true });
    await page.locator(".log li", { hasText: "cache redis" }).first().waitFor();
    expect(await page.getByText("The shop no longer accepts your token").count()).toBe(0);
  });

  test("the console's load buys, and its credentials are in no command line", async () => {
    const { page, shop } = stage;
    const token = await tokenFor("--user", "root", "--admin");
    await page.goto(`${shop.url}/console`);
    await signIn(token);
    await page.getByText("Live", { exact: true }).waitFor();
    const headers = { authorization: `Bearer ${token}` };
    const act = async (body: object): Promise<number> =>
      (await shop.client.post("/console/actions", body, headers)).status;
    const fulfilled = async (): Promise<number> => {
      const stats = await fetch(`${shop.url}/stats`, { headers });
      return ((await stats.json()) as { orders: { fulfilled: number } }).orders.fulfilled;
    };
    const before = await fulfilled();
    const load = { readsPerSecond: 10, shoppers: 2, seconds: 90, spike: false, hotShare: 0 };
    expect(await act({ do: "load", load })).toBe(202);
    const isInCommandLine = async (part: string) =>
      (await text(spawn("ps", ["-eo", "args"]).stdout)).includes(part);
    await expect.poll(() => isInCommandLine("live/live-load.ts"), PATIENCE).toBe(true);
    expect(await isInCommandLine(token.slice(-20))).toBe(false);
    await expect.poll(fulfilled, PATIENCE).toBeGreaterThan(before + 1);
    expect(await act({ do: "stop-load" })).toBe(202);
    const verdict = page.locator(".log li.verdict").first();
    await verdict.waitFor(PATIENCE);
    expect(await verdict.textContent()).toMatch(/verdict: ok.* [1-9]\d* orders paid and fulfilled/);
  });
});
