/**
 * The program of a deployment, run without AWS: `sst.config.ts` on SST's own components, with answers made
 * up in place of AWS's. Writes what would be created as JSON to standard output.
 *
 * A process of its own for each run, because the program lives on globals ($app, $dev, Pulumi's state).
 */
import { AsyncLocalStorage } from "node:async_hooks";
import crypto from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as awsProvider from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { run } from "../../../.sst/platform/src/auto/run.ts";
import * as components from "../../../.sst/platform/src/components/index.ts";
import config from "../../../sst.config.ts";
import type { Synthesis, SynthesisRequest, SynthesizedResource } from "../synthesis.ts";
import { answerOf, outputsOf } from "./aws-answers.ts";
import { sharedAnswer, stateOfShared } from "./look-ups.ts";
import { recordRequests } from "./record.ts";
import { startCliServer } from "./stand-in-server.ts";

const request = JSON.parse(process.argv[2] ?? "{}") as SynthesisRequest;
const root = process.cwd();
const work = mkdtempSync(join(tmpdir(), "stampede-synth-"));
crypto.randomBytes = ((size: number) => Buffer.alloc(size)) as typeof crypto.randomBytes; // The same names every time.
console.log = console.error; // Standard output is the result's.

const currentStack = new AsyncLocalStorage<string>();
const app = await config.app({ stage: request.stage });
Object.assign($app, { protect: false, removal: "retain", ...app, stage: request.stage });
Object.assign(globalThis, {
  aws: awsProvider,
  sst: components,
  $dev: request.dev,
  $cli: {
    command: request.dev ? "dev" : "deploy",
    dev: request.dev,
    paths: { home: work, root, work, platform: join(root, ".sst/platform") },
    state: { version: {} },
  },
  /** Called at the top of each stack file; the bundler puts the call there. */
  enterStack: (name: string) => currentStack.enterWith(name),
});

const server = await startCliServer(work);
process.env.SST_SERVER = server.url;
let resources: SynthesizedResource[] = [];
try {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ id, name, type, inputs }) => ({
        id: id || `${name}-id`,
        state: { ...outputsOf(type, name, inputs), ...(id && stateOfShared(type)) },
      }),
      call: ({ token, inputs }) =>
        (request.isSharing && sharedAnswer(token, inputs)) || answerOf(token, inputs, request.parameters),
    },
    app.name,
    request.stage,
    false,
  );
  await pulumi.runtime.runInPulumiStack(() => {
    resources = recordRequests(() => currentStack.getStore());
    return run(config.run);
  });
  await pulumi.runtime.disconnect();
  const result: Synthesis = { app: JSON.parse(JSON.stringify(app)), resources };
  process.stdout.write(JSON.stringify(result));
} catch (error) {
  const created = resources.filter(({ isCustom }) => isCustom).map(({ name }) => name);
  process.stdout.write(JSON.stringify({ created }));
  throw error;
} finally {
  server.close();
  rmSync(work, { recursive: true, force: true });
}
