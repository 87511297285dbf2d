/**
 * `npm run client:generate`: the client's types, from the OpenAPI document. The generator needs TypeScript 5's own
 * compiler interface beside the one this repository has, so npm fetches both for the moment, in these versions.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currentDocument, shapeHash } from "./shape.ts";

const GENERATOR = "openapi-typescript@7.13.0";
const COMPILER = "typescript@5.9.3";

const document = currentDocument();
const work = mkdtempSync(join(tmpdir(), "stampede-client-"));
try {
  writeFileSync(join(work, "openapi.json"), JSON.stringify(document));
  // A field with a default may be left out of a request.
  const generate = ["openapi-typescript", "openapi.json", "-o", "openapi.ts", "--default-non-nullable=false"];
  const { status, error } = spawnSync(
    "npm",
    ["exec", "--yes", `--package=${GENERATOR}`, `--package=${COMPILER}`, "--", ...generate],
    { cwd: work, stdio: ["ignore", "ignore", "inherit"] },
  );
  if (error) throw error;
  if (status !== 0) throw new Error(`${GENERATOR} ended with ${status}`);
  const types = readFileSync(join(work, "openapi.ts"), "utf8");
  const header = `// Made by npm run client:generate, of a document with the shape ${shapeHash(document)}.\n`;
  writeFileSync(join(import.meta.dirname, "openapi.ts"), header + types);
} finally {
  rmSync(work, { recursive: true, force: true });
}
