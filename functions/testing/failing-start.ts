import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { outputOf } from "../../loadtest/harness/output-of.ts";
import { endAfterTests } from "./data-dirs.ts";

const MAIN = join(import.meta.dirname, "..", "local", "launcher.ts");

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
  const { DYNAMODB_ENDPOINT: _, TABLE_PREFIX: __, ...inherited } = process.env;
  const [program = "", ...parameters] = [...prefix, process.execPath, MAIN];
  const child = endAfterTests(
    spawn(program, parameters, {
      env: { ...inherited, PORT: "0", DATA_DIR: dir, CATALOG_SIZE: "50", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  const output = outputOf(child);
  const [code] = await once(child, "close");
  return { code, output: output() };
};
