import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Options, UsageError } from "../bench-options.ts";
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
export const benchmark = async ({
  only = OVERLOAD_PARTS,
  seconds,
}: Options): Promise<Record<string, Row[]>> => {
  const unknown = only.filter((name) => !OVERLOAD_PARTS.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`--only takes ${OVERLOAD_PARTS.join(", ")}; got ${unknown.join(", ")}`);
  }
  const dir = await mkdtemp(join(tmpdir(), "stampede-overload-"));
  const tables: Record<string, Row[]> = {};
  try {
    for (const name of only) {
      console.error(`${name} …`);
      Object.assign(tables, await PARTS[name]?.({ dir, ...(seconds !== undefined && { seconds }) }));
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return tables;
};
