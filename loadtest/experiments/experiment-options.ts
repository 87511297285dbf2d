import { parseArgs } from "node:util";
import type { ExperimentResult } from "../report/run-result.ts";

export const NAMES = [
  "load",
  "cache",
  "recovery",
  "hot",
  "flash",
] as const satisfies ExperimentResult["name"][];

export type ExperimentName = (typeof NAMES)[number];

/** Something the person at the terminal can put right; the message says how. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Options {
  readonly names: readonly ExperimentName[];
  /** A running shop; without it everything needed is started. */
  readonly url?: string;
  readonly users?: number;
  /** Seconds of each measured stretch. */
  readonly duration?: number;
  readonly repeat?: number;
  /** Matches the names of the kinds of trouble that `recovery` goes through; all unless given. */
  readonly only?: RegExp;
  readonly isQuick: boolean;
  readonly seed: number;
  readonly out?: string;
  readonly baseline?: string;
  readonly adminToken?: string;
}

export const USAGE = `Usage: npm run experiment -- NAME [options]

  load       users in steps until the shop buckles, with 1 and with 2 server processes
  cache      the cache off, redis and tiered, under the same load
  recovery   dependencies fail in every way, in shops with and without breakers and retries
  hot        one product takes half of all reads: cold, detected, pre-warmed, redis, uncached
  flash      a 100-fold spike of buyers on a limited stock, counted in 1, 4, 16 shards and self-sharding
  all        all of them, in one report

  --quick            a shorter run, under a minute each
  --users N          load: at the most; recovery, hot: requests a second; else users
  --duration S       seconds of each measured stretch
  --repeat N         how often each measurement is made
  --seed N           of all that is drawn at random
  --only PATTERN     recovery: the kinds of trouble whose names match it
  --out DIR          where the report goes (loadtest/results/NAME-TIME)
  --baseline FILE    result.json of an earlier run to compare with
  --url URL          a running shop, instead of starting one here
  --admin-token T    of that shop, for faults and switches (or STAMPEDE_ADMIN_TOKEN)
  --allow-remote     lets --url name another machine: you answer for the load on it`;

interface Range {
  readonly min: number;
  readonly max: number;
  /** Less, where the shop is not this machine's own. */
  readonly remoteMax: number;
}

const RANGES = {
  users: { min: 2, max: 5_000, remoteMax: 2_000 },
  duration: { min: 1, max: 120, remoteMax: 60 },
  repeat: { min: 1, max: 20, remoteMax: 10 },
  seed: { min: 0, max: 2 ** 31 - 1, remoteMax: 2 ** 31 - 1 },
} satisfies Record<string, Range>;

const LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Reads the command line.
 *
 * @throws UsageError saying what is wrong with it
 */
export const parseOptions = (
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Options => {
  const { values, positionals } = parsed(words);
  const url = values.url === undefined ? undefined : targetOf(values.url, values["allow-remote"] ?? false);
  const isRemote = url !== undefined && !isLocal(url);
  const number = (name: keyof typeof RANGES): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const { min, max, remoteMax } = RANGES[name];
    const limit = isRemote ? remoteMax : max;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= limit) return value;
    throw new UsageError(`--${name} must be an integer from ${min} to ${limit}, got ${JSON.stringify(text)}`);
  };
  const given = {
    url,
    users: number("users"),
    duration: number("duration"),
    repeat: number("repeat"),
    only: values.only === undefined ? undefined : patternOf(values.only),
    out: values.out,
    baseline: values.baseline,
    adminToken: values["admin-token"] ?? (env.STAMPEDE_ADMIN_TOKEN || undefined),
  };
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(present),
    names: namesIn(positionals),
    isQuick: values.quick ?? false,
    seed: number("seed") ?? Date.now() % 1_000_000,
  };
};

const patternOf = (text: string): RegExp => {
  try {
    return new RegExp(text, "i");
  } catch {
    throw new UsageError(`--only must be a regular expression, got ${JSON.stringify(text)}`);
  }
};

const parsed = (words: readonly string[]) => {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        quick: flag,
        users: text,
        duration: text,
        repeat: text,
        seed: text,
        only: text,
        out: text,
        baseline: text,
        url: text,
        "admin-token": text,
        "allow-remote": flag,
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
};

const namesIn = (words: readonly string[]): readonly ExperimentName[] => {
  const [word, ...rest] = words;
  if (word === undefined) throw new UsageError(`Which experiment?\n\n${USAGE}`);
  if (rest.length > 0) throw new UsageError(`One experiment at a time, or all; got ${words.join(" ")}`);
  if (word === "all") return NAMES;
  const name = NAMES.find((name) => name === word);
  if (name) return [name];
  throw new UsageError(`There is no experiment ${JSON.stringify(word)}: ${[...NAMES, "all"].join(", ")}`);
};

const targetOf = (text: string, allowsRemote: boolean): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol) || url.search || url.hash) {
    throw new UsageError(`--url must be the http(s) URL of a shop, got ${JSON.stringify(text)}`);
  }
  if (url.username || url.password) throw new UsageError("--url takes no password; use --admin-token");
  if (!isLocal(text) && !allowsRemote) {
    throw new UsageError(
      `${url.host} is another machine. Load it only if it is yours, or its owner agreed: add --allow-remote`,
    );
  }
  return text.replace(/\/+$/, "");
};

/** The most of each number that another machine may be loaded with; undefined for a shop on this one. */
export const remoteBounds = ({
  url,
}: Pick<Options, "url">): Record<"users" | "duration" | "repeat", number> | undefined =>
  url === undefined || isLocal(url)
    ? undefined
    : {
        users: RANGES.users.remoteMax,
        duration: RANGES.duration.remoteMax,
        repeat: RANGES.repeat.remoteMax,
      };

export const isLocal = (url: string): boolean => LOCAL_HOSTS.includes(new URL(url).hostname);
