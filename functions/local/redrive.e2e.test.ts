import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../../core/order/checkout.ts";
import { getOrder } from "../../core/order/order.ts";
import { stockedProduct, userWithCart } from "../../core/testing/fixtures.ts";
import { outputOf } from "../../loadtest/harness/output-of.ts";
import { testShop } from "../testing/test-shop.ts";

const root = join(import.meta.dirname, "..", "..");

/** Runs the command as npm does, on the tables of this test. */
const redrive = async (words: string[], env: Record<string, string> = {}) => {
  const child = spawn(join(root, "node_modules", ".bin", "bun"), ["functions/local/redrive.ts", ...words], {
    cwd: root,
    env: { ...process.env, FULFILMENT_GRACE_MS: "1", LOG_LEVEL: "SILENT", ...env },
  });
  const output = outputOf(child);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output: output() };
};

test("says what it would do, does it, and has nothing left to do", async () => {
  const shop = testShop();
  const user = await userWithCart(shop, [await stockedProduct(shop, 5), 2]);
  const { order } = await checkout(shop, { userId: user, paymentMethod: "pm_card_visa" });

  const dry = await redrive(["--dry-run"]);
  expect(dry.output).toMatch(/Dry run: nothing was changed/);
  expect(dry.output).toMatch(/To be fulfilled: +1$/m);
  expect(dry.code).toBe(1);
  expect(await getOrder(shop, order.order_id)).toMatchObject({ status: "confirmed" });

  const real = await redrive(["--scan"]);
  expect(real.output).toMatch(/Fulfilled now: +1$/m);
  expect(real.code).toBe(0);
  expect(await getOrder(shop, order.order_id)).toMatchObject({ status: "fulfilled" });

  expect(await redrive([])).toMatchObject({ code: 0, output: expect.stringMatching(/Orders found: +0$/m) });
});

test("explains itself, and says what is wrong with an option or with no shop to work on", async () => {
  expect(await redrive(["--help"])).toMatchObject({ code: 0, output: expect.stringContaining("Usage:") });
  expect(await redrive(["--dryrun"])).toMatchObject({ code: 2, output: expect.stringContaining("--dryrun") });
  const nowhere = await redrive([], { DYNAMODB_ENDPOINT: "", DATA_DIR: "/nowhere/at/all" });
  expect(nowhere).toMatchObject({ code: 2, output: expect.stringContaining("No shop runs") });
  const gone = await redrive([], { DYNAMODB_ENDPOINT: "http://127.0.0.1:9" });
  expect(gone).toMatchObject({ code: 2, output: expect.stringContaining("could not be read") });
  expect(gone.output).not.toMatch(/^\s+at /m);
});
