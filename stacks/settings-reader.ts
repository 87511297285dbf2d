/** Variables of a deployment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const HTTPS = /^https:\/\/[^\s/]+\/\S*$/;

/** Reads settings, and gathers what is wrong with them, so that all of it is reported at once. */
export class SettingsReader {
  readonly problems: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  report(problem: string): void {
    this.problems.push(problem);
  }

  /** The value as it is; an empty one is none. */
  value(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined;
  }

  oneOf<T extends string>(name: string, options: readonly T[], fallback: T): T {
    const given = this.value(name);
    const known = options.find((option) => option === given);
    if (given && !known)
      this.report(`${name} must be ${options.filter(Boolean).join(" or ")}, not "${given}"`);
    return known ?? fallback;
  }

  isOn(name: string, fallback = false): boolean {
    return this.oneOf(name, ["on", "off"], fallback ? "on" : "off") === "on";
  }

  /** @param what the pattern in words, for people */
  matching(name: string, pattern: RegExp, what: string): string | undefined {
    const given = this.value(name);
    if (given && !pattern.test(given)) this.report(`${name} must be ${what}, not "${given}"`);
    return given;
  }

  httpsUrl(name: string): string | undefined {
    return this.matching(name, HTTPS, "an https URL");
  }

  wholeNumber(name: string, { min, max }: { min: number; max: number }): number | undefined {
    const given = this.value(name);
    if (!given) return undefined;
    const number = /^\d{1,12}$/.test(given) ? Number(given) : Number.NaN;
    if (number >= min && number <= max) return number;
    this.report(`${name} must be a whole number from ${min} to ${max}, not "${given}"`);
    return undefined;
  }

  /** Reports settings that only mean something together. */
  together(names: readonly string[]): void {
    const missing = names.filter((name) => !this.value(name));
    if (missing.length === 0 || missing.length === names.length) return;
    this.report(
      `${names.slice(0, -1).join(", ")} and ${names.at(-1)} belong together: set all of them or none`,
    );
  }
}
