/**
 * Installs what a command needs before it runs, so that a fresh clone needs npm and nothing else. Plain JavaScript for
 * the Node that comes with npm: nothing is installed yet when it runs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const inRoot = (...parts) => join(root, ...parts);
const windows = process.platform === "win32";

const textOf = (file) => (existsSync(file) ? readFileSync(file, "utf8").trim() : "");
const jsonOf = (file) => JSON.parse(textOf(file) || "{}");
const say = (line) => process.stderr.write(`${line}\n`);

const run = (command, parameters, options) =>
  spawnSync(command, parameters, { cwd: root, encoding: "utf8", shell: windows, ...options });

const runOrExit = (command, parameters) => {
  const { status } = run(command, parameters, { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
};

/** Compares npm's record of what it installed with the lock file. */
const packagesAreUpToDate = () => {
  const installed = jsonOf(inRoot("node_modules", ".package-lock.json")).packages;
  if (!installed) return false;
  return Object.entries(jsonOf(inRoot("package-lock.json")).packages).every(
    ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
  );
};

const installPackages = () => {
  if (!packagesAreUpToDate()) {
    say("Installing dependencies …");
    runOrExit("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"]);
  }
  // Where npm does not run install scripts, Bun's own has not put its program in place.
  const bunRuns = run(inRoot("node_modules", ".bin", "bun"), ["--version"]).status === 0;
  if (!bunRuns) runOrExit(process.execPath, [inRoot("node_modules", "bun", "install.js")]);
};

/** npm writes into a lock file only the platforms that were published when it was made. */
const installEngine = () => {
  const platform = `${process.platform}-${process.arch}`;
  const [version] = Object.entries(jsonOf(inRoot("package.json")).optionalDependencies ?? {})
    .filter(([name]) => name.startsWith("@dynoxide/"))
    .map(([, wanted]) => wanted);
  const program = windows ? "dynoxide.exe" : "dynoxide";
  const folders = [
    inRoot("node_modules", "@dynoxide", platform),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  if (process.env.DYNAMODB_ENDPOINT || folders.some((folder) => existsSync(join(folder, program)))) return;

  const engine = `@dynoxide/${platform}@${version}`;
  say(`Installing the embedded DynamoDB (${engine}) …`);
  const options = ["--no-save", "--no-fund", "--no-audit", "--loglevel=error"];
  const { status, stderr } = run("npm", ["install", ...options, engine]);
  // Not the end: the command may find another DynamoDB in a `.env` file, and says what to do where it does not.
  if (status !== 0) say(/E404|ETARGET/.test(stderr) ? "It is not published." : stderr.trim());
};

const sstIsUpToDate = () => {
  const { version } = jsonOf(inRoot("node_modules", "sst", "package.json"));
  // The shim of the AWS provider is the last file that the installation writes.
  return (
    textOf(inRoot(".sst", "platform", "version")) === version &&
    textOf(inRoot(".sst", "platform", "config.d.ts")).includes("@pulumi/aws") &&
    existsSync(inRoot(".sst", "platform", "node_modules", "@pulumi", "aws", "package.json"))
  );
};

/** SST installs its platform on the first deployment, along with downloads that types and synthesis do not need. */
const installSst = () => {
  if (sstIsUpToDate()) return;
  say("Installing the platform of SST (once, about half a minute) …");
  const env = {
    ...process.env,
    SST_SKIP_DEPENDENCY_CHECK: "1",
    SST_NO_BUN: "1",
    SST_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
  };
  const { status, stdout, stderr, error } = run(
    inRoot("node_modules", ".bin", "sst"),
    ["install", "--stage", "synth"],
    { env },
  );
  if (status === 0) return;
  say(`${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`);
  say("The platform of SST could not be installed; `npx sst install --print-logs` shows why.");
  process.exit(status ?? 1);
};

/**
 * Installs the packages of the lock file. Exits where that fails.
 *
 * @param {("engine" | "sst")[]} needs `engine`: the embedded DynamoDB of a platform that the lock file does not name;
 *   `sst`: SST's component sources and types
 */
export const ensureInstalled = (needs) => {
  installPackages();
  if (needs.includes("engine")) installEngine();
  if (needs.includes("sst")) installSst();
};
