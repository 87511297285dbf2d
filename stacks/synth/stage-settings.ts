import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

type Variables = Readonly<Record<string, string | undefined>>;

const readVariables = (file: string): Variables =>
  existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};

/**
 * The settings that SST's command would find for a stage: those of `.env.<stage>` have the last word, over the
 * environment, and that over `.env`. (SST's documentation has it otherwise; a test asks SST itself.)
 *
 * @param root the project's folder
 */
export const settingsOf = (
  stage: string,
  root: string,
  environment: Variables = process.env,
): Record<string, string> => {
  const all = {
    ...readVariables(join(root, ".env")),
    ...environment,
    ...readVariables(join(root, `.env.${stage}`)),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      value && /^STAMPEDE_|^REDIS_CLUSTER$/.test(name) ? [[name, value]] : [],
    ),
  );
};
