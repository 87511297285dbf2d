/**
 * Puts SST's platform (component sources and types) in `.sst/platform` before a command that type-checks or
 * synthesizes the stacks, so that a fresh clone needs npm and nothing else. SST would do so on its first
 * deploy, along with downloads that neither of them needs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const inRoot = (...parts) => join(root, ...parts);
const windows = process.platform === "win32";

const textOf = (file) => (existsSync(file) ? readFileSync(file, "utf8").trim() : "");

const isUpToDate = () => {
  const { version } = JSON.parse(textOf(inRoot("node_modules", "sst", "package.json")));
  // The shim of the AWS provider is the last thing that the installation writes.
  return (
    textOf(inRoot(".sst", "platform", "version")) === version &&
    textOf(inRoot(".sst", "platform", "config.d.ts")).includes("@pulumi/aws") &&
    existsSync(inRoot(".sst", "platform", "node_modules", "@pulumi", "aws", "package.json"))
  );
};

if (!isUpToDate()) {
  process.stderr.write("Installing the platform of SST (once, about half a minute) …\n");
  const { status, stdout, stderr, error } = spawnSync(
    inRoot("node_modules", ".bin", "sst"),
    ["install", "--stage", "synth"],
    {
      cwd: root,
      encoding: "utf8",
      shell: windows,
      env: {
        ...process.env,
        SST_SKIP_DEPENDENCY_CHECK: "1",
        SST_NO_BUN: "1",
        SST_TELEMETRY_DISABLED: "1",
        DO_NOT_TRACK: "1",
      },
    },
  );
  if (status !== 0) {
    process.stderr.write(`${stdout ?? ""}${stderr ?? ""}${error ? `${error.message}\n` : ""}`);
    process.stderr.write(
      "The platform of SST could not be installed: `npx sst install --print-logs` tells more.\n",
    );
    process.exit(status ?? 1);
  }
}
