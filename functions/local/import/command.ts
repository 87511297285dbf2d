import { parseArgs } from "node:util";
import { ConfigurationError } from "../../../core/environment.ts";
import { isDomainError } from "../../../core/errors.ts";
import { OtherTableError } from "../create-tables.ts";
import { DataDirInUseError } from "../data-dir.ts";
import { EngineMissingError } from "../engine.ts";
import type { Progress } from "../progress.ts";
import { importRows } from "./import-rows.ts";
import { openSource, type Source, SourceError } from "./source.ts";
import { emptySummary, shownProblems, shownSummary } from "./summary.ts";
import { openTarget } from "./target.ts";

const USAGE = `Imports products from a file into the shop's database.

  npm run catalog:import -- FILE

FILE is a product export of Shopify's (.csv), or NDJSON (.ndjson, .jsonl): one product a line, as the API
takes or gives it. With another ending, a file that starts with { is NDJSON and any other is CSV.

Each variant of a Shopify product becomes a product. A product that is in the shop already is updated, and
left alone when nothing about it differs. What Shopify does not show (drafts, archived and unpublished
products) is left out. Stock is set for products that have none yet. Rows that are
wrong are listed with their line numbers, and the others are imported.

The database is DYNAMODB_ENDPOINT if that is set, else the linked tables of a stage (npx sst shell), else the
one in DATA_DIR (.data), whether a shop is running on it or not.

Exit code: 0 everything imported, 1 some rows were not, 2 nothing could be started, 130 stopped by Ctrl-C.`;

export const EXIT = { done: 0, incomplete: 1, notStarted: 2, interrupted: 130 } as const;

/** Failures with a message for a person; anything else is a defect and shows its stack. */
const EXPECTED = [SourceError, ConfigurationError, DataDirInUseError, EngineMissingError, OtherTableError];

const RUNNING_HINT =
  "  A shop that is running on this database sells these products from now on; its search finds them, and\n" +
  "  its caches drop older copies for certain, once it is started anew.";

interface Surroundings {
  /** Takes lines for standard output. */
  readonly print: (text: string) => void;
  /** Takes lines for standard error. */
  readonly complain: (text: string) => void;
  readonly progress: Progress;
  readonly resolveFile: (file: string) => string;
  readonly signal: AbortSignal;
}

/**
 * The command `catalog:import`.
 *
 * @returns the exit code
 */
export const runImport = async (parameters: string[], surroundings: Surroundings): Promise<number> => {
  const { print, complain, resolveFile } = surroundings;
  const { file, isHelp, complaint } = readParameters(parameters);
  if (isHelp) {
    print(USAGE);
    return EXIT.done;
  }
  if (file === undefined) {
    complain(`${complaint}\n\n${USAGE}`);
    return EXIT.notStarted;
  }
  try {
    return await importSource(await openSource(resolveFile(file)), surroundings);
  } catch (error) {
    if (surroundings.signal.aborted) return EXIT.interrupted;
    if (!EXPECTED.some((expected) => error instanceof expected)) throw error;
    complain((error as Error).message);
    return EXIT.notStarted;
  }
};

interface Parameters {
  readonly file?: string | undefined;
  readonly isHelp?: boolean | undefined;
  readonly complaint?: string;
}

const readParameters = (parameters: string[]): Parameters => {
  try {
    const { values, positionals } = parseArgs({
      args: parameters,
      options: { help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    const [file, ...others] = positionals;
    if (values.help) return { isHelp: true };
    if (!file) return { complaint: "Which file?" };
    return others.length > 0 ? { complaint: "One file at a time, please" } : { file };
  } catch (error) {
    return { complaint: (error as Error).message };
  }
};

const importSource = async (
  source: Source,
  { print, complain, progress, signal }: Surroundings,
): Promise<number> => {
  const target = await openTarget(progress);
  const summary = emptySummary();
  let stopped = "";
  try {
    progress.start(`Importing ${source.name} (bytes)`, source.size);
    await importRows(target.shop, source.rows(progress.advance), summary, signal);
    if (signal.aborted) stopped = "Stopped";
  } catch (error) {
    if (!isDomainError(error)) throw error;
    stopped = `Stopped: ${error.message}`;
  } finally {
    progress.stop();
    await target.close();
  }
  for (const problem of shownProblems(summary)) complain(problem);
  if (stopped) complain(`${stopped}. What is imported so far stays; run it again to go on.`);
  print(shownSummary(source.name, summary));
  if (target.isShared) print(RUNNING_HINT);
  if (signal.aborted) return EXIT.interrupted;
  return stopped || summary.failed > 0 ? EXIT.incomplete : EXIT.done;
};
