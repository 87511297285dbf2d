/**
 * A copy of a function on the Node that runs this file: `node lambda-copy.mjs BUNDLE`. Takes an event a line, and
 * answers each with a line that begins with "answer", as metrics and log lines go the same way.
 */
import { createInterface } from "node:readline";

const { handler } = await import(process.argv[2]);
const context = {
  awsRequestId: "8f5e1b9c-5a51-4a3f-a7a1-0f1e4e6c0d6d",
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: "$LATEST",
  getRemainingTimeInMillis: () => 60_000,
};
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await handler(JSON.parse(line), context).catch(({ name, message }) => ({ name, message }));
  process.stdout.write(`answer ${JSON.stringify(answer)}\n`);
}
