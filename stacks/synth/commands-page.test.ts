import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandsPage } from "./commands-page.ts";

test("docs/reference/commands.md is up to date: else run `npm run docs:generate`", () => {
  expect(readFileSync(join(import.meta.dirname, "../../docs/reference/commands.md"), "utf8")).toBe(
    commandsPage(),
  );
});
