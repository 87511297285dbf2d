/**
 * Everything that the README and the pages in `docs/` name has to exist: pages, headings, files, scripts,
 * benchmarks.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const README = "README.md";
const CHANGELOG = "CHANGELOG.md";
const PAGES = [
  README,
  "CONTRIBUTING.md",
  "SECURITY.md",
  CHANGELOG,
  "loadtest/locust/README.md",
  ...globSync("docs/**/*.md", { cwd: ROOT }),
];

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const withoutBlocks = (text: string): string => text.replace(/^```.*?^```$/gms, "");
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, match = ""]) => match);

/** GitHub's anchors of a page's headings. */
const anchorsOf = (page: string): string[] =>
  matches(withoutBlocks(read(page)), /^#+ (.+)$/gm).map((heading) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );

/** A page's links into the repository: a file, from the root, and an anchor where one is given. */
const linksOf = (page: string) =>
  matches(withoutBlocks(read(page)).replace(/`[^`\n]*`/g, ""), /\]\(([^)\s]+)\)/g)
    .filter((target) => !/^https?:/.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#");
      return { file: path ? relative(ROOT, join(ROOT, dirname(page), path)) : page, anchor };
    });

/** Each text that the pages have for a pattern, with its page. */
const mentioned = (pattern: RegExp) =>
  PAGES.flatMap((page) => matches(read(page), pattern).map((name) => ({ page, name })));

test("links lead to files and headings that exist", () => {
  const links = PAGES.flatMap((page) => linksOf(page).map((link) => ({ page, ...link })));
  expect(links.length).toBeGreaterThan(50);
  for (const { page, file, anchor } of links) {
    expect(existsSync(join(ROOT, file)), `${page}: ${file}`).toBe(true);
    if (anchor) expect(anchorsOf(file), `${page}: ${file}#${anchor}`).toContain(anchor);
  }
});

test("scripts exist", () => {
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
  for (const { page, name } of mentioned(/npm run (?:-s )?([\w:]+)/g)) expect(scripts, page).toContain(name);
});

test("the change log begins with this version, and the lock file has it", () => {
  const { version } = JSON.parse(read("package.json"));
  const [unreleased, latest] = matches(read(CHANGELOG), /^## \[(.+?)\]/gm);
  expect([unreleased, latest]).toEqual(["Unreleased", version]);
  expect(JSON.parse(read("package-lock.json")).version).toBe(version);
});

test("benchmarks exist, and the commands' page has all of them", () => {
  const benchmarks = matches(read("loadtest/bench/bench-command.ts"), /^ {2}([\w-]+) {2,}\S/gm);
  const named = mentioned(/npm run bench -- ((?:[a-z]+(?:-[a-z]+)* ?)+)/g);
  for (const { page, name } of named) {
    for (const one of name.trim().split(" ")) expect(benchmarks, page).toContain(one);
  }
  const rows = matches(read("docs/reference/commands.md"), /^\| `([\w-]+)` \|/gm);
  expect(rows).toEqual(expect.arrayContaining(benchmarks));
});

test("each dependency has its reason", () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read("package.json"));
  const page = read("docs/dependencies.md");
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })) {
    expect(page).toContain(name.startsWith("@types/") ? "`@types/*`" : `\`${name}\``);
  }
});

test("each call of the payment processor has its span in the table of spans", () => {
  const operations = matches(read("core/payment/guarded-gateway.ts"), /guarded\("(\w+)"/g);
  expect(operations).toEqual(expect.arrayContaining(["charge", "refund"]));
  for (const operation of operations) expect(read("docs/tracing.md")).toContain(`\`payment ${operation}\``);
});

test("folders and files exist", () => {
  for (const { page, name } of mentioned(/`((?:core|functions|loadtest|stacks|docs)\/[\w./-]*)`/g)) {
    expect(existsSync(join(ROOT, name)), `${page}: ${name}`).toBe(true);
  }
});

test("the README leads to every page, over an index where a folder has one", () => {
  const reached = new Set([README]);
  for (const page of reached) {
    for (const { file } of linksOf(page))
      if (page === README || page.endsWith("/README.md")) reached.add(file);
  }
  expect([...reached]).toEqual(expect.arrayContaining(PAGES));
});
