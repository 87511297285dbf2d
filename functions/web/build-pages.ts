import { join } from "node:path";
import { type StaticFile, staticFile } from "../http/static-file.ts";

const PAGES = ["storefront", "console"] as const;
export type PageName = (typeof PAGES)[number];

/** Under this path, by names that have the hash of their content. */
export const ASSETS = "/assets/";

export interface Pages {
  readonly html: Readonly<Record<PageName, StaticFile>>;
  readonly assets: ReadonlyMap<string, StaticFile>;
}

/** Bundles the pages: 50 ms when the first of them is asked for, which a build step before the start would not save. */
export const buildPages = async (): Promise<Pages> => {
  const folder = join(import.meta.dirname, "browser");
  const { outputs } = await Bun.build({
    entrypoints: PAGES.map((page) => join(folder, page, `${page}.html`)),
    target: "browser",
    minify: true,
    publicPath: ASSETS,
    naming: { entry: "[name].[ext]", chunk: "[name].[hash].[ext]", asset: "[name].[hash].[ext]" },
  });
  const html = new Map<string, StaticFile>();
  const assets = new Map<string, StaticFile>();
  for (const output of outputs) {
    const name = output.path.slice(output.path.lastIndexOf("/") + 1);
    const file = staticFile(output.type, Buffer.from(await output.arrayBuffer()));
    if (name.endsWith(".html")) html.set(name.slice(0, -".html".length), file);
    else assets.set(name, file);
  }
  const page = (name: PageName): StaticFile => {
    const file = html.get(name);
    if (!file) throw new Error(`The page ${name} was not built`);
    return file;
  };
  return { html: { storefront: page("storefront"), console: page("console") }, assets };
};
