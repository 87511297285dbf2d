import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chosenOf, type Options } from "../bench-options.ts";
import type { Row } from "../benchmark.ts";
import { measureBusyHost } from "./busy-host.ts";
import { measureClosedLoops } from "./closed-loops.ts";
import { measureConnections } from "./connections.ts";
import { measureFirstSecond } from "./first-second.ts";
import { measureOfferedLoad } from "./offered-load.ts";
import type { OverloadStage } from "./overload-stage.ts";
import { measureSlowReaders } from "./slow-readers.ts";

const PARTS: Readonly<Record<string, (stage: OverloadStage) => Promise<Record<string, Row[]>>>> = {
  offered: measureOfferedLoad,
  loops: measureClosedLoops,
  start: measureFirstSecond,
  busy: measureBusyHost,
  connections: measureConnections,
  readers: measureSlowReaders,
};

export const OVERLOAD_PARTS = Object.keys(PARTS);

/** Where the shop refuses, and whether it has to. */
export const benchmark = async (options: Options): Promise<Record<string, Row[]>> => {
  const { seconds } = options;
  const parts = chosenOf(OVERLOAD_PARTS, options);
  const dir = await mkdtemp(join(tmpdir(), "stampede-overload-"));
  const tables: Record<string, Row[]> = {};
  try {
    for (const name of parts) {
      console.error(`${name} …`);
      Object.assign(tables, await PARTS[name]?.({ dir, ...(seconds !== undefined && { seconds }) }));
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return tables;
};
