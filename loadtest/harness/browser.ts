import { readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const PROGRAM = join(import.meta.dirname, "lean-chromium.sh");
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Folders of Chromium's for temporary files. */
const chromiumFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => /^\.?org\.chromium\./.test(name));

/** Launches Chromium. When it is closed on a busy machine, it may leave temporary files behind: they are removed. */
export const launchBrowser = async (): Promise<Browser> => {
  const others = new Set(chromiumFolders());
  const browser = await chromium.launch({ executablePath: PROGRAM, args: ARGUMENTS });
  return browser.on("disconnected", () => {
    for (const name of chromiumFolders()) {
      if (!others.has(name)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  });
};

/** Complaints of a page: errors and warnings on its console, exceptions, requests that failed. */
export const complaintsOf = (page: Page): string[] => {
  const complaints: string[] = [];
  page.on("console", (line) => {
    if (["error", "warning"].includes(line.type())) complaints.push(line.text());
  });
  page.on("pageerror", ({ message }) => complaints.push(message));
  return complaints;
};

/** Pixels by which the page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/**
 * Findings of axe-core that keep a reader out or make the page hard to use.
 *
 * @param rules all of axe's unless given
 */
export const seriousFindings = async (page: Page, rules?: readonly string[]): Promise<string[]> => {
  const source = await Bun.file(new URL(import.meta.resolve("axe-core/axe.min.js"))).text();
  // Not by a script element, which the page's policy would refuse.
  await page.evaluate(source);
  const violations = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
    `axe.run(${JSON.stringify({ resultTypes: ["violations"], ...(rules && { runOnly: rules }) })})
      .then(({ violations }) => violations)`,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
};
