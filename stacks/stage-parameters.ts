import type { Environment } from "./settings-reader.ts";

/**
 * Settings kept with the stage, as parameters of Systems Manager named `/stampede/<stage>/STAMPEDE_…`: every machine that
 * deploys finds the same.
 */
export const keptSettings = async (app: string, stage: string): Promise<Environment> => {
  const { names, values } = await aws.ssm.getParametersByPath({ path: `/${app}/${stage}` });
  return Object.fromEntries(names.map((name, index) => [name.split("/").at(-1) ?? name, values[index]]));
};
