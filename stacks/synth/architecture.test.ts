/** The architecture page's tables and diagrams, compared with the code. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { ORDER_STATUSES } from "../../core/order/order.ts";
import { LEADS_TO } from "../../loadtest/verify/checker/check-orders.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");

/** Folders that Git ignores. */
const MADE_BY_RUNS = /__pycache__$|^loadtest\/results/;

test("the folder table has every folder of the four parts", () => {
  const table = PAGE.slice(PAGE.indexOf("## Folders"), PAGE.indexOf("## The life of an order"));
  const files = globSync(
    ["core", "functions", "loadtest", "stacks"].map((part) => `${part}/*/*`),
    { cwd: ROOT },
  );
  const folders = new Set(files.map(dirname).filter((folder) => !MADE_BY_RUNS.test(folder)));
  expect(folders.size).toBeGreaterThan(20);
  for (const folder of folders) expect(table).toContain(`\`${folder}\``);
});

test("the state machine has every status, and leads where the checker lets orders go", () => {
  const steps = [...PAGE.matchAll(/^ {2}(\w+) --> (\w+): \S/gm)].map(([, from = "", to = ""]) => ({
    from,
    to,
  }));
  const reachable = (from: string): string[] => [
    from,
    ...steps.filter((step) => step.from === from).flatMap(({ to }) => reachable(to)),
  ];
  expect(PAGE).toContain(`[*] --> ${ORDER_STATUSES[0]}`);
  for (const status of ORDER_STATUSES) {
    expect(reachable(status).toSorted(), status).toEqual(LEADS_TO[status]?.toSorted());
    const isEnd = !steps.some(({ from }) => from === status);
    expect(PAGE.includes(`  ${status} --> [*]`), status).toBe(isEnd);
    expect(PAGE).toContain(`| to \`${status}\` |`);
  }
});

/** The folders of core that a folder's code imports when it runs. */
const importsOf = (folder: string): string[] => {
  const files = globSync(`core/${folder}/**/*.ts`, { cwd: ROOT }).filter(
    (file) => !/\.(test|bench)\.ts$/.test(file),
  );
  const targets = files.flatMap((file) =>
    [
      ...readFileSync(join(ROOT, file), "utf8").matchAll(
        /^(?:import|export) (?!type )[^;]*?from "(\.[^"]+)"/gm,
      ),
    ].map(([, path = ""]) => relative(join(ROOT, "core"), join(ROOT, dirname(file), path)).split("/")),
  );
  const folders = targets.flatMap(([name = "", ...rest]) => (rest.length > 0 ? name : []));
  return [...new Set(folders)].filter((name) => name !== folder);
};

test("core's folders import what the table lists, and nothing else", () => {
  const rows = [...PAGE.slice(PAGE.indexOf("Within `core`")).matchAll(/^\| `([\w-]+)` \| (.*)\|$/gm)];
  const folders = globSync("core/*/", { cwd: ROOT }).map((path) => path.split("/")[1] ?? "");
  expect(rows.map(([, folder]) => folder).toSorted()).toEqual(
    folders.filter((folder) => folder !== "testing").toSorted(),
  );
  for (const [, folder = "", listed = ""] of rows) {
    expect([...listed.matchAll(/[\w-]+/g)].map(String).toSorted(), folder).toEqual(
      importsOf(folder).toSorted(),
    );
  }
});
