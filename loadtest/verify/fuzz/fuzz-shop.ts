import { type Callers, EVERYBODY } from "../../harness/callers.ts";
import { CONDITIONS, type ConditionName } from "./conditions.ts";
import { type FuzzOptions, type FuzzResult, fuzz } from "./fuzz.ts";
import { giveData } from "./give-data.ts";

/** The settings of a shop to be fuzzed under a condition. */
export const environmentFor = (name: ConditionName, callers: Callers): Record<string, string> => ({
  LOG_LEVEL: "ERROR",
  ...CONDITIONS[name].environment,
  ...(name !== "open" && callers.environment),
});

/** Fuzzes a shop with these settings: as everybody of an open one, else as a caller of each role. */
export const fuzzShop = async (
  name: ConditionName,
  { all, admin }: Callers,
  options: Pick<FuzzOptions, "url" | "requests" | "seed" | "onAnswer">,
): Promise<FuzzResult> => {
  const { weather, lanes, disturb } = CONDITIONS[name];
  const callers = name === "open" ? [EVERYBODY] : all;
  await giveData(options.url, callers);
  const stop = disturb(options.url, name === "open" ? {} : admin.headers);
  try {
    return await fuzz({ ...options, lanes, weather, callers });
  } finally {
    await stop();
  }
};

/** Secrets that a shop has printed. */
export const leaksIn = (output: string, { secrets }: Pick<Callers, "secrets">): string[] =>
  secrets.filter((secret) => output.includes(secret));
