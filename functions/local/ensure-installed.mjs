/**
 * Installs what is missing before a command runs, so that a fresh clone needs npm and nothing else. Plain
 * JavaScript for whatever Node comes with npm: nothing is installed yet when it runs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const inRoot = (...parts) => join(root, ...parts);
const windows = process.platform === "win32";

const run = (command, parameters) => {
  const { status } = spawnSync(command, parameters, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: windows,
  });
  if (status !== 0) process.exit(status ?? 1);
};

/** npm's own note of what it installed; an entry with another version, or none, means the lock file moved on. */
const isUpToDate = () => {
  const note = inRoot("node_modules", ".package-lock.json");
  if (!existsSync(note)) return false;
  const wanted = JSON.parse(readFileSync(inRoot("package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(note, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
  );
};

const bunRuns = () =>
  spawnSync(inRoot("node_modules", ".bin", "bun"), ["--version"], {
    shell: windows,
  }).status === 0;

if (!isUpToDate()) {
  process.stderr.write("Installing dependencies …\n");
  run("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"]);
}
// Where npm is set not to run install scripts, Bun's own has not put its program in place.
if (!bunRuns()) run(process.execPath, [inRoot("node_modules", "bun", "install.js")]);
