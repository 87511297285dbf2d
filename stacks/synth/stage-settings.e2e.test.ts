import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { settingsOf } from "./stage-settings.ts";

const root = mkdtempSync(join(tmpdir(), "stampede-settings-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SHELL = { STAMPEDE_API: "functions", STAMPEDE_REDIS: "cluster", STAMPEDE_DOMAIN: "shell.example" };
writeFileSync(join(root, ".env"), "STAMPEDE_REDIS=single\nSTAMPEDE_HOSTED_ZONE=ZDOTENV\nOTHER=1\n");
writeFileSync(
  join(root, ".env.alice"),
  'STAMPEDE_DOMAIN="alice.example"\nSTAMPEDE_API=\nSTAMPEDE_ALLOW_FROM=203.0.113.7/32,198.51.100.0/24 # the office\n',
);

/** The input that SST's own command gives a project's configuration. */
const seenBySst = async (stage: string): Promise<Record<string, string>> => {
  writeFileSync(
    join(root, "sst.config.ts"),
    `export default $config({
      app() {
        require("node:fs").writeFileSync(${JSON.stringify(join(root, "seen.json"))}, JSON.stringify(process.env));
        process.exit(1);
      },
      async run() {},
    });`,
  );
  const { PATH = "" } = process.env;
  const env = {
    PATH,
    HOME: root,
    TMPDIR: root,
    SST_NO_BUN: "1",
    SST_SKIP_DEPENDENCY_CHECK: "1",
    SST_TELEMETRY_DISABLED: "1",
  };
  const command = join(import.meta.dirname, "../../node_modules/.bin/sst");
  await promisify(execFile)(command, ["diff", "--stage", stage], {
    cwd: root,
    env: { ...env, ...SHELL },
  }).catch(
    () => undefined, // The configuration ends it.
  );
  const seen = JSON.parse(readFileSync(join(root, "seen.json"), "utf8")) as Record<string, string>;
  return Object.fromEntries(
    Object.entries(seen).filter(([name, value]) => name.startsWith("STAMPEDE_") && value !== ""),
  );
};

test.each(["alice", "bob"])("for %s the synthesis has the settings that SST's command has", async (stage) => {
  expect(settingsOf(stage, root, SHELL)).toEqual(await seenBySst(stage));
});

test("the stage's own file has the last word, over the environment, and that over what all stages share", () => {
  expect(settingsOf("alice", root, SHELL)).toEqual({
    STAMPEDE_REDIS: "cluster",
    STAMPEDE_HOSTED_ZONE: "ZDOTENV",
    STAMPEDE_DOMAIN: "alice.example",
    STAMPEDE_ALLOW_FROM: "203.0.113.7/32,198.51.100.0/24",
  });
});
