import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { SynthesisError, synthesize } from "./synth/synthesize.ts";

test("the program ends with the message of production's missing decisions as well", async () => {
  const attempt = synthesize([{ request: { stage: "production", dev: false }, settings: {} }]);
  const { message, created } = (await attempt.catch((reason: SynthesisError) => reason)) as SynthesisError;
  expect(message).toContain("production needs STAMPEDE_ALLOW_FROM");
  expect(created).toEqual([]);
});

test("the program ends with the message before it asks for a single resource", async () => {
  const attempt = synthesize([
    { request: { stage: "prod", dev: false }, settings: { STAMPEDE_DOMAIN: "shop.example.com" } },
  ]);
  const error = await attempt.catch((reason: SynthesisError) => reason);
  expect(error).toBeInstanceOf(SynthesisError);
  const { message, created } = error as SynthesisError;
  expect(message).toContain('Stage "prod" is unknown');
  expect(message).toContain("STAMPEDE_DOMAIN is set without STAMPEDE_HOSTED_ZONE");
  expect(message).not.toContain("    at ");
  expect(created).toEqual([]);
});

const home = mkdtempSync(join(tmpdir(), "stampede-home-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** SST's own command, on a machine that has no credentials. */
const deploy = async (stage: string, env: Record<string, string> = {}): Promise<string> => {
  const root = join(import.meta.dirname, "..");
  const settings = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    TMPDIR: home,
    AWS_EC2_METADATA_DISABLED: "true",
    SST_SKIP_DEPENDENCY_CHECK: "1",
    SST_NO_BUN: "1",
    SST_TELEMETRY_DISABLED: "1",
  };
  const command = join(root, "node_modules/.bin/sst");
  const failure = await promisify(execFile)(command, ["deploy", "--stage", stage], {
    cwd: root,
    env: { ...settings, ...env },
    timeout: 120_000,
  }).catch((error: { stdout: string; stderr: string }) => error);
  return `${failure.stdout}${failure.stderr}`;
};

test("a deployment without AWS credentials, or with a profile that does not exist, says so at once", async () => {
  expect(await deploy("alice")).toContain("AWS credentials are not configured");
  expect(await deploy("alice", { AWS_PROFILE: "nobody" })).toContain("shared config profile, nobody");
});

test("a stage name that AWS would not take is refused by SST itself", async () => {
  expect(await deploy("al_ice")).toContain("The stage name is invalid");
});
