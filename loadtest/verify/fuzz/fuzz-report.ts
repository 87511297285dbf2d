import type { FuzzResult } from "./fuzz.ts";

/** The findings, each with the request to repeat it; empty when there are none. */
export const describeFindings = ({ findings }: FuzzResult): string =>
  findings
    .map(({ route, what, curl, answer }) => `${route}\n  ${what}\n  ${curl}\n  answered: ${answer}`)
    .join("\n\n");

/** How often each status was answered, e.g. `200: 1,471, 400: 1,050`. */
export const describeAnswers = ({ answers }: FuzzResult): string => countsOf(answers);

/** How often each caller was shown its own data, e.g. `guest: 48, user: 51`. */
export const describeSightings = ({ ownSightings }: FuzzResult): string => countsOf(ownSightings);

const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name}: ${count.toLocaleString("en-US")}`)
    .join(", ");
