import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { once, staticFile } from "../http/static-file.ts";

const STYLE = `body { margin: 0 }
.swagger-ui .response-col_links { display: none } /* there are none, and phones lack the room */
.swagger-ui code { overflow-wrap: anywhere }
`;

const SCRIPT = `const dark = matchMedia("(prefers-color-scheme: dark)");
const followTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followTheme);
followTheme();
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
`;

const resolve = createRequire(import.meta.url).resolve;
export const CSS = "text/css; charset=utf-8";
export const JAVASCRIPT = "text/javascript; charset=utf-8";

const ofSwaggerUi = (type: string, name: string) =>
  once(async () => staticFile(type, await readFile(resolve(`swagger-ui-dist/${name}`))));

const FILES = {
  "swagger-ui.css": ofSwaggerUi(CSS, "swagger-ui.css"),
  "swagger-ui-bundle.js": ofSwaggerUi(JAVASCRIPT, "swagger-ui-bundle.js"),
  "page.css": once(async () => staticFile(CSS, STYLE)),
  "page.js": once(async () => staticFile(JAVASCRIPT, SCRIPT)),
};

export type DocsFile = keyof typeof FILES;

/** Read when first asked for, and kept. */
export const docsFile = (name: DocsFile) => FILES[name]();

/** `page.0123456789abcdef.css` for `page.css`: a name that stands for one content for good. */
export const hashedName = async (name: DocsFile): Promise<string> =>
  name.replace(/(?=\.\w+$)/, `.${(await docsFile(name)).hash}`);

/** The names that `parseName` knows. */
export const FILE_NAME = new RegExp(
  `^(?:${Object.keys(FILES)
    .map((name) => name.replace(/\.(\w+)$/, "(?:\\.[0-9a-f]{16})?\\.$1"))
    .join("|")})$`,
);

const HASHED = /\.([0-9a-f]{16})(?=\.\w+$)/;

/** The file that a name stands for, with the hash in it if there is one; undefined when there is no such file. */
export const parseName = (name: string): { file: DocsFile; hash: string | undefined } | undefined => {
  const file = name.replace(HASHED, "");
  return Object.hasOwn(FILES, file) ? { file: file as DocsFile, hash: HASHED.exec(name)?.[1] } : undefined;
};
