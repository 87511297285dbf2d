import { once } from "node:events";
import { outputOf } from "../../loadtest/harness/output-of.ts";
import { inherited, LAUNCHER, spawnShop } from "../../loadtest/harness/shop-process.ts";
import { endAfterTests } from "./data-dirs.ts";

/**
 * Starts the launcher on a data directory and waits for its end.
 *
 * @param prefix a command that runs the one appended to it
 */
export const startAndFail = async (
  dir: string,
  environment: Readonly<Record<string, string>> = {},
  prefix: readonly string[] = [],
) => {
  const settings = { ...inherited(), DATA_DIR: dir, CATALOG_SIZE: "50", ...environment };
  const child = endAfterTests(spawnShop([...prefix, ...LAUNCHER], settings));
  const output = outputOf(child);
  const [code] = await once(child, "close");
  return { code, output: output() };
};
