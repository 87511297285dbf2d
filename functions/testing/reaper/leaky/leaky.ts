import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("leaves processes and a folder", () => {
  mkdtempSync(join(tmpdir(), "leaked-"));
  // Detached and with its parent gone, as an engine whose launcher was killed.
  // The second one shows no environment, as Redis does.
  spawn("sh", ["-c", 'cd "$TMPDIR"; env -i sleep 601 & cd /; sleep 600 & echo leaked $!'], {
    detached: true,
    stdio: ["ignore", "inherit", "ignore"],
  });
  expect(process.env.LEAK_AND).toBe("pass");
});

test.runIf(process.env.LEAK_AND === "hang")("goes on for ever", { timeout: 0 }, () => new Promise(() => {}));
