/**
 * `npm run report -- RESULT.json [--baseline FILE] [--out DIR]`: makes the report again from the data of a run,
 * by default beside them, and compares it with an earlier run.
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { RunFileError, readRun } from "./run-file.ts";
import { writeReport } from "./write-report.ts";

const USAGE = "Usage: npm run report -- RESULT.json [--baseline FILE] [--out DIR]";

if (process.argv.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}

const fail = (message: string): never => {
  console.error(message);
  process.exit(2);
};

const given = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { baseline: { type: "string" }, out: { type: "string" } },
    });
  } catch (error) {
    return fail(`${(error as Error).message}\n${USAGE}`);
  }
};

const { values, positionals } = given();
const [file, ...rest] = positionals;
if (!file || rest.length > 0) fail(USAGE);
else {
  try {
    const run = await readRun(file);
    const baseline = values.baseline ? await readRun(values.baseline) : undefined;
    console.log(`written to ${await writeReport(run, values.out ?? dirname(file), baseline)}`);
  } catch (error) {
    if (error instanceof RunFileError) fail(error.message);
    throw error;
  }
}
