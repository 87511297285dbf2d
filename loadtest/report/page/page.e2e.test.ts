import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, overflowOf } from "../../harness/browser.ts";
import { describeWithBrowser } from "../../harness/describe-with.ts";
import { contrast } from "../fixture/colours.ts";
import { EVIL, evilRun } from "../fixture/evil.ts";
import { fixtureRun } from "../fixture/fixture-run.ts";
import { TEXTS_AND_GROUNDS, TEXTS_COVERED, TEXTS_CUT_OFF } from "../fixture/probes.ts";
import { writeReport } from "../write-report.ts";
import { expectDrawn } from "./expect-drawn.ts";

describeWithBrowser("the report in a browser", () => {
  const complaints: string[] = [];
  const asked = new Set<string>();
  const run = fixtureRun(0.8, 7);
  let dir: string;
  let browser: Browser;
  const pages = new Map<string, Page>();

  /** A report is loaded once: without scripts, its page is the same after it was resized. */
  const open = async (folder: string, width: number, colorScheme: "light" | "dark" = "light") => {
    const page = pages.get(folder) ?? (await load(folder));
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, media: "screen" });
    return page;
  };
  const load = async (folder: string): Promise<Page> => {
    const page = await browser.newPage();
    pages.set(folder, page);
    page.on("console", (line) => complaints.push(line.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("request", (request) => asked.add(request.url()));
    await page.goto(pathToFileURL(join(dir, folder, "report.html")).href);
    return page;
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "stampede-page-"));
    await writeReport(run, join(dir, "run"), fixtureRun());
    await writeReport(evilRun(), join(dir, "evil"), evilRun());
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(dir, { recursive: true, force: true });
  });

  test("every chart is drawn, with marks that can be seen", async () => {
    const page = await open("run", 1440);
    await expectDrawn(page, run);
  });

  test.for([390, 1440])(
    "nothing is wider than a page of %d pixels, and no text of a chart is cut off",
    async (width) => {
      for (const folder of ["run", "evil"]) expect(await overflowOf(await open(folder, width))).toBe(0);
      const page = await open("run", width);
      const cut = await page.evaluate<string[]>(TEXTS_CUT_OFF);
      expect(cut).toEqual([]);
    },
  );

  test.for([390, 1440])(
    "labels of a chart do not cover one another on a page of %d pixels",
    async (width) => {
      const page = await open("run", width);
      const covered = await page.evaluate<string[]>(TEXTS_COVERED);
      expect(covered).toEqual([]);
    },
  );

  test.for(["light", "dark"] as const)("every text can be read in %s", async (theme) => {
    const page = await open("run", 1440, theme);
    await setFolds(page, true);
    const texts = await page.evaluate<{ text: string; colour: string; ground: string }[]>(TEXTS_AND_GROUNDS);
    await setFolds(page, false);
    expect(texts.length).toBeGreaterThan(400);
    const faint = texts.filter(({ colour, ground }) => contrast(hexOf(colour), hexOf(ground)) < 4.5);
    expect(faint).toEqual([]);
  });

  test("it follows the reader's system, unless the reader chooses", async () => {
    const page = await open("run", 1440, "light");
    const ground = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const light = await ground();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.locator("label", { hasText: "light" }).click();
    expect(await ground()).toBe(light);
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator("label", { hasText: "dark" }).click();
    expect(await ground()).toBe(dark);
    await page.locator("label", { hasText: "system" }).click();
    expect(await ground()).toBe(light);
  });

  test("it can be walked through by headings and tables by those who hear it", async () => {
    const page = await open("run", 1440);
    const levels = await page
      .locator("h1, h2, h3")
      .evaluateAll((all) => all.map(({ tagName }) => Number(tagName[1])));
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    const jumps = levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1);
    expect(jumps).toEqual([]);
    expect(await page.locator("th:not([scope])").count()).toBe(0);
    const unnamed = page.locator('svg[role="img"]:not([aria-labelledby])');
    expect(await unnamed.count()).toBe(0);
    const ids = await page.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
    expect(ids.length).toBe(new Set(ids).size);
    const broken = await page.evaluate<string[]>(
      `[...document.querySelectorAll('a[href^="#"]')].map((link) => link.hash).filter((hash) => !document.querySelector(hash))`,
    );
    expect(broken).toEqual([]);
  });

  test("raw data is linked to files that are there", async () => {
    const filesOf = async (folder: string) =>
      (await open(folder, 1440)).evaluate<string[]>(
        `[...document.querySelectorAll('a:not([href^="#"])')].map((link) => decodeURIComponent(link.getAttribute("href")))`,
      );
    expect(await filesOf("run")).toContain("recovery-timeline.csv");
    for (const folder of ["run", "evil"])
      expect((await filesOf(folder)).filter((file) => !existsSync(join(dir, folder, file)))).toEqual([]);
  });

  test("names in the data stay text, and nothing of them runs or is fetched", async () => {
    const page = await open("evil", 1440);
    expect(await page.locator("script, img").count()).toBe(0);
    expect(await page.title()).not.toBe("run");
    expect(await page.locator("td", { hasText: EVIL }).count()).toBeGreaterThan(0);
  });

  test("on paper it is light, and says everything that is hidden behind a click", async () => {
    const page = await open("run", 1440, "dark");
    await page.emulateMedia({ media: "print" });
    const ground = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.card')).backgroundColor",
    );
    expect(hexOf(ground)).toBe("#ffffff");
    expect(await page.locator(".theme").isVisible()).toBe(false);
    expect(
      await page.evaluate(
        "document.querySelector('details td').checkVisibility({ contentVisibilityAuto: true })",
      ),
    ).toBe(true);
    expect((await page.pdf({ format: "A4" })).byteLength).toBeGreaterThan(10_000);
  });

  test("nothing was complained of, and nothing asked for but the pages themselves", () => {
    expect(complaints).toEqual([]);
    expect([...asked].filter((url) => !url.endsWith("/report.html"))).toEqual([]);
  });
});

/** Opens or closes all details. They are closed in a page that was loaded. */
const setFolds = (page: Page, isOpen: boolean): Promise<unknown> =>
  page.evaluate(`for (const fold of document.querySelectorAll("details")) fold.open = ${isOpen}`);

/** `rgb(29, 33, 41)` as `#1d2129`. */
const hexOf = (rgb: string): string =>
  `#${(rgb.match(/[\d.]+/g) ?? [])
    .slice(0, 3)
    .map((value) => Number(value).toString(16).padStart(2, "0"))
    .join("")}`;
