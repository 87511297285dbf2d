import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type Options, UsageError } from "../bench-options.ts";
import { shopContestant } from "../speed/rounds.ts";
import { type ShopProgram, startDefaultShop, untilOk } from "../speed/speed-programs.ts";
import { SUBJECTS } from "../speed/subjects.ts";
import { cutProfile, framesOf, heaviest, readProfile } from "./cpu-profile.ts";
import { flameGraph } from "./flame-graph.ts";

const WARM_UP_SECONDS = 3;
const SECONDS = 5;
const SHOWN = 20;
const FILE = "shop.cpuprofile";

/**
 * Profiles the shop under the load of one subject: writes `profile-NAME.html`, a flame graph, and the samples as
 * `profile-NAME.cpuprofile` for other tools.
 *
 * @throws UsageError when the shop has no such subject
 */
export const profileSubject = async (name: string, dir: string, options: Options): Promise<void> => {
  const subject = SUBJECTS.find((candidate) => candidate.name === name);
  if (!subject) {
    throw new UsageError(`--profile takes ${SUBJECTS.map((known) => known.name).join(", ")}; got ${name}`);
  }
  const workDir = await mkdtemp(join(tmpdir(), "stampede-profile-"));
  let shop: ShopProgram | undefined;
  try {
    const flags = ["--cpu-prof", `--cpu-prof-dir=${workDir}`, `--cpu-prof-name=${FILE}`];
    shop = await startDefaultShop(workDir, {}, flags);
    await untilOk(shop.url, "/products/search?q=lamp"); // The index is built.
    const contestant = shopContestant(subject, shop, workDir);
    await contestant.measure(WARM_UP_SECONDS);
    const { from, to, rate } = await contestant.measure(options.seconds ?? SECONDS);
    await shop.stop();
    const profile = cutProfile(readProfile(await readFile(join(workDir, FILE), "utf8")), from, to);
    const frames = framesOf(profile);
    const title = `${subject.title}, ${Math.round(rate)} requests/s`;
    const file = join(dir, `profile-${name}`);
    await mkdir(dir, { recursive: true });
    await writeFile(`${file}.cpuprofile`, JSON.stringify(profile));
    await writeFile(`${file}.html`, flameGraph(title, frames));
    console.log(`\n${title}: time in functions themselves`);
    console.table(
      heaviest(frames, SHOWN).map(({ name, place, share }) => ({
        function: name,
        place,
        "self %": Number((100 * share).toFixed(1)),
      })),
    );
    console.log(`written to ${relative(process.cwd(), file)}.html and .cpuprofile`);
  } finally {
    await shop?.stop();
    await rm(workDir, { recursive: true, force: true });
  }
};
