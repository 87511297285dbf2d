/**
 * Runs a command of this repository, once what it needs is installed:
 *
 *   node functions/local/cli.mjs NAME [options]      (`npm run NAME -- [options]`)
 *   node functions/local/cli.mjs --help
 *
 * Plain JavaScript for the Node that comes with npm: in a fresh clone nothing else is there. `commands.json` has for each
 * command what it `says` in the list, what it `needs` beside the packages, and its `steps`, programs that run one after
 * the other, the last one with the options; `helps` marks programs with a `--help` of their own, `example` and `details`
 * are for docs/reference/commands.md.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./ensure-installed.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const groups = JSON.parse(readFileSync(join(here, "commands.json"), "utf8"));
const commands = Object.assign({}, ...Object.values(groups));

/** npm has names of its own for these two. */
const callOf = (name) => (name === "start" || name === "test" ? `npm ${name}` : `npm run ${name}`);

const list = () => {
  const width = Math.max(...Object.keys(commands).map((name) => callOf(name).length));
  const parts = Object.entries(groups).flatMap(([title, group]) => [
    title,
    ...Object.entries(group).map(([name, { says }]) => `  ${callOf(name).padEnd(width)}  ${says}`),
    "",
  ]);
  return [...parts, "Options follow --, as in npm run bench -- --help.\n"].join("\n");
};

/** Bun's program itself: what npm links to it on Windows is a script, which needs a shell. */
const programOf = (name) =>
  name === "node" ? process.execPath : join(root, "node_modules", "bun", "bin", "bun.exe");

/** @returns the exit code; 128 and the signal's number where one ended the program */
const runStep = ([program, ...words]) =>
  new Promise((resolve) => {
    const child = spawn(programOf(program), words, {
      cwd: root,
      stdio: "inherit",
      env: { INIT_CWD: process.cwd(), ...process.env },
    });
    // The shop ends at once, without draining, on a second signal: only one is sent when the parent is gone.
    let isEnding = false;
    const listeners = ["SIGINT", "SIGHUP", "SIGTERM"].map((signal) => {
      // A terminal sends its own signals to the program as well: passed on, they would count twice there.
      const isDelivered = process.stdin.isTTY && signal !== "SIGTERM";
      const pass = () => {
        isEnding = true;
        if (!isDelivered) child.kill(signal);
      };
      process.on(signal, pass);
      return () => process.off(signal, pass);
    });
    // npm runs us by a shell. The SIGTERM that npm passes on ends that shell and never arrives here.
    const parent = process.ppid;
    const stopWhenOrphaned = () => {
      if (isEnding || process.ppid === parent) return;
      isEnding = true;
      child.kill("SIGTERM");
    };
    const watch = process.env.npm_lifecycle_event ? setInterval(stopWhenOrphaned, 250) : undefined;
    const ended = (code) => {
      clearInterval(watch);
      for (const remove of listeners) remove();
      resolve(code);
    };
    child.once("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      ended(1);
    });
    child.once("exit", (code, signal) => ended(code ?? 128 + constants.signals[signal]));
  });

const [name, ...words] = process.argv.slice(2);
const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
if (name === undefined || name === "--help") {
  process.stdout.write(list());
  process.exit(0);
}
if (!command) {
  process.stderr.write(`There is no command ${name}\n\n${list()}`);
  process.exit(2);
}
if (words.includes("--help") && !command.helps) {
  process.stdout.write(`${callOf(name)}: ${command.says}\n`);
  process.exit(0);
}

ensureInstalled(command.needs ?? []);
for (const [index, step] of command.steps.entries()) {
  const isLast = index === command.steps.length - 1;
  const code = await runStep([...step.split(" "), ...(isLast ? words : [])]);
  if (code !== 0) process.exit(code);
}
