import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type Run, runSchema } from "./run-result.ts";

/** A file that cannot be read as a run; the message says why and is meant for people. */
export class RunFileError extends Error {
  override readonly name = "RunFileError";
}

/** The run in a `result.json`. @throws RunFileError when it isn't there, isn't JSON, or isn't a run */
export const readRun = async (file: string): Promise<Run> => {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such file" : cause.message;
    throw new RunFileError(`${file} cannot be read: ${reason}`, { cause });
  });
  return runOf(parsed(text, file), file);
};

/** The same of data at hand; `name` is what messages call it. @throws RunFileError */
export const runOf = (data: unknown, name: string): Run => {
  const version = z.object({ version: z.unknown() }).safeParse(data).data?.version;
  if (version === undefined) throw new RunFileError(`${name} is not the result.json of a run`);
  if (version !== 1) throw new RunFileError(`${name} has format ${version}, and only format 1 can be read`);
  const { data: run, error } = runSchema.safeParse(data);
  if (run) return run;
  const [issue] = error.issues;
  throw new RunFileError(`${name} is not a whole result.json: ${issue?.path.join(".")}: ${issue?.message}`);
};

const parsed = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RunFileError(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
};
