/**
 * Requests of a round. A load balancer that gave each to any of `n` tasks alike would leave some task unasked in about
 * n (1 - 1/n)^48 of the rounds: hardly any with 4 tasks, 1 of 75 with 8, half of them with 16.
 */
const ASKED = 48;

export interface Answers {
  /** How many answers came from each release. */
  readonly releases: ReadonlyMap<string, number>;
  /** Requests that had no answer, or one without a release. */
  readonly failed: number;
  /** Of the last failure. */
  readonly reason?: string;
}

/** Asks for the release that runs, over a connection for each request: a load balancer spreads them over its tasks. */
export const askReleases = async (url: string, count = ASKED): Promise<Answers> => {
  const releases = new Map<string, number>();
  let failed = 0;
  let reason: string | undefined;
  const ask = async (): Promise<void> => {
    try {
      const response = await fetch(new URL("/health", url), {
        headers: { connection: "close" },
        signal: AbortSignal.timeout(5_000),
      });
      const { release } = (await response.json()) as { release?: unknown };
      if (typeof release !== "string") throw new Error(`status ${response.status}, without a release`);
      releases.set(release, (releases.get(release) ?? 0) + 1);
    } catch (error) {
      failed += 1;
      reason = (error as Error).message;
    }
  };
  await Promise.all(Array.from({ length: count }, ask));
  return { releases, failed, ...(reason && { reason }) };
};

/** Whether every answer came from that release. */
export const isAll = ({ releases, failed }: Answers, expected: string): boolean =>
  failed === 0 && releases.size === 1 && releases.has(expected);

/** The answers for a person. */
export const described = ({ releases, failed, reason }: Answers): string =>
  [
    ...[...releases].map(([release, count]) => `${release} answered ${count} requests`),
    ...(failed > 0 ? [`${failed} requests failed: ${reason}`] : []),
  ].join("\n");
