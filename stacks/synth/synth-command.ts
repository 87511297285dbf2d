/** `npm run synth`: what the stacks would create, without AWS. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ROUTES } from "../../functions/routes.ts";
import { SETTINGS } from "../setting-names.ts";
import type { CostLine } from "./cost-line.ts";
import { deployerPolicy } from "./deployer-policy.ts";
import { type Change, differences } from "./difference.ts";
import { driftOf, driftReport, readSteps } from "./drift.ts";
import { inventory } from "./inventory.ts";
import { fixedCosts, totalOf } from "./lambda-cost.ts";
import { PRICES } from "./prices.ts";
import { type Baseline, pullRequestComment } from "./pull-request.ts";
import { settingsOf } from "./stage-settings.ts";
import type { Synthesis } from "./synthesis.ts";
import { SynthesisError, synthesize } from "./synthesize.ts";
import { table } from "./text-table.ts";

const USAGE = `Usage: npm run synth -- [--stage NAME] [--diff OTHER | --since FILE | --policy STAGES | --drift FILE]
                        [--json]

  --stage NAME     the stage to show (default: personal)
  --diff OTHER     differences of the stage OTHER
  --since FILE     differences since the --json of another commit, and of the cost, as Markdown for a pull request
  --policy STAGES  the IAM policy of a role that deploys stages of that name, such as production or 'pr-*'
  --drift FILE     what "sst diff --json" wrote to FILE, as Markdown; the exit code is 2 if anything would change
  --json           everything, for programs

Settings come from .env.<stage>, the environment and .env, as for a deployment:
${SETTINGS.join(", ")}.`;

/** Exit code, as of other programs that compare. */
const DRIFT = 2;

const ROOT = `${import.meta.dirname}/../..`;
const print = (...parts: string[]): void => console.log(parts.join("\n"));
const bold = (text: string): string => (process.stdout.isTTY ? `\x1b[1m${text}\x1b[0m` : text);
const dollars = (amount: number): string => amount.toFixed(2);
const width = process.stdout.columns ?? Number.POSITIVE_INFINITY;

/** The first few names; the rest is a number. */
const some = (names: readonly string[], most = 4): string =>
  names.length > most
    ? `${names.slice(0, most).join(", ")} and ${names.length - most} more`
    : names.join(", ");

const showInventory = (stage: string, synthesis: Synthesis): void => {
  const rows = inventory(synthesis);
  const count = rows.reduce((sum, { names }) => sum + names.length, 0);
  print(bold(`Stage ${stage}: ${count} resources`), "");
  const shown = rows.map(({ stack, type, names }, index) => [
    rows[index - 1]?.stack === stack ? "" : stack,
    type,
    names.length,
    some(names),
  ]);
  print(table(["stack", "type", "", "names"], shown, width), "");
};

const costsOf = (synthesis: Synthesis): CostLine[] => fixedCosts(synthesis, Object.keys(ROUTES).length);

const showCosts = (synthesis: Synthesis): void => {
  const lines = costsOf(synthesis);
  print(
    bold(`Fixed costs a month, in US dollars (estimate: ${PRICES.region}, list prices of ${PRICES.noted})`),
    "",
  );
  const rows = lines.map(({ what, assumption, month }) => [what, dollars(month), assumption]);
  print(table(["", "$", "assumed"], [...rows, ["Total", dollars(totalOf(lines)), ""]], width), "");
  print("By use come on top: DynamoDB, logs, traffic, image storage, and tasks beyond the least number.", "");
};

const showChanges = (first: string, second: string, changes: readonly Change[]): void => {
  print(bold(`From ${first} to ${second}: ${changes.length} differences`), "");
  const rows = changes.map(({ what, field, from, to }, index) => [
    changes[index - 1]?.what === what ? "" : what,
    field,
    `${from} → ${to}`,
  ]);
  print(table(["resource", "field", `${first} → ${second}`], rows, width), "");
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      stage: { type: "string", default: "personal" },
      diff: { type: "string" },
      since: { type: "string" },
      policy: { type: "string" },
      drift: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return print(USAGE);
  if (values.drift !== undefined) {
    const drift = driftOf(readSteps(values.drift));
    if (drift.length > 0) process.exitCode = DRIFT;
    return print(driftReport(values.stage, drift));
  }
  const stages = [values.stage, ...(values.diff === undefined ? [] : [values.diff])];
  const [first, second] = await synthesize(
    stages.map((stage) => ({ request: { stage, dev: false }, settings: settingsOf(stage, ROOT) })),
  );
  if (!first) throw new Error("Nothing was synthesized");
  if (values.policy !== undefined) {
    return print(JSON.stringify(deployerPolicy(first.app.name, values.policy, [first]), undefined, 2));
  }
  if (values.since !== undefined) {
    const before = JSON.parse(readFileSync(values.since, "utf8")) as Baseline;
    return print(pullRequestComment(values.stage, before, { ...first, costs: costsOf(first) }));
  }
  const changes =
    second && values.diff !== undefined
      ? differences({ stage: values.stage, synthesis: first }, { stage: values.diff, synthesis: second })
      : undefined;
  if (values.json) {
    return print(
      JSON.stringify({ stage: values.stage, ...first, costs: costsOf(first), ...(changes && { changes }) }),
    );
  }
  if (changes && values.diff !== undefined) return showChanges(values.stage, values.diff, changes);
  showInventory(values.stage, first);
  showCosts(first);
};

try {
  await main();
} catch (error) {
  const { code = "" } = error as { code?: string };
  if (!(error instanceof SynthesisError) && !code.startsWith("ERR_PARSE_ARGS")) throw error;
  console.error((error as Error).message);
  if (code) console.error(`\n${USAGE}`);
  process.exitCode = code ? 64 : 1; // EX_USAGE of sysexits.h
}
