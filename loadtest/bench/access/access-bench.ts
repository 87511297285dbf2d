import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chosenOf, type Options } from "../bench-options.ts";
import type { Row } from "../benchmark.ts";
import { startDefaultShop, untilOk } from "../speed/speed-programs.ts";
import { HOT } from "../speed/subjects.ts";
import { measureAbuse } from "./abuse.ts";
import type { AccessStage } from "./access-stage.ts";
import { measureSlow } from "./slow.ts";
import { measureTokens } from "./tokens.ts";

const PARTS: Readonly<Record<string, (stage: AccessStage) => Promise<Record<string, Row[]>>>> = {
  token: measureTokens,
  abuse: measureAbuse,
  slow: measureSlow,
};

export const ACCESS_PARTS = Object.keys(PARTS);

/** Costs of authentication, and of clients that ask too much or too slowly. */
export const benchmark = async (options: Options): Promise<Record<string, Row[]>> => {
  const { rounds = 5, seconds = 2 } = options;
  const parts = chosenOf(ACCESS_PARTS, options);
  const dir = await mkdtemp(join(tmpdir(), "stampede-access-"));
  const shop = await startDefaultShop(dir, { CATALOG_SIZE: "5000" });
  const tables: Record<string, Row[]> = {};
  try {
    await untilOk(shop.url, HOT);
    for (const name of parts) {
      console.error(`${name} …`);
      Object.assign(tables, await PARTS[name]?.({ shop, dir, rounds, seconds }));
    }
  } finally {
    await shop.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return tables;
};
