import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Program } from "../../harness/server-process.ts";
import type { ExperimentResult } from "../../report/run-result.ts";
import { chosenOf, type Options } from "../bench-options.ts";
import { startLimit } from "./limit.ts";
import { get } from "./requests.ts";
import { type Contestant, contestantOf, type Sample, setMode, shopContestant } from "./rounds.ts";
import { findingsOf } from "./speed-findings.ts";
import { buildGo, startDefaultShop, startProgram, untilOk } from "./speed-programs.ts";
import { BARE_CHECKOUT, HOT, SUBJECTS } from "./subjects.ts";

const ROUNDS = 5;
const SECONDS = 2;
const NODE_SERVER = join(import.meta.dirname, "node-server.ts");
const BARE_CHECKOUT_SERVER = join(import.meta.dirname, "bare-checkout-server.ts");

export const NAMES: readonly string[] = [
  "limit",
  "go",
  "node",
  ...SUBJECTS.map(({ name }) => name),
  BARE_CHECKOUT.name,
];

/** Cost of a request, by kind, against the least that one can cost on this runtime and against Go. */
export const measureSpeed = async (options: Options): Promise<ExperimentResult> => {
  const { rounds = ROUNDS, seconds = SECONDS } = options;
  const chosen = chosenOf(NAMES, options);
  const startedAt = new Date();
  const dir = await mkdtemp(join(tmpdir(), "stampede-speed-"));
  const programs: Program[] = [];
  const warnings: string[] = [];
  try {
    const contestants = await gather(dir, chosen, programs, warnings);
    const samples = new Map<string, Sample[]>(contestants.map(({ name }) => [name, []]));
    // Round 0 warms up: it lets the runtimes compile what is hot.
    for (let round = 0; round <= rounds; round++) {
      const first = round % contestants.length;
      for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
        const sample = await contestant.measure(seconds);
        if (round > 0) samples.get(contestant.name)?.push(sample);
        const { rate, cpu } = sample;
        console.error(
          `round ${round} of ${rounds}: ${contestant.name} ${Math.round(rate)}/s, ${cpu.toFixed(1)} µs`,
        );
      }
    }
    const findings = findingsOf(contestants, samples, { rounds, seconds });
    return {
      ...findings,
      warnings: [...warnings, ...findings.warnings],
      name: "speed",
      title: "Cost of a request",
      startedAt: startedAt.toISOString(),
      seconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
      isComplete: true,
      isQuick: rounds < ROUNDS,
    };
  } finally {
    for (const program of programs.reverse()) await program.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** Starts the contestants that the subjects need, in the order of the report. */
const gather = async (
  dir: string,
  names: readonly string[],
  programs: Program[],
  warnings: string[],
): Promise<Contestant[]> => {
  const start = async <P extends Program>(starting: Promise<P>): Promise<P> => {
    const program = await starting;
    programs.push(program);
    return program;
  };
  const contestants: Contestant[] = [];
  const shop = await start(startDefaultShop(dir));
  await untilOk(shop.url, "/products/search?q=lamp"); // The index is built.
  const add = (name: string, title: string, program: Program) =>
    contestants.push(contestantOf(name, title, program, dir, get(HOT), () => setMode(shop.url, "tiered")));

  if (names.includes("limit")) {
    add("limit", "bare Bun.serve, the hot product's bytes", await start(startLimit(shop.url)));
  }
  if (names.includes("go")) {
    const binary = join(dir, "go-server");
    const reason = buildGo(binary);
    if (reason === undefined) {
      add("go", "Go, gorilla/mux, a map of 100,000", await start(startProgram("go", [binary])));
    } else {
      console.error(reason);
      warnings.push(reason);
    }
  }
  if (names.includes("node")) {
    const command = [process.execPath, NODE_SERVER];
    const environment = { ...shop.environment, DATA_DIR: join(dir, "node") };
    add(
      "node",
      "hot product, handlers behind node:http",
      await start(startProgram("node", command, environment)),
    );
  }
  for (const subject of SUBJECTS) {
    if (names.includes(subject.name)) contestants.push(shopContestant(subject, shop, dir));
  }
  if (names.includes(BARE_CHECKOUT.name)) {
    const command = [process.execPath, BARE_CHECKOUT_SERVER];
    const bare = await start(startProgram(BARE_CHECKOUT.name, command, shop.environment));
    contestants.push(shopContestant(BARE_CHECKOUT, shop, dir, bare));
  }
  return contestants;
};
