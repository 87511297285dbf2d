import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lambdaNodeFor } from "../../../functions/testing/lambda/lambda-node.ts";
import { makeCertificate } from "../../../loadtest/harness/redis-secure.ts";

const run = promisify(execFile);
const POST = join(import.meta.dirname, "post.ts");

const files = makeCertificate();
let connections = 0;
const server = createServer(
  { key: readFileSync(files.key), cert: readFileSync(files.certificate) },
  (request, response) => request.resume().on("end", () => response.end("{}")),
).on("secureConnection", () => {
  connections += 1;
});
beforeAll(async () => {
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends two requests, and ends by itself: an idle connection keeps no process alive. */
const ask = async (program: string, hostname: string, env: Record<string, string> = {}): Promise<string> => {
  const { port } = server.address() as AddressInfo;
  const endpoint = { protocol: "https:", hostname, port, path: "/" };
  const code = `
    const { openPoster } = await import(${JSON.stringify(POST)});
    const { post } = openPoster();
    const headers = { host: "${hostname}", "content-length": "2" };
    const ask = () => post(${JSON.stringify(endpoint)}, headers, Buffer.from("{}"), {});
    try {
      await ask();
      console.log((await ask()).body.toString());
    } catch (error) {
      console.log(error.code);
    }`;
  const args = program === process.execPath ? ["-e", code] : ["--input-type=module", "-e", code];
  const { stdout } = await run(program, args, { env: { ...process.env, ...env } });
  return stdout.trim();
};

const node = await lambdaNodeFor("the lean DynamoDB client by TLS on Node", 22);
describe.each([
  ["Bun", process.execPath],
  ["Node", node],
])("on %s", (_, program) => {
  describe.skipIf(program === undefined)("by TLS", () => {
    test.each(["localhost", "127.0.0.1"])(
      "a trusted service at %s, two calls on one connection",
      async (name) => {
        const before = connections;
        expect(await ask(program ?? "", name, { NODE_EXTRA_CA_CERTS: files.certificate })).toBe("{}");
        expect(connections - before).toBe(1);
      },
    );

    test("a service whose certificate nobody trusts is not asked", async () => {
      expect(await ask(program ?? "", "localhost")).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    });
  });
});
