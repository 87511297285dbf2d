import { copyFile, mkdir, open, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { readConfig } from "../../core/config/config.ts";
import { tempDataDir } from "../testing/data-dirs.ts";
import { startAndFail } from "../testing/failing-start.ts";
import { claimDataDir } from "./data-dir.ts";
import { startEngine } from "./engine.ts";
import { processesWith } from "./processes.ts";
import { openProgress } from "./progress.ts";
import { seedDatabase } from "./seed.ts";

const silent = openProgress({ isTTY: false, write: () => true } as unknown as NodeJS.WriteStream);
const STACK = /\n\s+at .+:\d+/;

vi.setConfig({ testTimeout: 180_000 }); // Whole processes, however busy the machine is.

/** A start that failed leaves no process that works on the directory. */
const expectNothingLeft = (dir: string) =>
  expect(processesWith((command) => command.includes(dir))).toEqual([]);

describe.concurrent("a damaged database", () => {
  const PAGE = 4096;
  const makeDatabase = async (dir: string): Promise<string> => {
    const claimed = await claimDataDir(dir);
    await seedDatabase({ ...readConfig(), dataDir: dir, catalogSize: 300 }, claimed.databaseFile, silent);
    await claimed.release(); // As after a clean end.
    return claimed.databaseFile;
  };
  const overwrite = async (file: string, position: number, length: number): Promise<void> => {
    const handle = await open(file, "r+");
    await handle.write(Buffer.alloc(length, "garbage "), 0, length, position);
    await handle.close();
  };

  test.each<[string, (file: string) => Promise<unknown>]>([
    ["empty", (file) => truncate(file, 0)],
    ["garbage", (file) => writeFile(file, "garbage ".repeat(2_000))],
    ["cut off in its header", (file) => truncate(file, 50)],
    [
      "cut in half",
      async (file) => truncate(file, Math.floor((await readFile(file)).length / PAGE / 2) * PAGE),
    ],
    ["overwritten at its beginning", (file) => overwrite(file, 0, 16)],
    ["overwritten in its tables", (file) => overwrite(file, 5 * PAGE, 20 * PAGE)],
  ])("that is %s ends the start with what to do, and is left as it is", async (_, damage) => {
    const dir = await tempDataDir();
    const file = await makeDatabase(dir);
    await damage(file);
    const before = await readFile(file);
    const { code, output } = await startAndFail(dir);
    expect(output).toContain(`Could not start: The database file ${file} is damaged`);
    expect(output).toContain(`mv ${dir} ${dir}.damaged`);
    expect(output).not.toMatch(STACK);
    expect(code).toBe(1);
    expect((await readFile(file)).equals(before)).toBe(true);
    expectNothingLeft(dir);
  });

  test("is found also when its owner was killed, and a good one is taken", async () => {
    const dir = await tempDataDir();
    const file = await makeDatabase(dir);
    await copyFile(file, `${file}.copy`);
    await overwrite(file, 5 * PAGE, 20 * PAGE);
    await expect(claimDataDir(dir)).rejects.toThrow("is damaged");
    await expect(claimDataDir(dir)).rejects.toThrow("is damaged");
    await copyFile(`${file}.copy`, file);
    await (await claimDataDir(dir)).release();
  });

  test("that is a folder ends the start", async () => {
    const dir = await tempDataDir();
    await mkdir(join(dir, "stampede.db"));
    const { code, output } = await startAndFail(dir);
    expect(output).toContain("Could not start: ");
    expect(output).not.toMatch(STACK);
    expect(code).toBe(1);
  });
});

describe.concurrent("a full disk", () => {
  // Stands for it without the rights to mount one: no file may grow beyond this many KiB.
  const limited = (kibibytes: number) => ["bash", "-c", `ulimit -f ${kibibytes}; exec "$@"`, "bash"];

  test.each([
    ["while the catalogue is made", 100],
    ["while it is imported", 4_000],
  ])("%s ends the start with what to do, and leaves room behind", async (_, kibibytes) => {
    const dir = await tempDataDir();
    const { code, output } = await startAndFail(dir, { CATALOG_SIZE: "20000" }, limited(kibibytes));
    expect(output).toContain("There is no room for a catalogue of 20000 products");
    expect(output).toContain("Free some space");
    expect(output).not.toMatch(STACK);
    expect(code).toBe(1);
    expect(await readdir(dir)).toEqual(["lock"]);
    expectNothingLeft(dir);
  });

  test("that the engine meets ends the start with what to do", async () => {
    const dir = await tempDataDir();
    const { code, output } = await startAndFail(dir, { CATALOG_SIZE: "0" }, limited(20));
    expect(output).toMatch(/free some space/i);
    expect(output).not.toMatch(STACK);
    expect(code).toBe(1);
    expectNothingLeft(dir);
  });
});

describe.concurrent("an engine that hangs", () => {
  test("behind DYNAMODB_ENDPOINT ends the start", async () => {
    const dir = await tempDataDir();
    const engine = await startEngine();
    process.kill(engine.pid, "SIGSTOP");
    try {
      const { code, output } = await startAndFail(dir, { DYNAMODB_ENDPOINT: engine.endpoint });
      expect(output).toContain(`The database at ${engine.endpoint} does not answer: no answer within`);
      expect(output).not.toMatch(STACK);
      expect(code).toBe(1);
    } finally {
      process.kill(engine.pid, "SIGCONT");
      await engine.stop();
    }
  });

  test("as it starts ends the start, and the engine", async () => {
    const dir = await tempDataDir();
    const program = join(dir, "hanging-engine");
    await writeFile(program, "#!/bin/sh\nexec sleep 5987\n", { mode: 0o755 });
    await expect(startEngine(join(dir, "stampede.db"), { program, timeoutMs: 1_000 })).rejects.toThrow(
      /^The embedded DynamoDB did not answer within \d+ s/,
    );
    await vi.waitFor(() => expect(processesWith((command) => command === "sleep 5987")).toEqual([]), 10_000);
  });

  test("is ended by force when it is stopped", async () => {
    const engine = await startEngine();
    process.kill(engine.pid, "SIGSTOP");
    await engine.stop();
  });
});

test.concurrent("nothing behind DYNAMODB_ENDPOINT ends the start with what to do", async () => {
  const dir = await tempDataDir();
  const { code, output } = await startAndFail(dir, { DYNAMODB_ENDPOINT: "http://127.0.0.1:9" });
  expect(output).toContain("The database at http://127.0.0.1:9 does not answer");
  expect(output).not.toMatch(STACK);
  expect(code).toBe(1);
});
