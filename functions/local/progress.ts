import { SingleBar } from "cli-progress";

/** Progress on the error stream, so that standard output stays clean for logs and metrics. */
export interface Progress {
  readonly start: (label: string, total: number) => void;
  readonly advance: (amount: number) => void;
  readonly stop: () => void;
  /** Shows that something of unknown length goes on, with the seconds so far. */
  readonly while: <T>(label: string, work: () => Promise<T>) => Promise<T>;
}

const TICK_MS = 200;

/** A live bar on a terminal; elsewhere one plain line a step. */
export const openProgress = (stream: NodeJS.WriteStream = process.stderr): Progress => {
  let bar: SingleBar | undefined;
  return {
    start: (label, total) => {
      if (!stream.isTTY) {
        stream.write(`${label} …\n`);
        return;
      }
      bar = new SingleBar({
        stream,
        format: `${label} {bar} {percentage}% | {value}/{total} | {duration_formatted}`,
        barCompleteChar: "█",
        barIncompleteChar: "░",
        hideCursor: true,
        autopadding: true,
      });
      bar.start(total, 0);
    },
    advance: (amount) => bar?.increment(amount),
    stop: () => bar?.stop(),
    while: async (label, work) => {
      const startedAt = Date.now();
      const line = () => `${label} … ${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
      if (!stream.isTTY) stream.write(`${label} …\n`);
      const ticking = stream.isTTY ? setInterval(() => stream.write(`\r${line()}`), TICK_MS) : undefined;
      try {
        return await work();
      } finally {
        clearInterval(ticking);
        stream.write(stream.isTTY ? `\r${line()}\n` : `${line()}, done\n`);
      }
    },
  };
};
