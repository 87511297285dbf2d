export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown at start-up when the environment cannot be understood; the message names every bad variable. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** Collects every problem before failing, so that one start shows all that is wrong. */
export class EnvironmentReader {
  private readonly problems: string[] = [];
  private readonly env: Environment;

  constructor(env: Environment) {
    this.env = env;
  }

  /** An empty variable counts as unset: compose files and CI write `NAME=` for "no value". */
  optional(name: string): string | undefined {
    return this.env[name] || undefined;
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const raw = this.optional(name);
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (/^-?\d+$/.test(raw) && value >= range.min && value <= range.max) return value;
    return this.reject(name, `an integer from ${range.min} to ${range.max}`, fallback, raw);
  }

  oneOf<T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    const raw = this.optional(name);
    if (raw === undefined) return fallback;
    const match = allowed.find((option) => option === raw);
    return match ?? this.reject(name, `one of ${allowed.join(", ")}`, fallback, raw);
  }

  /** Parts of a comma-separated list; none for `off`. */
  anyOf<T extends string>(name: string, allowed: readonly T[]): T[] {
    const raw = this.optional(name);
    if (raw === undefined || raw === "off") return [];
    const parts = raw.split(",").map((part) => part.trim());
    const known = parts.flatMap((part) => allowed.find((option) => option === part) ?? []);
    if (known.length === parts.length) return known;
    const unknown = parts.filter((part) => !known.some((option) => option === part)).join(", ");
    return this.reject(name, `off or a list of ${allowed.join(", ")}`, [], unknown);
  }

  /** A number above 0. */
  factor(name: string, fallback: number, max: number): number {
    const raw = this.optional(name);
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (value > 0 && value <= max) return value;
    return this.reject(name, `a number above 0, at most ${max}`, fallback, raw);
  }

  url(name: string, protocols: readonly string[]): string | undefined {
    const raw = this.optional(name);
    if (raw === undefined) return undefined;
    if (URL.canParse(raw) && protocols.includes(new URL(raw).protocol)) return raw;
    return this.reject(name, `a URL starting with ${protocols.map((p) => `${p}//`).join(" or ")}`, undefined);
  }

  matching(name: string, fallback: string, pattern: RegExp, expected: string): string {
    const text = this.text(name, fallback);
    return pattern.test(text) ? text : this.reject(name, expected, fallback, text);
  }

  /** An origin as `Access-Control-Allow-Origin` takes it. */
  origin(name: string): string | undefined {
    const raw = this.optional(name);
    if (raw === undefined) return undefined;
    if (raw === "*" || (URL.canParse(raw) && new URL(raw).origin === raw)) return raw;
    return this.reject(name, "* or an origin such as https://shop.example", undefined);
  }

  /** A value that a parser understands; undefined when unset. The text is not repeated in the message: it may be a secret. */
  parsed<T>(
    name: string,
    parse: (text: string) => T,
    expected: string,
    raw: string | undefined = this.optional(name),
  ): T | undefined {
    if (raw === undefined) return undefined;
    try {
      return parse(raw);
    } catch {
      return this.reject(name, expected, undefined);
    }
  }

  /** Notes that a variable's value does not fit with the others. */
  refuse(name: string, expected: string): void {
    this.reject(name, expected, undefined);
  }

  /** One property of a linked SST resource, as SST hands it to a process. */
  linked(
    resource: string,
    property: string,
    { type = "string", mayBeEmpty = false }: { type?: "string" | "number"; mayBeEmpty?: boolean } = {},
  ): string | undefined {
    const name = `SST_RESOURCE_${resource}`;
    const raw = this.optional(name);
    if (raw === undefined) return undefined;
    const value = parsedJson(raw)?.[property];
    if (typeof value === type && (mayBeEmpty || value !== "")) return String(value);
    return this.reject(name, `a JSON object with a "${property}", as SST writes it`, undefined);
  }

  /** A property of a linked resource, else a variable, as a parser understands it; undefined where neither is set. */
  linkedOr<T>(
    resource: string,
    property: string,
    name: string,
    parse: (text: string) => T,
    expected: string,
  ): T | undefined {
    const linked = this.linked(resource, property, { mayBeEmpty: true });
    return this.parsed(name, parse, expected, linked || undefined);
  }

  /** @throws ConfigurationError naming each variable whose value is wrong */
  finish(): void {
    if (this.problems.length === 0) return;
    throw new ConfigurationError(`Wrong settings in the environment:\n  ${this.problems.join("\n  ")}`);
  }

  /** @param shown the value, unless it may hold a password as URLs and links do */
  private reject<T>(name: string, expected: string, fallback: T, shown?: string): T {
    const got = shown === undefined ? "" : `, got ${JSON.stringify(shown)}`;
    this.problems.push(`${name} must be ${expected}${got}`);
    return fallback;
  }
}

const parsedJson = (text: string): Record<string, unknown> | undefined => {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? undefined;
  } catch {
    return undefined;
  }
};
