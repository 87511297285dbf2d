import type { Kind } from "./kinds.ts";
import { type Tally, takeTurn, tallyOf } from "./tally.ts";

/** Takes turns of these kinds at a steady rate, whether or not earlier ones are over. */
export const askSteadily = async (
  url: string,
  kinds: readonly Kind[],
  perSecond: number,
  seconds: number,
): Promise<Tally> => {
  const answers: Parameters<typeof takeTurn>[3] = [];
  const turns: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let i = 0; i < perSecond * seconds; i++) {
    await Bun.sleep(Math.max(0, startedAt + (i * 1_000) / perSecond - performance.now()));
    const kind = kinds[i % kinds.length];
    if (kind) turns.push(takeTurn(url, kind, i, answers));
  }
  await Promise.all(turns);
  return tallyOf(answers);
};
