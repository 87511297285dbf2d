import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endAfterTests } from "../data-dirs.ts";

const ANSWER = "answer ";

/** No test fails because the machine is busy. */
const PATIENT = { DYNAMODB_TIMEOUT_MS: "30000", PAYMENT_TIMEOUT_MS: "30000", REQUEST_DEADLINE_MS: "50000" };

/** Calls the function of a bundle; without an event, the answer is what kind of thing its handler is. */
export type Invoke = <Answer>(name: string, event?: unknown) => Promise<Answer>;

/** Starts copies of the functions of a folder's bundles, on a Node of Lambda's. They end with the test file. */
export const startCopies = (node: string, folder: string): Invoke => {
  const child = endAfterTests(
    spawn(node, [join(import.meta.dirname, "lambda-copy.mjs"), folder], {
      env: { ...process.env, ...PATIENT, AWS_LAMBDA_FUNCTION_NAME: "stampede-test", LOG_LEVEL: "ERROR" },
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async <Answer>(name: string, event?: unknown) => {
    child.stdin.write(`${JSON.stringify({ name, event })}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended without an answer`);
      if (value.startsWith(ANSWER)) return JSON.parse(value.slice(ANSWER.length)) as Answer;
    }
  };
};
