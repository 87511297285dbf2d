import { MultiBar } from "cli-progress";
import { figure } from "./lab-figures.ts";
import { latencyOf, type Second, throughputOf, totalsOf } from "./timeline.ts";

const LINE_EVERY_SECONDS = 5;
const REFRESH_MS = 250;

/** A person's view at the terminal while it runs. */
export interface LiveView {
  /** @param seconds it will take, about */
  readonly begin: (title: string, seconds: number) => void;
  readonly phase: (text: string) => void;
  readonly second: (second: Second) => void;
  /** Shows its breakers that are not closed; the last ones where it has none. */
  readonly sample: (sample: { readonly breakers?: Readonly<Record<string, string>> }) => void;
  readonly end: () => void;
}

/** A progress bar and the figures of the last second; where there is no terminal, a line now and then. */
export const openLiveView = (output: NodeJS.WriteStream = process.stderr): LiveView => {
  let title = "";
  let phase = "";
  let breakers = "";
  let figures = "";
  let startedAt = 0;
  let planned = 1;
  let close = (): void => undefined;

  const elapsed = (): number => Math.round((Date.now() - startedAt) / 1_000);

  const openBars = (): (() => void) => {
    const bars = new MultiBar({ stream: output, hideCursor: true, clearOnComplete: true, linewrap: false });
    const progress = bars.create(planned, 0, {}, { format: "{title} {bar} {value}/{total} s  {phase}" });
    const details = bars.create(1, 0, {}, { format: "{figures}  {breakers}" });
    const show = (): void => {
      progress.update(Math.min(planned, elapsed()), { title, phase });
      details.update(0, { figures, breakers });
    };
    const timer = setInterval(show, REFRESH_MS);
    show();
    return () => {
      clearInterval(timer);
      bars.stop();
    };
  };

  const openLines = (): (() => void) => {
    const timer = setInterval(() => {
      const parts = [`${title} ${elapsed()}/${planned} s`, phase, figures, breakers];
      output.write(`${parts.filter(Boolean).join("  ")}\n`);
    }, LINE_EVERY_SECONDS * 1_000);
    return () => clearInterval(timer);
  };

  return {
    begin(newTitle, seconds) {
      close();
      [title, phase, breakers, figures] = [newTitle, "setting the stage", "", ""];
      startedAt = Date.now();
      planned = Math.max(1, Math.round(seconds));
      close = output.isTTY ? openBars() : openLines();
    },
    phase(text) {
      phase = text;
    },
    second(second) {
      figures = figuresOf(second);
    },
    sample({ breakers: states }) {
      if (!states) return;
      const abnormal = Object.entries(states).filter(([, state]) => state !== "closed");
      breakers = abnormal.map(([name, state]) => `${name} ${state.toUpperCase()}`).join(" ");
    },
    end() {
      close();
      close = () => undefined;
    },
  };
};

const figuresOf = (second: Second): string => {
  const totals = totalsOf([second]);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => latencyOf(totals, share));
  return [
    `${second.users} users`,
    `${Math.round(throughputOf(totals))} req/s`,
    `p50/p95/p99 ${[p50, p95, p99].map(figure).join("/")} ms`,
    `${totals.refused} refused`,
    `${totals.failed} failed`,
  ].join("  ");
};
