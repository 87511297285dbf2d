import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endAfterTests } from "../data-dirs.ts";

const ANSWER = "answer ";

/** No test fails because the machine is busy. */
const PATIENT = { DYNAMODB_TIMEOUT_MS: "30000", PAYMENT_TIMEOUT_MS: "30000", REQUEST_DEADLINE_MS: "50000" };

export interface LambdaCopy {
  readonly invoke: <Answer>(event: unknown) => Promise<Answer>;
  readonly end: () => void;
}

/** Starts a copy of a function as Lambda has it, on a Node of Lambda's. It ends with the test file at the latest. */
export const startCopy = (node: string, bundle: string): LambdaCopy => {
  const child = endAfterTests(
    spawn(node, [join(import.meta.dirname, "lambda-copy.mjs"), bundle], {
      env: { ...process.env, ...PATIENT, AWS_LAMBDA_FUNCTION_NAME: "stampede-test", LOG_LEVEL: "ERROR" },
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    invoke: async <Answer>(event: unknown) => {
      child.stdin.write(`${JSON.stringify(event)}\n`);
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`${bundle} ended without an answer`);
        if (value.startsWith(ANSWER)) return JSON.parse(value.slice(ANSWER.length)) as Answer;
      }
    },
    end: () => child.stdin.end(),
  };
};
