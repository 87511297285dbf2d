import type { ProcessSample } from "../../live/sample.ts";
import { milliseconds, number, percent, shown } from "./format.ts";
import type { Moment } from "./stream.ts";

export type Health = "ok" | "warn" | "bad" | "idle";

interface Props {
  readonly moment: Moment | undefined;
  readonly health: Health;
  /** Product reads a second that memory answers. */
  readonly memoryHits: number;
}

/** Where the shop stands: in the middle of the picture, larger where it holds two processes. */
export const shopBox = (hasTwo: boolean) =>
  hasTwo ? { x: 294, y: 22, width: 160, height: 286 } : { x: 304, y: 96, width: 140, height: 138 };

/** The shop in the middle of the picture: one process with its memory, or two with the figures of each. */
export const ShopNode = ({ moment, health, memoryHits }: Props) => {
  const processes = moment?.processes ?? [];
  const hasTwo = processes.length > 1;
  return (
    <>
      <g class={`node shop ${health}`}>
        <rect {...shopBox(hasTwo)} rx="14" />
        <text x="374" y={hasTwo ? 43 : 124}>
          Shop
        </text>
        {!hasTwo && (
          <>
            <text x="374" y="144" class="small">
              {shown(moment?.cpu, (cpu) => `${Math.round(cpu * 100)} % CPU`)}
            </text>
            <rect x="318" y="158" width="112" height="60" rx="9" class="inner" />
            <text x="374" y="182">
              Memory
            </text>
            <text x="374" y="202" class="small">
              {moment?.cacheMode === "tiered" ? `${number(memoryHits)} hits/s` : "not asked"}
            </text>
          </>
        )}
      </g>
      {hasTwo && processes.map((one, at) => <ProcessBox key={one.name} y={54 + 124 * at} sample={one} />)}
    </>
  );
};

const NAMES = { first: "Process 1", second: "Process 2" } as const;
const HEALTH = { up: "ok", starting: "warn", frozen: "bad", down: "bad" } as const;
const SILENT = {
  up: "no figures yet",
  starting: "starting",
  frozen: "frozen: answers nothing",
  down: "gone",
} as const;

const ProcessBox = ({ y, sample: { name, state, figures } }: { y: number; sample: ProcessSample }) => (
  <g class={`node ${HEALTH[state]}`} data-process={name} data-state={state}>
    <rect x="306" y={y} width="136" height="116" rx="10" />
    <text x="374" y={y + 25}>
      {NAMES[name]}
    </text>
    {(figures
      ? [
          `${number(figures.requestsPerSecond)}/s, p99 ${shown(figures.p99, milliseconds)}`,
          `${number(figures.inFlight)} in flight`,
          `${percent(figures.cpu)} CPU`,
          `${number(figures.memoryMb)} MB`,
        ]
      : [SILENT[state]]
    ).map((line, at) => (
      <text key={line} x="374" y={y + 46 + 19 * at} class="small">
        {line}
      </text>
    ))}
  </g>
);

/** A sentence on how the processes differ; undefined while they agree. */
export const differencesIn = (processes: readonly ProcessSample[]): string | undefined => {
  const [one, other] = processes.map(({ figures }) => figures);
  if (!one || !other) return undefined;
  const faults = [one, other].map(({ broken }) => broken.join(" and ") || "nothing");
  const parts = [
    one.cacheMode !== other.cacheMode &&
      `the cache is ${one.cacheMode} in one, ${other.cacheMode} in the other`,
    faults[0] !== faults[1] && `one has ${faults[0]} broken, the other ${faults[1]}`,
  ].filter(Boolean);
  if (parts.length === 0) return undefined;
  return `The processes differ: ${parts.join("; ")}. Redis carries switches from one to the other; without it, they reach the process that answers.`;
};
