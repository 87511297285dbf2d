/** The commands as npm runs them: `node functions/local/cli.mjs NAME`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { tempDataDir } from "../testing/data-dirs.ts";
import GROUPS from "./commands.json" with { type: "json" };

const ROOT = join(import.meta.dirname, "../..");
const CLI = join(import.meta.dirname, "cli.mjs");

const COMMANDS: Readonly<Record<string, { steps: string[] }>> = Object.assign({}, ...Object.values(GROUPS));

const emptyShop = async () => ({
  DATA_DIR: await tempDataDir(),
  PORT: "0",
  CATALOG_SIZE: "0",
  LOG_LEVEL: "ERROR",
});

const start = (words: readonly string[], { program = "node", environment = {} } = {}) => {
  const child = spawn(program, program === "node" ? [CLI, ...words] : words, {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
};

const run = async (...words: string[]) => {
  const child = start(words);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { stdout, stderr, status };
};

test("package.json has a script for each command, and the list names them", async () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const commands = Object.keys(COMMANDS).map((name) => [name, `node functions/local/cli.mjs ${name}`]);
  expect(scripts).toEqual({ help: "node functions/local/cli.mjs --help", ...Object.fromEntries(commands) });
  const { stdout, status } = await run("--help");
  expect(status).toBe(0);
  for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`npm (run )?${name} `));
});

test("the programs of all commands exist", () => {
  const words = Object.values(COMMANDS).flatMap(({ steps }) => steps.flatMap((step) => step.split(" ")));
  const files = words.filter((word) => /\.[cm]?[jt]s$|\/bin\//.test(word));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) expect(existsSync(join(ROOT, file)), file).toBe(true);
});

test.for(Object.keys(COMMANDS))("%s --help says what it is, and does nothing", async (name) => {
  const { stdout, status } = await run(name, "--help");
  expect(stdout).toContain(name);
  expect(status).toBe(0);
});

test("a command that there is not is refused, with the list", async () => {
  const { stderr, status } = await run("lints");
  expect(stderr).toMatch(/^There is no command lints\n[\s\S]*npm run lint/);
  expect(status).toBe(2);
});

test("the exit code is the program's", async () => {
  expect(await run("verify")).toMatchObject({ status: 2, stderr: expect.stringContaining("Usage:") });
});

/** Resolves when the shop is open. */
const untilOpen = async ({ stdout, stderr }: ReturnType<typeof start>): Promise<void> => {
  let said = "";
  for await (const chunk of stderr.iterator({ destroyOnReturn: false })) {
    said += chunk;
    if (said.includes("The shop is open")) break;
  }
  expect(said).toContain("The shop is open");
  for (const stream of [stdout, stderr]) stream.resume();
};

test.for(["node", "npm"])("SIGTERM to the %s process stops the shop", async (program) => {
  const child = start(["start"], { program, environment: await emptyShop() });
  await untilOpen(child);
  child.kill("SIGTERM");
  // The shop itself holds the pipes as well: they close when it has ended.
  const [code] = await once(child, "close");
  if (program === "node") expect(code).toBe(0);
});

test("a command whose parent is gone gets one SIGTERM, however long it takes to end", async () => {
  const dir = await tempDataDir();
  // Stands for the shop that drains: it counts the signals of two seconds.
  const program = `
    let signals = 0;
    process.on("SIGTERM", () => {
      signals += 1;
      if (signals === 1) setTimeout(() => { console.log("signals: " + signals); process.exit(0); }, 2_000);
    });
    setInterval(() => {}, 1_000);
    console.log("ready");`;
  const files = {
    "functions/local/commands.json": JSON.stringify({
      All: { wait: { says: "waits", steps: ["node wait.cjs"] } },
    }),
    "functions/local/cli.mjs": readFileSync(CLI, "utf8"),
    "functions/local/ensure-installed.mjs": "export const ensureInstalled = () => undefined;",
    "wait.cjs": program,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  // As npm does, by a shell, which a signal ends alone.
  const shell = spawn("sh", ["-c", `node "${join(dir, "functions/local/cli.mjs")}" wait; true`], {
    env: { ...process.env, npm_lifecycle_event: "start" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void shell.kill("SIGKILL"));
  let said = "";
  for await (const chunk of shell.stdout.setEncoding("utf8")) {
    if (said === "" && String(chunk).includes("ready")) shell.kill("SIGTERM");
    said += chunk;
  }
  expect(said).toBe("ready\nsignals: 1\n");
});
