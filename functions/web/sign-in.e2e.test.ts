import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { describeWithBrowser } from "../testing/browser.ts";
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

  test("a guest who signs in keeps the cart, and the token is in no address", async () => {
    const { page } = stage;
    await fillCart();
    await page.getByRole("link", { name: "Account" }).click();
    await signIn("rubbish");
    await page.getByRole("alert").getByText("This is no token").waitFor();
    const token = await tokenFor("--user", "alice");
    await signIn(token);
    await page.getByText("Signed in as alice").waitFor();
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

  test("the console's load buys, and its credentials are in no command line", async () => {
    const { page, shop } = stage;
    const token = await tokenFor("--user", "root", "--admin");
    await page.goto(`${shop.url}/console`);
    await signIn(token);
    await page.getByText("Live", { exact: true }).waitFor();
    const load = { readsPerSecond: 10, shoppers: 2, seconds: 10, spike: false, hotShare: 0 };
    const started = await shop.client.post(
      "/console/actions",
      { do: "load", load },
      { authorization: `Bearer ${token}` },
    );
    expect(started.status).toBe(202);
    const programs = () => text(spawn("ps", ["-eo", "args"]).stdout);
    await expect.poll(programs, PATIENCE).toContain("live/live-load.ts");
    expect(await programs()).not.toContain(token.slice(-20));
    const verdict = page.locator(".log li.verdict").first();
    await verdict.waitFor({ timeout: 60_000 });
    expect(await verdict.textContent()).toMatch(/verdict: ok.* [1-9]\d* orders paid and fulfilled/);
  });
});
