/** A fresh clone whose lock file does not name this platform's engine, with real npm and a registry on loopback. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tempDataDir } from "../testing/data-dirs.ts";
import { startNpmRegistry } from "../testing/npm-registry.ts";
import { engineProgram, startEngine } from "./engine.ts";

const ROOT = join(import.meta.dirname, "../..");
const SCRIPT = join(import.meta.dirname, "ensure-installed.mjs");
const VERSION = "9.8.7";
const ENGINE = `@dynoxide/${process.platform}-${process.arch}`;

let registry: Awaited<ReturnType<typeof startNpmRegistry>>;
beforeEach(async () => {
  registry = await startNpmRegistry();
});
afterEach(() => registry.close());

const writeJson = (file: string, value: unknown): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
};

/** A package whose program prints its version, as Bun's does. */
const publishBun = (folder: string) => {
  const bin = { bun: "bun.js" };
  writeJson(join(folder, "package.json"), { name: "bun", version: "1.0.0", bin });
  writeFileSync(join(folder, "bun.js"), "#!/usr/bin/env node\nconsole.log('1.0.0');\n", { mode: 0o755 });
  return { ...registry.publish(folder), bin };
};

const publishEngine = (folder: string): void => {
  writeJson(join(folder, "package.json"), { name: ENGINE, version: VERSION });
  cpSync(engineProgram(), join(folder, basename(engineProgram())));
  registry.publish(folder);
};

/** A project with the script at its place, and a lock file made where only another platform was published. */
const freshClone = async () => {
  const dir = await tempDataDir();
  const { name, version, integrity, bin } = publishBun(join(dir, "published", "bun"));
  const clone = join(dir, "clone");
  const manifest = {
    name: "clone",
    version: "1.0.0",
    dependencies: { [name]: version },
    optionalDependencies: { "@dynoxide/aix-ppc64": VERSION },
  };
  writeJson(join(clone, "package.json"), manifest);
  writeJson(join(clone, "package-lock.json"), {
    name: "clone",
    version: "1.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": manifest,
      "node_modules/bun": { version, integrity, bin },
      "node_modules/@dynoxide/aix-ppc64": {
        version: VERSION,
        integrity,
        optional: true,
        os: ["aix"],
        cpu: ["ppc64"],
      },
    },
  });
  mkdirSync(join(clone, dirname(relative(ROOT, SCRIPT))), { recursive: true });
  cpSync(SCRIPT, join(clone, relative(ROOT, SCRIPT)));
  return { dir, clone, program: join(clone, "node_modules", ENGINE, basename(engineProgram())) };
};

const ensureInstalled = async (clone: string, environment: Record<string, string> = {}) => {
  const { DYNAMODB_ENDPOINT: _, ...inherited } = process.env;
  const child = spawn(
    "node",
    [
      "--input-type=module",
      "--eval",
      `
    import { ensureInstalled } from ${JSON.stringify(pathToFileURL(join(clone, relative(ROOT, SCRIPT))))};
    ensureInstalled(["engine"]);
  `,
    ],
    {
      env: {
        ...inherited,
        npm_config_registry: registry.url,
        npm_config_cache: join(clone, "..", "cache"),
        npm_config_fetch_retries: "0",
        ...environment,
      },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const [said, [status]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { status, said };
};

test("installs the engine that the lock file does not name, once", async () => {
  const { dir, clone, program } = await freshClone();
  publishEngine(join(dir, "published", "engine"));
  const { status, said } = await ensureInstalled(clone);
  expect(status).toBe(0);
  expect(said).toMatch(/ \(@dynoxide\/\S+@9\.8\.7\) …\n$/);
  const engine = await startEngine(undefined, { program });
  await engine.stop();
  expect(await ensureInstalled(clone)).toEqual({ status: 0, said: "" });
});

test("says that the engine is not published, and installs the rest", async () => {
  const { clone, program } = await freshClone();
  const { status, said } = await ensureInstalled(clone);
  expect(status).toBe(0);
  expect(said).toContain(`(${ENGINE}@${VERSION}) …\nIt is not published.\n`);
  expect(registry.asked).toContain(ENGINE);
  expect(existsSync(program)).toBe(false);
  expect(existsSync(join(clone, "node_modules", "bun"))).toBe(true);
});

test("asks for no engine where another DynamoDB is set", async () => {
  const { clone } = await freshClone();
  await ensureInstalled(clone, { DYNAMODB_ENDPOINT: "http://127.0.0.1:1" });
  expect(registry.asked).not.toContain(ENGINE);
});
