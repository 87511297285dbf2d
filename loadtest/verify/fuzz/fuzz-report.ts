import type { FuzzResult } from "./fuzz.ts";

/** The findings, each with the request to repeat it; empty when there are none. */
export const describeFindings = ({ findings }: FuzzResult): string =>
  findings
    .map(({ route, what, curl, answer }) => `${route}\n  ${what}\n  ${curl}\n  answered: ${answer}`)
    .join("\n\n");

/** How often each status was answered, e.g. `200: 1,471, 400: 1,050`. */
export const describeAnswers = ({ answers }: FuzzResult): string =>
  Object.entries(answers)
    .map(([status, count]) => `${status}: ${count.toLocaleString("en-US")}`)
    .join(", ");
