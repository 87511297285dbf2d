import { parseArgs } from "node:util";

export interface Options {
  readonly names: readonly string[];
  /** Of the subjects, all when left out. */
  readonly only?: readonly string[];
  readonly rounds?: number;
  /** Of each measured stretch. */
  readonly seconds?: number;
  /** The `result.json` of an earlier run. */
  readonly compare?: string;
  /** The subject of a flame graph. */
  readonly profile?: string;
  /** Whether the largest sizes are left out. */
  readonly isQuick?: boolean;
}

/** Something that can be put right at the terminal; the message says how. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const text = { type: "string" } as const;

/** @throws UsageError */
export const parseOptions = (words: readonly string[], usage: string): Options => {
  const { values, positionals } = parsed(words, usage);
  if (values.help || positionals.length === 0) throw new UsageError(usage);
  const number = (name: "rounds" | "seconds"): number | undefined => {
    const given = values[name];
    if (given === undefined) return undefined;
    if (/^[1-9]\d{0,3}$/.test(given)) return Number(given);
    throw new UsageError(`--${name} must be a positive integer, got ${JSON.stringify(given)}`);
  };
  const given = {
    only: values.only?.split(","),
    rounds: number("rounds"),
    seconds: number("seconds"),
    compare: values.compare,
    profile: values.profile,
    isQuick: values.quick,
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { names: positionals, ...Object.fromEntries(present) };
};

/**
 * The names that `--only` chooses from these, or all of them.
 *
 * @throws UsageError for a name that is not among them
 */
export const chosenOf = (
  names: readonly string[],
  { only = names }: Pick<Options, "only">,
): readonly string[] => {
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length === 0) return only;
  throw new UsageError(`--only takes ${names.join(", ")}; got ${unknown.join(", ")}`);
};

const parsed = (words: readonly string[], usage: string) => {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        only: text,
        rounds: text,
        seconds: text,
        compare: text,
        profile: text,
        quick: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
};
