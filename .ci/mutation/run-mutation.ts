/**
 * `npm run test:mutation -- core/stock [core/order/place.ts …]`: changes the code of each file in turn, and lists the
 * changes that no test notices. One file takes minutes. With `--least 80` it fails where fewer per cent are noticed, of
 * all files together. Stryker runs on Node 22.18 or later: `node` on the PATH, or NODE_BINARY.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { readOptions, scoreOf } from "./score.ts";

const NODE = process.env.NODE_BINARY ?? "node";
const STRYKER = "node_modules/@stryker-mutator/core/bin/stryker.js";
const REPORT = ".data/mutation/report.json";
/** A mutant whose tests never end is noticed as well. */
const NOTICED = ["Killed", "Timeout"];
const UNNOTICED = ["Survived", "NoCoverage"];

const filesIn = (path: string): string[] =>
  statSync(path).isDirectory()
    ? globSync(`${path}/*.ts`).filter((file) => !/\.(test|bench)\.ts$/.test(file))
    : [path];

const options = readOptions(process.argv.slice(2));
const files = options?.paths.flatMap(filesIn).sort() ?? [];
const version = spawnSync(NODE, ["--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
const [, major = 0, minor = 0] = /^v(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
if (files.length === 0 || major < 22 || (major === 22 && minor < 18)) {
  console.error(
    files.length === 0
      ? "Usage: npm run test:mutation -- [--least 80] core/stock [core/order/place.ts …]"
      : `Stryker needs Node 22.18 or later; ${NODE} is ${version || "missing"} (set NODE_BINARY).`,
  );
  process.exit(2);
}
mkdirSync(".data/mutation", { recursive: true });

let [noticed, all] = [0, 0];
for (const file of files) {
  console.log(`\n${file}`);
  const { status } = spawnSync(NODE, [STRYKER, "run", ".ci/mutation/stryker.config.json", "--mutate", file], {
    stdio: "inherit",
    env: { ...process.env, MUTATED_FOLDER: dirname(file) },
  });
  if (status !== 0) process.exit(status ?? 1);
  const report: { files: Record<string, { mutants: { status: string }[] }> } = JSON.parse(
    readFileSync(REPORT, "utf8"),
  );
  const states = Object.values(report.files).flatMap(({ mutants }) => mutants.map((mutant) => mutant.status));
  noticed += states.filter((state) => NOTICED.includes(state)).length;
  all += states.filter((state) => NOTICED.includes(state) || UNNOTICED.includes(state)).length;
}
const score = scoreOf(noticed, all);
console.log(`\n${noticed} of ${all} mutants noticed: ${score.toFixed(1)} %`);
const { least = 0 } = options ?? {};
if (score < least) {
  console.error(`That is less than ${least} %`);
  process.exit(1);
}
