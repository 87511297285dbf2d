import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, "../../../node_modules/.cache");

/** The Nodes that Lambda runs handlers on, in versions that npm has as packages. */
const VERSIONS = { 22: "22.23.3", 24: "24.21.0" } as const;
export type NodeMajor = keyof typeof VERSIONS;

/**
 * Installs a Node of Lambda's from npm, once for this clone. `NODE_22` and `NODE_24` name programs to take in its place.
 *
 * @returns the path of its program; undefined where npm does not have it for this machine, or cannot be reached
 */
export const lambdaNode = async (major: NodeMajor): Promise<string | undefined> => {
  const given = process.env[`NODE_${major}`];
  if (given) return given;
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(CACHE, `${name}-${VERSIONS[major]}`);
  const program = join(folder, "node_modules", name, "bin", "node");
  if (existsSync(program)) return program;
  await mkdir(CACHE, { recursive: true });
  // Another test file may be installing the same: each into a folder of its own, and one rename wins.
  const attempt = await mkdtemp(join(CACHE, "node-"));
  const options = ["--no-save", "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error"];
  await run("npm", ["install", ...options, "--prefix", attempt, `${name}@${VERSIONS[major]}`])
    .then(() => rename(attempt, folder))
    .catch((error: Error) => console.warn(`Node ${major} could not be installed: ${error.message}`))
    .finally(() => rm(attempt, { recursive: true, force: true }));
  return existsSync(program) ? program : undefined;
};

/** The same, where a suite cannot do without it. Undefined: the suite is skipped, and says so. */
export const lambdaNodeFor = async (suite: string, major: NodeMajor): Promise<string | undefined> => {
  const program = await lambdaNode(major);
  if (program) return program;
  if (process.env.REQUIRE_ALL_SUITES) throw new Error(`${suite}: Node ${major} is missing`);
  console.warn(`SKIPPED: ${suite}, for lack of Node ${major}. Name its program in NODE_${major}`);
  return undefined;
};
