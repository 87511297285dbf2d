import { readFileSync } from "node:fs";

/** A step that a deployment would take, as `sst diff --json` prints it: the engine's own event, of which this is a part. */
interface Step {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  /** By the path of the field. */
  readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
}

/** Steps that change nothing at AWS. */
const IDLE = ["same", "read", "refresh", "discard"];

const LOCAL = /^(pulumi:|sst:|docker-build:|random:)/;

const MOST_ROWS = 60;

/** @throws Error for a file that `sst diff --json` has not written */
export const readSteps = (file: string): Step[] => {
  const steps: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(steps)) throw new Error(`${file} is no output of "sst diff --json"`);
  return steps as Step[];
};

/** The steps that would change something at AWS. */
export const driftOf = (steps: readonly Step[]): Step[] =>
  steps.filter(({ op, type }) => !IDLE.includes(op) && !LOCAL.test(type));

/** In Markdown. Fields are named, and their values are not: they may be secret, and an issue is read by many. */
export const driftReport = (stage: string, drift: readonly Step[]): string => {
  if (drift.length === 0) return `Stage ${stage} is as it was deployed.`;
  // To replace a resource takes several steps.
  const resources = new Set(drift.map(({ urn }) => urn)).size;
  const rows = drift.slice(0, MOST_ROWS).map(({ op, urn, type, detailedDiff }) => {
    const fields = Object.keys(detailedDiff ?? {}).map((field) => `\`${field}\``);
    return `| ${urn.split("::").at(-1)} | ${type.split(":").at(-1)} | ${op} | ${fields.join(", ")} |`;
  });
  return [
    `### Stage ${stage} differs from what was deployed: ${resources} resources`,
    "",
    "The next deployment would do this:",
    "",
    "| Resource | Type | Step | Fields |",
    "| --- | --- | --- | --- |",
    ...rows,
    ...(drift.length > MOST_ROWS ? ["", `… and ${drift.length - MOST_ROWS} more.`] : []),
  ].join("\n");
};
