import { percentile } from "../../report/statistics.ts";
import type { Kind, Step } from "./kinds.ts";

/** Answers that clients got. */
export interface Tally {
  readonly requests: number;
  /** Answers 429 and 503. */
  readonly refused: number;
  /**
   * Those without need: all but those beside which half of the good answers with the same objective took more than half
   * of it. Where the median comes closer to the objective, a tail lies beyond it, which is refused rightly.
   */
  readonly needless: number;
  /** Their error codes, each once. */
  readonly reasons: readonly string[];
  /** Answers neither good (2xx) nor refusals, and none at all. */
  readonly failures: readonly string[];
  /** Milliseconds, refusals and failures not among them. */
  readonly median: number;
  readonly p99: number;
}

export interface Answer {
  readonly step: Step;
  /** 0: none. */
  readonly status: number;
  /** Error code, of a refusal. */
  readonly error?: string;
  /** Milliseconds of the process's clock, of the request. */
  readonly at: number;
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
    const at = performance.now();
    const answer = { step, ...(await answerTo(url, step)), at, ms: performance.now() - at };
    answers.push(answer);
    if (!isGood(answer)) return;
  }
};

const answerTo = async (url: string, { path, init }: Step): Promise<Pick<Answer, "status" | "error">> => {
  try {
    const response = await fetch(url + path, init);
    const text = await response.text();
    return { status: response.status, ...(!response.ok && { error: errorIn(text) }) };
  } catch {
    return { status: 0 };
  }
};

const errorIn = (text: string): string => /"error":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 100);

/** 202 too: the order is placed, and paid later. */
const isGood = ({ status }: Answer): boolean => status >= 200 && status < 300;

const isRefusal = ({ status }: Answer): boolean => status === 503 || status === 429;

export const tallyOf = (answers: readonly Answer[]): Tally => {
  const good = answers.filter(isGood).map(({ ms }) => ms);
  const refusals = answers.filter(isRefusal);
  return {
    requests: answers.length,
    refused: refusals.length,
    needless: needlessIn(answers),
    reasons: [...new Set(refusals.map(({ error = "none" }) => error))],
    failures: answers
      .filter((answer) => !isGood(answer) && !isRefusal(answer))
      .map(({ status, error, step }) => `${step.init?.method ?? "GET"} ${step.path}: ${status} ${error}`),
    median: percentile(good, 0.5),
    p99: percentile(good, 0.99),
  };
};

const needlessIn = (answers: readonly Answer[]): number => {
  const good = answers.filter(isGood);
  return answers.filter(isRefusal).filter((refusal) => {
    const { objective } = refusal.step;
    const beside = good.filter((one) => one.step.objective === objective && areAtOnce(one, refusal));
    const ms = beside.map((one) => one.ms);
    return !(percentile(ms, 0.5) > objective / 2);
  }).length;
};

/** Whether both were under way at one moment. */
const areAtOnce = (one: Answer, other: Answer): boolean =>
  one.at <= other.at + other.ms && other.at <= one.at + one.ms;
