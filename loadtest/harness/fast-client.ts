/** Asks servers in turn, one request after the other. @returns the milliseconds of each answer, by server */
export const askInTurn = async (
  urls: readonly string[],
  path: string,
  times: number,
  pauseMs = 5,
): Promise<number[][]> => {
  const waits = urls.map((): number[] => []);
  for (let time = 0; time < times; time++) {
    for (const [at, url] of urls.entries()) {
      const startedAt = performance.now();
      const response = await fetch(url + path);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${url + path} answered ${response.status}`);
      waits[at]?.push(performance.now() - startedAt);
    }
    await Bun.sleep(pauseMs);
  }
  return waits;
};
