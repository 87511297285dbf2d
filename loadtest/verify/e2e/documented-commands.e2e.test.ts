/** Runs the `curl` commands of README, tutorial and guide in order, and compares their answers with those on the page. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test, vi } from "vitest";
import { endPolitely } from "../../harness/end-politely.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { type ShopProcess, startShop } from "../../harness/shop-process.ts";

const ROOT = join(import.meta.dirname, "../../..");
const PAGES = ["README.md", "docs/tutorial.md", "docs/break-it.md"];
/** The pages show a catalogue of 100,000; the products up to here are the same in a smaller one. */
const PRODUCTS = 300;
const PATIENCE_MS = 60_000;
const START_MS = 170_000;

/** Commands that take minutes, a terminal or an account, by their beginning, and the test that runs what is behind each. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "npm start": "functions/local/cli.e2e.test.ts",
  "CATALOG_SIZE=0 npm start": "functions/local/cli.e2e.test.ts",
  "AUTH=jwt npm start": "functions/operations/metric-contract.e2e.test.ts",
  "npm run -s token": "functions/web/sign-in.e2e.test.ts",
  "npm test": "functions/testing/reaper/reaper.e2e.test.ts",
  "npm run lint": "stacks/synth/workflows.test.ts",
  "npm run catalog:import": "functions/local/import/import-command.e2e.test.ts",
  "npm run torture": "loadtest/verify/chaos/torture.e2e.test.ts",
  "npm run experiment": "loadtest/experiments/experiments.serial.test.ts",
  "npm run bench -- speed": "loadtest/bench/hot-read.serial.test.ts",
  "npm run bench -- overload": "loadtest/bench/overload/closed-loop.serial.test.ts",
  "npm run bench -- start": "functions/local/restart.e2e.test.ts",
  "npm run bench -- storage": "core/storage/lean/requests.property.test.ts",
  "npm run synth": "stacks/synth/synth.e2e.test.ts",
  "npx sst deploy": "stacks/synth/synth.e2e.test.ts",
  "npx sst remove": "stacks/synth/synth.e2e.test.ts",
};

const read = (page: string): string => readFileSync(join(ROOT, page), "utf8");

test("a test runs each other command of the README", () => {
  const readme = read("README.md");
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block).join("");
  const commands = [
    ...[...blocks.matchAll(/^([^#\n]+)/gm)].map(([, line = ""]) => line.trim()),
    ...[...readme.matchAll(/`((?:[A-Z_]+=\S+ )?(?:npm|npx) [^`]+)`/g)].map(([, command = ""]) => command),
  ];
  expect(commands.length).toBeGreaterThan(10);
  const known = Object.keys(ELSEWHERE);
  for (const command of commands) {
    expect(
      known.some((beginning) => `${command} `.startsWith(`${beginning} `)),
      command,
    ).toBe(true);
  }
  for (const file of Object.values(ELSEWHERE)) expect(existsSync(join(ROOT, file)), file).toBe(true);
});

let shop: ShopProcess;
beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), "stampede-documented-"));
  endWithTests(() => rmSync(dir, { recursive: true, force: true }));
  shop = await startShop({ DATA_DIR: dir, CATALOG_SIZE: String(PRODUCTS) }, START_MS);
  endWithTests(() => endPolitely(shop));
}, START_MS + 10_000);

interface Command {
  readonly line: string;
  readonly answer: string;
}

/** The `curl` commands of a page's console blocks, with the lines below each. */
const commandsOf = (page: string): Command[] =>
  [...read(page).matchAll(/^```console\n(.*?)^```/gms)].flatMap(([, block = ""]) =>
    block
      .split(/^\$ /m)
      .filter((part) => part.startsWith("curl "))
      .map((part) => {
        const [line = "", ...answer] = part.split("\n");
        return { line, answer: answer.join("\n").trim() };
      }),
  );

/** A text without ids, times and counts, which differ from run to run. */
const normal = (text: string): string =>
  text
    .replaceAll("\r", "")
    .replace(/ORD-[0-9A-Z]{26}/g, "ORD-")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "(time)")
    .replace(/"search_time":"[\d.]+s"/g, '"search_time":""')
    .replace(/"(total_\w+|checked_count|failures|successes)":\d+/g, '"$1":0')
    .trim();

/** The first part of a shown answer that an answer lacks; `…` stands for anything. */
const lacking = (shown: string, answer: string): string | undefined => {
  let rest = answer;
  return shown.split(/ ?… ?/).find((part, index, parts) => {
    const at = rest.indexOf(part);
    if (at < 0 || (index === 0 && at > 0)) return true;
    rest = rest.slice(at + part.length);
    return index === parts.length - 1 && part !== "" && rest !== "" && !rest.endsWith(part);
  });
};

const run = async ({ line, answer }: Command): Promise<void> => {
  const { stdout } = await promisify(execFile)("sh", ["-c", line.replaceAll("localhost:8080", shop.url)]);
  expect(lacking(normal(answer), normal(stdout)), `${line}\n${stdout}`).toBeUndefined();
};

test.for(PAGES)("the commands of %s answer as the page shows", async (page) => {
  const commands = commandsOf(page);
  expect(commands.length).toBeGreaterThan(5);
  for (const command of commands) {
    // A change is made once; reading waits for what happens "a few seconds later".
    if (/ -d | -X /.test(command.line)) await run(command);
    else await vi.waitFor(() => run(command), { timeout: PATIENCE_MS, interval: 100 });
  }
});
