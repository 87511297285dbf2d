import fc from "fast-check";
import { type Caller, EVERYBODY } from "../../harness/callers.ts";
import { openAccessCheck } from "./check-access.ts";
import { faultOfAnswer, type Weather } from "./check-answer.ts";
import { type ApiDocument, openApiDocument } from "./document.ts";
import { type KnownValues, openKnownValues } from "./known-values.ts";
import { anyRequest, certainRequests, type PlannedRequest } from "./requests.ts";
import { type Answer, curlOf, prepared, type SentRequest, send } from "./send.ts";

export interface FuzzOptions {
  readonly url: string;
  readonly requests: number;
  readonly seed: number;
  /** Sent at once. */
  readonly lanes: number;
  readonly weather: Weather;
  /** Each request is one of theirs. */
  readonly callers?: readonly Caller[];
  /** Called for each answer. */
  readonly onAnswer?: (status: number) => void;
}

/** Something that the shop should not have answered, made as small as it gets. */
export interface Finding {
  readonly what: string;
  readonly route: string;
  readonly curl: string;
  readonly answer: string;
}

export interface FuzzResult {
  readonly findings: readonly Finding[];
  /** Answers by their status. */
  readonly answers: Readonly<Record<string, number>>;
  readonly sent: number;
  /** Answers that showed callers their own data, by the callers' names. */
  readonly ownSightings: Readonly<Record<string, number>>;
}

/** Users of an open shop. */
const USERS = ["u1", "u2", "u3", "u4"];

/** Knowledge of the shop that grows with a run. */
interface Run {
  readonly document: ApiDocument;
  readonly known: KnownValues;
  readonly access: ReturnType<typeof openAccessCheck>;
}

/** A request and who sends it. */
type Plan = readonly [PlannedRequest, Caller];

class FindingError extends Error {
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.what);
    this.finding = finding;
  }
}

/** Different ones; more tell nothing new. */
const MOST_FINDINGS = 20;
/** Requests by which a counterexample is made smaller. */
const MOST_SHRINKS = 500;

/** Sends generated requests and judges each answer by the shop's own document. */
export const fuzz = async (options: FuzzOptions): Promise<FuzzResult> => {
  const { callers = [EVERYBODY] } = options;
  const document = openApiDocument(await readDocument(options.url));
  const users = callers.flatMap(({ userId }) => userId ?? []);
  const known = openKnownValues(users.length > 0 ? users : USERS);
  const run: Run = { document, known, access: openAccessCheck(document, callers) };
  const findings = new Map<string, Finding>();
  const answers: Record<string, number> = {};
  let sent = 0;

  const count = (status: number): void => {
    answers[status] = (answers[status] ?? 0) + 1;
    sent += 1;
    options.onAnswer?.(status);
  };

  const note = (error: unknown): void => {
    if (!(error instanceof FindingError)) throw error;
    const { finding } = error;
    findings.set(`${finding.route} ${finding.what}`, finding);
  };

  const lane = async (number: number): Promise<void> => {
    const plans = fc.tuple(anyRequest(document), fc.constantFrom(...callers));
    let left = Math.ceil(options.requests / options.lanes);
    for (let round = 0; left > 0 && findings.size < MOST_FINDINGS; round += 1) {
      const seed = options.seed + number * 1_000 + round;
      const { failed, numRuns, errorInstance } = await check(plans, left, seed, (plan) =>
        judged(run, options, plan, count),
      );
      if (!failed) return;
      left -= numRuns;
      note(errorInstance);
    }
  };

  for (const caller of callers) {
    for (const request of certainRequests(document)) {
      await judged(run, options, [request, caller], count).catch(note);
    }
  }
  await Promise.all(Array.from({ length: options.lanes }, (_, number) => lane(number)));
  return { findings: [...findings.values()], answers, sent, ownSightings: run.access.ownSightings };
};

/** A shop in trouble may refuse the document as well, so it is read until it comes. */
const readDocument = async (url: string): Promise<unknown> => {
  for (;;) {
    const response = await fetch(`${url}/openapi.json`);
    const body: unknown = await response.json();
    if (response.ok) return body;
    await Bun.sleep(100);
  }
};

const check = (
  plans: fc.Arbitrary<Plan>,
  numRuns: number,
  seed: number,
  judge: (plan: Plan) => Promise<void>,
) => {
  let shrinks = 0;
  const property = fc.asyncProperty(plans, async (plan) => {
    if (shrinks > MOST_SHRINKS) return;
    if (shrinks > 0) shrinks += 1;
    try {
      await judge(plan);
    } catch (error) {
      shrinks ||= 1;
      throw error;
    }
  });
  return fc.check(property, { numRuns, seed });
};

/** @throws FindingError when the answer is not as it should be */
const judged = async (
  { document, known, access }: Run,
  { url, weather }: FuzzOptions,
  [planned, caller]: Plan,
  count: (status: number) => void,
): Promise<void> => {
  const request = prepared(planned, known, caller);
  const answer = await send(url, request).catch((error: unknown) => {
    throw findingOf(url, planned, request, `no answer: ${String(error)}`);
  });
  count(answer.status);
  const fault = faultOfAnswer(document, request, answer, weather) ?? access.faultOf(request, answer, caller);
  if (fault) throw findingOf(url, planned, request, fault, answer);
  if (!answer.text.startsWith("{")) return;
  const body: unknown = JSON.parse(answer.text);
  known.learn(body, answer.headers);
  access.learn(request, body);
};

const findingOf = (
  url: string,
  { route }: PlannedRequest,
  request: SentRequest,
  what: string,
  answer?: Answer,
): FindingError =>
  new FindingError({
    what,
    route,
    curl: curlOf(url, request),
    answer: answer ? `${answer.status} ${answer.text.slice(0, 500)}` : "none",
  });
