type Environment = Readonly<Record<string, string | undefined>>;

/** Of the person's environment, what programs need to run at all. */
const NEEDED = /^(PATH|HOME|TMPDIR|LANG|LC_.*|TZ|USER|SHELL|TERM|LD_.*)$/;
/** `startShop` gives them values of its own, which an empty one would take away again. */
const GIVEN = /^(PORT|LOG_LEVEL|CATALOG_SIZE)$/;

/**
 * Empty values, which to the shop are none, for whatever else is set in the shell: a RESILIENCE or CACHE_TTL_MS
 * that somebody once exported is not to be measured.
 */
export const shellLeftOut = (env: Environment = process.env): Record<string, string> =>
  Object.fromEntries(
    Object.keys(env)
      .filter((name) => !NEEDED.test(name) && !GIVEN.test(name))
      .map((name) => [name, ""]),
  );

/** The same for Locust, which takes options from the environment too. */
export const withoutLocustOptions = (env: Environment = process.env): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("LOCUST_")));
