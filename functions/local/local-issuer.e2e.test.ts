import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openLocalIssuer } from "./local-issuer.ts";

test("starts at the same time share one key, and none sees it half written", async () => {
  for (let round = 0; round < 10; round++) {
    const dir = await mkdtemp(join(tmpdir(), "stampede-issuer-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const issuers = await Promise.all(Array.from({ length: 8 }, () => openLocalIssuer(dir)));
    expect(new Set(issuers.map(({ keySet }) => keySet)).size).toBe(1);
    expect(new Set(issuers.map(({ cartSecret }) => cartSecret)).size).toBe(1);
    expect(await readdir(dir)).toEqual(["issuer.json"]);
  }
});

test("npm run token makes no guest's token, which the shop would reject", () => {
  const token = join(import.meta.dirname, "token.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [token, "--user", "guest-alice"], {
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^--user must not begin with guest-/);
});
