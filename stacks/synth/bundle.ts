import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type * as Esbuild from "../../.sst/platform/node_modules/esbuild/lib/main.js";

const ROOT = join(import.meta.dirname, "../..");
/** Where a bundle finds the packages that it leaves out. */
export const PLATFORM = join(ROOT, ".sst/platform");
const PROGRAM = join(ROOT, "stacks/synth/program");

/** Files that declare resources. Resources of the helpers that they import count as the importing file's. */
const STACK_FILE = /[\\/]stacks[\\/][a-z-]+\.ts$/;

/** Has each stack file say its name when it is evaluated: imports come first, so it is the last to speak. */
const nameStacks: Esbuild.Plugin = {
  name: "name-stacks",
  setup: (build) => {
    build.onLoad({ filter: STACK_FILE }, async ({ path }) => ({
      loader: "ts",
      contents: `enterStack("${basename(path, ".ts")}");\n${await readFile(path, "utf8")}`,
    }));
  },
};

/**
 * Names that must exist before any module of the bundle is evaluated: those of CommonJS, for packages written
 * for it, and SST's own, which the program fills in.
 */
const NAMES = `
import { createRequire as topLevelCreateRequire } from "node:module";
import { fileURLToPath as topLevelFileURLToPath } from "node:url";
const require = topLevelCreateRequire(import.meta.url);
const __dirname = topLevelFileURLToPath(new URL(".", import.meta.url));
globalThis.$app = {};
`;

let underway = 0;

/**
 * Bundles the program for Node as SST's CLI does, and puts it where it finds the platform's packages.
 *
 * @returns the path of the bundle, for the caller to remove
 */
export const bundleProgram = async (): Promise<string> => {
  const esbuild = (await import(join(PLATFORM, "node_modules/esbuild/lib/main.js"))) as typeof Esbuild;
  const outfile = join(PLATFORM, `synth.${randomUUID()}.mjs`);
  underway += 1;
  await esbuild
    .build({
      entryPoints: [join(PROGRAM, "program.ts")],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      mainFields: ["module", "main"],
      external: ["@pulumi/*", "@pulumiverse/*", "@aws-sdk/*", "esbuild", "archiver", "glob"],
      inject: [join(PLATFORM, "src/shim/run.js")],
      nodePaths: [join(PLATFORM, "node_modules")],
      plugins: [nameStacks],
      banner: { js: NAMES },
      logLevel: "silent",
    })
    .finally(async () => {
      // Its own process would stay for as long as this one.
      if (--underway === 0) await esbuild.stop();
    });
  return outfile;
};
