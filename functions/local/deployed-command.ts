/** `npm run deployed -- --url URL`: whether what runs is what was deployed. ECS may have rolled it back. */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { askReleases, described, isAll } from "./deployed.ts";

const USAGE = `Usage: npm run deployed -- --url URL [--release COMMIT] [--wait SECONDS]

  --url URL          the shop, such as https://shop.example.com
  --release COMMIT   the release expected (default: the commit checked out here)
  --wait SECONDS     ask again for as long, until it is there (default: 0)
  --steady SECONDS   with --wait: it has to be the only one for as long, in every round (default: 0)`;

const PAUSE_MS = 1_000;

const read = () => {
  try {
    const { values } = parseArgs({
      options: {
        url: { type: "string" },
        release: { type: "string" },
        wait: { type: "string", default: "0" },
        steady: { type: "string", default: "0" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    if (!values.url || !/^https?:\/\/./.test(values.url))
      throw new Error("--url must be an http or https URL");
    if (!/^\d{1,5}$/.test(values.wait)) throw new Error("--wait must be a number of seconds");
    if (!/^\d{1,5}$/.test(values.steady)) throw new Error("--steady must be a number of seconds");
    if (Number(values.steady) > Number(values.wait)) throw new Error("--steady must be at most --wait");
    const [waitMs = 0, steadyMs = 0] = [values.wait, values.steady].map((seconds) => 1_000 * Number(seconds));
    return { url: values.url, release: values.release ?? checkedOut(), waitMs, steadyMs };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(64); // EX_USAGE of sysexits.h
  }
};

const checkedOut = (): string => {
  const release = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  if (release === "") throw new Error("No commit is checked out here: name one with --release");
  return release;
};

const { url, release, waitMs, steadyMs } = read();
const end = Date.now() + waitMs;
let answers = await askReleases(url);
/** Start of the rounds without another release; one round misses a task now and then. */
let since = isAll(answers, release) ? Date.now() : undefined;
const isSteady = (): boolean => since !== undefined && Date.now() - since >= steadyMs;
while (!isSteady() && Date.now() < end) {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  answers = await askReleases(url);
  since = isAll(answers, release) ? (since ?? Date.now()) : undefined;
}
console.log(described(answers));
if (isSteady()) console.log(`${release} is deployed.`);
else {
  console.error(
    `Expected was ${release}, and nothing else. ECS may have rolled back: see the service's events.`,
  );
  process.exitCode = 1;
}
