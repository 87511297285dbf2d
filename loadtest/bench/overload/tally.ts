import { percentile } from "../../report/statistics.ts";
import type { Kind, Step } from "./kinds.ts";

/** What clients were answered. */
export interface Tally {
  readonly requests: number;
  /** Answers 429 and 503. */
  readonly refused: number;
  /** Answers other than the one that was asked for, and none at all. */
  readonly failures: readonly string[];
  /** Milliseconds, refusals and failures not among them. */
  readonly median: number;
  readonly p99: number;
}

interface Answer {
  readonly step: Step;
  /** 0: none. */
  readonly status: number;
  readonly ms: number;
}

/**
 * Clients that each ask again as soon as they are answered.
 *
 * @param goesOn asked before each turn, with the number of turns begun so far
 */
export const askInLoops = async (
  url: string,
  kind: Kind,
  clients: number,
  goesOn: (turns: number) => boolean,
): Promise<Tally> => {
  const answers: Answer[] = [];
  let turns = 0;
  const client = async (): Promise<void> => {
    while (goesOn(turns)) await takeTurn(url, kind, turns++, answers);
  };
  await Promise.all(Array.from({ length: clients }, client));
  return tallyOf(answers);
};

/** One turn of a client; a step that fails is the last. */
export const takeTurn = async (url: string, kind: Kind, i: number, answers: Answer[]): Promise<void> => {
  for (const step of kind.steps(i)) {
    const startedAt = performance.now();
    const status = await statusOf(url, step);
    answers.push({ step, status, ms: performance.now() - startedAt });
    if (status !== step.status) return;
  }
};

const statusOf = async (url: string, { path, init }: Step): Promise<number> => {
  try {
    const response = await fetch(url + path, init);
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
};

const isRefusal = ({ status }: Answer): boolean => status === 503 || status === 429;

export const tallyOf = (answers: readonly Answer[]): Tally => {
  const good = answers.filter(({ status, step }) => status === step.status).map(({ ms }) => ms);
  return {
    requests: answers.length,
    refused: answers.filter(isRefusal).length,
    failures: answers
      .filter((answer) => answer.status !== answer.step.status && !isRefusal(answer))
      .map(({ status, step }) => `${step.init?.method ?? "GET"} ${step.path}: ${status}`),
    median: percentile(good, 0.5),
    p99: percentile(good, 0.99),
  };
};

/**
 * Refusals without need: all of them, unless half of the answers were late all the same.
 *
 * @see kinds.ts for the objectives
 */
export const needlesslyRefused = ({ refused, median }: Tally, { objective }: Kind): number =>
  median > objective ? 0 : refused;
