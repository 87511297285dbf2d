import { SERVICES } from "../../../core/resilience/services.ts";
import type { Sample } from "./sample.ts";

/** Something that happened, to be drawn on the charts. */
export interface Mark {
  readonly at: number;
  /** In a word or two, for the chart. */
  readonly title: string;
  /** One sentence: where to look, and why. */
  readonly look: string;
  readonly kind: "action" | "alarm" | "relief" | "verdict";
}

export type NewMark = Omit<Mark, "at">;

const CACHE: Readonly<Record<string, string>> = {
  off: "Every read goes to DynamoDB now: watch its calls rise to the request rate, and the latency with them.",
  redis: "Memory is out of the way: reads cost a trip to Redis, so the median rises and DynamoDB stays calm.",
  tiered: "Memory answers again: within a second nearly all reads turn blue, and the median falls.",
};

const CIRCUIT: Readonly<Record<string, readonly [Mark["kind"], string]>> = {
  open: [
    "alarm",
    "Calls are refused at once instead of waiting: watch the latency fall while refusals rise.",
  ],
  half_open: [
    "relief",
    "A probe was answered: a few calls at a time are let through, twice as many with each success.",
  ],
  closed: ["relief", "Calls flow as before: refusals stop and orders go through."],
};

/** Returns the changes from one second to the next. They may come from this page, another one or the API. */
export const changesIn = (before: Sample | undefined, now: Sample): NewMark[] => {
  if (!before) return [];
  const marks: NewMark[] = [];
  if (before.cacheMode !== now.cacheMode) {
    marks.push({ kind: "action", title: `cache ${now.cacheMode}`, look: CACHE[now.cacheMode] ?? "" });
  }
  for (const service of SERVICES) {
    const [old, next] = [before.faults[service], now.faults[service]];
    if (next && old?.expiresAt !== next.expiresAt) {
      marks.push({
        kind: "action",
        title: `${service} broken`,
        look: `Calls of ${service} fail or slow down now: its breaker opens after a third of a second without a success.`,
      });
    }
    if (old && !next) {
      marks.push({
        kind: "relief",
        title: `${service} mended`,
        look: `The fault is over: the next probe finds ${service} back, within a fifth of a second.`,
      });
    }
    const { state, lastError } = now.circuits[service];
    const [kind, look] = CIRCUIT[state] ?? ["relief", ""];
    if (before.circuits[service].state !== state) {
      const reason = state === "open" && lastError ? ` Last failure: ${lastError}.` : "";
      marks.push({ kind, title: `${service} breaker ${state.replace("_", " ")}`, look: look + reason });
    }
  }
  return marks;
};
