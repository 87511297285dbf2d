import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const COMMAND = join(import.meta.dirname, "verify-command.ts");

test("an empty history is refused rather than called ok", async () => {
  const dir = await mkdtemp(join(tmpdir(), "stampede-check-"));
  const file = join(dir, "history.jsonl");
  await writeFile(file, "");
  const ended = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(process.execPath, [COMMAND, file, "--data-dir", dir], (error, _, said) =>
      resolve({ code: error?.code, said }),
    );
  });
  expect(ended).toEqual({ code: 2, said: expect.stringContaining("history.jsonl is empty") });
  await rm(dir, { recursive: true });
});
