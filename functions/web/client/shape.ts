import { createHash } from "node:crypto";
import { ENDPOINTS } from "../../http/endpoints.ts";
import { openApiDocument } from "../../http/openapi.ts";

/** Parts of the document that explain it and give no type. */
const PROSE = new Set(["description", "summary", "example", "examples", "title", "tags", "info"]);

export const currentDocument = () => openApiDocument(ENDPOINTS.map(({ route }) => route));

/**
 * A hash of all that the client's types depend on, so that a reworded description makes no client stale. A property may
 * be called `description` itself: the names in `properties` are types, not prose.
 */
export const shapeHash = (document: object): string =>
  createHash("sha256")
    .update(JSON.stringify(shapeOf(document)))
    .digest("hex")
    .slice(0, 16);

const shapeOf = (node: unknown, areNames = false): unknown => {
  if (Array.isArray(node)) return node.map((item) => shapeOf(item));
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key]) => areNames || !PROSE.has(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, shapeOf(value, key === "properties" && !areNames)]),
  );
};
