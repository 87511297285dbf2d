import { join } from "node:path";
import { costOf, type Sample } from "../speed/rounds.ts";
import { type ShopProgram, startServer, untilOk } from "../speed/speed-programs.ts";
import { HOT } from "../speed/subjects.ts";

export interface AccessStage {
  /** The launcher, on whose database and Redis each measured server runs. */
  readonly shop: ShopProgram;
  readonly dir: string;
  readonly rounds: number;
  /** Of each stretch. */
  readonly seconds: number;
}

/** One of the ways that are measured in turn. */
export interface Arm {
  readonly name: string;
  readonly measure: () => Promise<Sample>;
}

/** A server with settings of its own, the hot product in its memory. */
export const startWith = async (
  { shop, dir }: AccessStage,
  name: string,
  environment: Readonly<Record<string, string>>,
) => {
  const settings = { ...shop.environment, LOG_LEVEL: "ERROR", ...environment };
  const server = await startServer({ ...shop, environment: settings }, join(dir, name));
  await untilOk(server.url, HOT);
  return { ...server, servicePids: [] };
};

/** Of the answers. An abuser's first requests are not refused. */
const MOST_UNEXPECTED = 0.1;

/** Samples of each arm, measured in turn. The first round only warms up. @throws Error when answers are not as expected */
export const inTurn = async (arms: readonly Arm[], rounds: number): Promise<Sample[][]> => {
  const samples = arms.map((): Sample[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, { name, measure }] of arms.entries()) {
      const sample = await measure();
      const answers = (sample.rate * (sample.to - sample.from)) / 1_000;
      if (sample.failed > MOST_UNEXPECTED * answers)
        throw new Error(`${name}: ${sample.failed} of ${Math.round(answers)} answers were not as expected`);
      if (round > 0) samples[at]?.push(sample);
      console.error(`round ${round} of ${rounds}: ${name} ${sample.cpu.toFixed(1)} µs`);
    }
  }
  return samples;
};

export const costAt = (
  server: Awaited<ReturnType<typeof startWith>>,
  { dir, seconds }: AccessStage,
  requests: readonly string[],
  status = 200,
): Promise<Sample> => costOf(server, dir, requests, { seconds, status });
