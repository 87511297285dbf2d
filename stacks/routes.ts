import { readdirSync, readFileSync } from "node:fs";

export interface HandlerRoute {
  /** As API Gateway calls it: `GET /products/{productId}`. */
  readonly key: string;
  /** As SST calls a function's entry: `functions/products/get.handler`. */
  readonly handler: string;
}

const DECLARATION = /export const route = defineRoute\(\{\s*method: "(\w+)",\s*path: "([^"]+)"/;

/**
 * The route table, read from the handler files' own declarations. Importing it would bundle the whole shop
 * into the program that deploys it; a test holds it against the router's table.
 *
 * @param root the project's folder
 */
export const handlerRoutes = (root: string): HandlerRoute[] =>
  readdirSync(`${root}/functions`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .sort()
    .flatMap((file) => {
      const [, method, path] = DECLARATION.exec(readFileSync(`${root}/functions/${file}`, "utf8")) ?? [];
      const handler = `functions/${file.replaceAll("\\", "/").replace(/\.ts$/, "")}.handler`;
      return method && path ? [{ key: `${method} ${path}`, handler }] : [];
    });
