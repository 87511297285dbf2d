import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { build, stop } from "esbuild";
import type { NodeMajor } from "./lambda-node.ts";

const FUNCTIONS = join(import.meta.dirname, "../..");
const PACKAGES = join(FUNCTIONS, "../node_modules");

/** Installed beside the bundle that reads it at run time (`stacks/http-api.ts`). */
const INSTALLED = ["swagger-ui-dist"];

/** The language that SST has esbuild write for each of Lambda's runtimes. */
const TARGETS = { 22: "es2023", 24: "es2024" } as const;

/**
 * On the newer Node, what bundles have in common is a file beside them: written once, it takes a tenth of the time. That each
 * is complete by itself is seen on the older one, as the language is all that differs.
 */
const HAS_SHARED_FILES = { 22: false, 24: true } as const;

/** CommonJS names, which SST gives packages that were written for them. */
const BANNER = `
import { createRequire as topLevelCreateRequire } from "node:module";
import { fileURLToPath as topLevelFileUrlToPath } from "node:url";
const require = topLevelCreateRequire(import.meta.url);
const __filename = topLevelFileUrlToPath(import.meta.url);
const __dirname = topLevelFileUrlToPath(new URL(".", import.meta.url));
`;

/**
 * Bundles handlers as SST does for a function of this runtime, each into one file, `folder/cart/get.mjs`. Source of
 * the options: `pkg/runtime/node/build.go` of SST 4. Without its source maps: they change nothing that runs, and are
 * four times the code, 6 MB a handler, to write and to load.
 *
 * @param handlers files in `functions/`, without their ending
 */
export const bundleLikeSst = async (
  handlers: readonly string[],
  folder: string,
  node: NodeMajor,
): Promise<void> => {
  await build({
    entryPoints: handlers.map((file) => join(FUNCTIONS, `${file}.ts`)),
    outbase: FUNCTIONS,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: HAS_SHARED_FILES[node],
    platform: "node",
    format: "esm",
    target: TARGETS[node],
    mainFields: ["module", "main"],
    keepNames: true,
    minify: true,
    external: ["sharp", "pg-native", ...INSTALLED],
    banner: { js: BANNER },
    logLevel: "silent",
  }).finally(stop); // Its own process would stay for as long as this one.
  await mkdir(join(folder, "node_modules"));
  for (const name of INSTALLED) await symlink(join(PACKAGES, name), join(folder, "node_modules", name));
};
