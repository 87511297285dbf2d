/** The command line of a mutation run: its paths, and the least percentage of mutants that tests notice. */
export interface MutationOptions {
  readonly paths: readonly string[];
  readonly least: number;
}

/** @returns undefined where the words make no sense */
export const readOptions = (words: readonly string[]): MutationOptions | undefined => {
  const at = words.indexOf("--least");
  const least = at < 0 ? 0 : Number(words[at + 1] || Number.NaN);
  const paths = at < 0 ? words : words.toSpliced(at, 2);
  const isSound = least >= 0 && least <= 100 && !paths.some((path) => path.startsWith("--"));
  return isSound && paths.length > 0 ? { paths, least } : undefined;
};

/** Percentage of noticed mutants; none at all is no proof of anything. */
export const scoreOf = (noticed: number, all: number): number => (all > 0 ? (100 * noticed) / all : 0);
