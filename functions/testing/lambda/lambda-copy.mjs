/**
 * Functions as Lambda has them, each from its bundle, on the Node that runs this file: `node lambda-copy.mjs FOLDER`.
 * Takes a call a line, the name of a bundle and an event, and answers each with a line that begins with "answer", as
 * metrics and log lines go the same way.
 */
import { join } from "node:path";
import { createInterface } from "node:readline";

const [, , folder = ""] = process.argv;
const context = {
  awsRequestId: "8f5e1b9c-5a51-4a3f-a7a1-0f1e4e6c0d6d",
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: "$LATEST",
  getRemainingTimeInMillis: () => 60_000,
};
for await (const line of createInterface({ input: process.stdin })) {
  const { name, event } = JSON.parse(line);
  const { handler } = await import(join(folder, `${name}.mjs`));
  const answer = event
    ? await handler(event, context).catch(({ name, message }) => ({ name, message }))
    : typeof handler;
  process.stdout.write(`answer ${JSON.stringify(answer)}\n`);
}
