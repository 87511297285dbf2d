import { parseArgs } from "node:util";
import { ConfigurationError } from "../../../core/config/environment-reader.ts";
import { isDomainError } from "../../../core/errors.ts";
import { MAX_AVAILABLE } from "../../../core/stock/stock.ts";
import type { Progress } from "../progress.ts";
import { StartError } from "../start-error.ts";
import { importRows } from "./import-rows.ts";
import { emptySummary, shownProblems, shownSummary } from "./import-summary.ts";
import { openTarget } from "./import-target.ts";
import { openSource, type Source, SourceError } from "./source.ts";
import type { SyncOptions } from "./sync.ts";

const DEFAULT_UNTRACKED_STOCK = 1_000_000;

const USAGE = `Imports products from a file into the shop's database.

  npm run catalog:import -- FILE [--untracked-stock N] [--keep-stock] [--prune]

FILE is a product export of Shopify's (.csv), or NDJSON (.ndjson, .jsonl): one product a line, as the API
takes or gives it. With another ending, a file that starts with { is NDJSON and any other is CSV.

Each variant of a Shopify product becomes a product, and stays the same product when it is imported again.
Afterwards the shop has the products of the file: products are created and updated, stock is set, and products
that Shopify no longer sells (drafts, archived and unpublished products, variants that are gone) are taken off
sale. Rows that are wrong are listed with their line numbers, and the others are imported.

  --untracked-stock N   pieces of a product whose stock is not tracked, is sold out and sold on, or is not in
                        the file (default ${DEFAULT_UNTRACKED_STOCK})
  --keep-stock          leave the stock of products that have some as it is
  --prune               take products of earlier imports that are not in the file off sale

The database is DYNAMODB_ENDPOINT if that is set, else the linked tables of a stage (npx sst shell), else the
one in DATA_DIR (.data), whether a shop is running on it or not. More: docs/import.md

Exit code: 0 everything imported, 1 some rows were not, 2 nothing could be started, 130 stopped by Ctrl-C.`;

export const EXIT = { done: 0, incomplete: 1, notStarted: 2, interrupted: 130 } as const;

/** Failures with a message for a person; anything else is a defect and shows its stack. */
const EXPECTED = [SourceError, ConfigurationError, StartError];

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
  const { file, options, isHelp, complaint } = readParameters(parameters);
  if (isHelp) {
    print(USAGE);
    return EXIT.done;
  }
  if (file === undefined || options === undefined) {
    complain(`${complaint}\n\n${USAGE}`);
    return EXIT.notStarted;
  }
  try {
    return await importSource(await openSource(resolveFile(file)), options, surroundings);
  } catch (error) {
    if (surroundings.signal.aborted) return EXIT.interrupted;
    if (!EXPECTED.some((expected) => error instanceof expected)) throw error;
    complain((error as Error).message);
    return EXIT.notStarted;
  }
};

interface Parameters {
  readonly file?: string | undefined;
  readonly options?: SyncOptions;
  readonly isHelp?: boolean | undefined;
  readonly complaint?: string;
}

const readParameters = (parameters: string[]): Parameters => {
  try {
    const { values, positionals } = parseArgs({
      args: parameters,
      options: {
        help: { type: "boolean", short: "h" },
        "untracked-stock": { type: "string", default: String(DEFAULT_UNTRACKED_STOCK) },
        "keep-stock": { type: "boolean", default: false },
        prune: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [file, ...others] = positionals;
    if (values.help) return { isHelp: true };
    if (!file) return { complaint: "Which file?" };
    if (others.length > 0) return { complaint: "One file at a time, please" };
    const pieces = values["untracked-stock"];
    const untrackedStock = /^\d+$/.test(pieces) ? Number(pieces) : Number.NaN;
    if (!(untrackedStock <= MAX_AVAILABLE))
      return { complaint: `--untracked-stock takes a number of pieces from 0 to ${MAX_AVAILABLE}` };
    return { file, options: { untrackedStock, keepStock: values["keep-stock"], prune: values.prune } };
  } catch (error) {
    return { complaint: (error as Error).message };
  }
};

const importSource = async (
  { name, size, encoding, survey, rows }: Source,
  options: SyncOptions,
  { print, complain, progress, signal }: Surroundings,
): Promise<number> => {
  const target = await openTarget(progress);
  const summary = emptySummary();
  let stopped = "";
  try {
    progress.start(`Importing ${name} (bytes)`, size);
    await importRows(target.shop, { rows: rows(progress.advance), survey, options, summary, signal });
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
  print(shownSummary({ name, isWindows1252: encoding === "windows-1252", ...options }, summary));
  if (target.isShared) print(RUNNING_HINT);
  if (signal.aborted) return EXIT.interrupted;
  return stopped || summary.refused > 0 ? EXIT.incomplete : EXIT.done;
};
