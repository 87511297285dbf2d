import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startEngine } from "./engine.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stampede-file-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("the engine finds a stream's records without reading all of them", async () => {
  const file = join(folder, "stampede.db");
  await (await startEngine(file)).stop(); // The first start, too.
  const database = new DatabaseSync(file);
  const planOf = (query: string): string =>
    JSON.stringify(database.prepare(`EXPLAIN QUERY PLAN ${query}`).all());
  // The engine's own queries, for a write and for a reading.
  const next =
    "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1";
  const reading =
    "SELECT event_name FROM _stream_records WHERE table_name = ?1 AND shard_id = ?2 " +
    "AND CAST(sequence_number AS INTEGER) > ?3 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT ?4";
  const plans = [next, reading].map(planOf);
  database.close();
  for (const plan of plans) expect(plan).toContain("INDEX stampede_stream_records");
});
