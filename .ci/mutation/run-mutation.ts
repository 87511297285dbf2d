/**
 * `npm run test:mutation -- core/stock [core/order/place.ts …]`: changes the code of each file in turn, and lists the
 * changes that no test notices. A folder takes an hour or two. With `--least 80` it fails where fewer per cent are
 * noticed, of all files together. Stryker runs on a Node of npm's, installed once.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { lambdaNode } from "../../functions/testing/lambda/lambda-node.ts";
import { readOptions, scoreOf } from "./score.ts";

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
if (files.length === 0) {
  console.error("Usage: npm run test:mutation -- [--least 80] core/stock [core/order/place.ts …]");
  process.exit(2);
}
const node = await lambdaNode(24);
if (!node) {
  console.error("Stryker runs on Node 24: name its program in NODE_24");
  process.exit(2);
}
mkdirSync(".data/mutation", { recursive: true });

let [noticed, all] = [0, 0];
// The tests of a folder's files are the same, and are run without a mutant once.
for (const [folder, changed] of Object.entries(Object.groupBy(files, dirname))) {
  console.log(`\n${folder}`);
  const { status } = spawnSync(
    node,
    [STRYKER, "run", ".ci/mutation/stryker.config.json", "--mutate", (changed ?? []).join(",")],
    { stdio: "inherit", env: { ...process.env, MUTATED_FOLDER: folder } },
  );
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
