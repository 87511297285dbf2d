import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { bundleProgram } from "./bundle.ts";
import type { Synthesis, SynthesisRequest } from "./synthesis.ts";

const execute = promisify(execFile);

/** A run takes one to two seconds of a core; the rest is for a machine that is busy with others. */
const TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The program failed: its own message where it has one for people. */
export class SynthesisError extends Error {
  override readonly name = "SynthesisError";
  /** Resources it had asked for until then; undefined where it did not live to tell. */
  readonly created: readonly string[] | undefined;

  constructor(message: string, created: readonly string[] | undefined) {
    super(message);
    this.created = created;
  }
}

type Failure = Error & { readonly stderr?: string; readonly stdout?: string };

/** Secrets that a deployment must have set: here their values are in no way secret. */
const SECRETS = { SST_SECRET_StripeSecretKey: "sk_test_synthesized" };

/**
 * Runs the program for one stage. Settings are the `STAMPEDE_*` variables; those of the caller's own
 * environment are not taken over.
 *
 * @param program path of the bundle
 * @throws SynthesisError with what the program said
 */
export const runProgram = async (
  program: string,
  request: SynthesisRequest,
  settings: Readonly<Record<string, string>> = {},
): Promise<Synthesis> => {
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  try {
    // Node, as SST's CLI runs it, whatever runs this.
    const { stdout } = await execute("node", [program, JSON.stringify(request)], {
      env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...SECRETS, ...settings },
      cwd: `${import.meta.dirname}/../..`,
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: TIMEOUT_MS,
    });
    return JSON.parse(stdout) as Synthesis;
  } catch (error) {
    const { stdout } = error as Failure;
    const { created } = JSON.parse(stdout || "{}") as { created?: string[] };
    throw new SynthesisError(messageOf(error as Failure), created);
  }
};

/** The same for several stages, the program bundled once. */
export const synthesize = async (
  requests: readonly { request: SynthesisRequest; settings: Readonly<Record<string, string>> }[],
): Promise<Synthesis[]> => {
  const program = await bundleProgram();
  try {
    return await Promise.all(requests.map(({ request, settings }) => runProgram(program, request, settings)));
  } finally {
    await rm(program, { force: true });
  }
};

/** The program's errors are printed with their stack; a person needs the message. */
const messageOf = ({ message, stderr = "" }: Failure): string => {
  const forPeople = /(?:SettingsError|VisibleError): ([\s\S]*?)\n\s+at /.exec(stderr);
  return forPeople?.[1] ?? (stderr || message);
};
