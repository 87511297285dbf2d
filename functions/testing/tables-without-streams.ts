import type { TableDeclaration, TableKey } from "../../core/tables.ts";
import { LOCAL_TABLES } from "../local/table-definition.ts";

/**
 * For tests of anything but streams: with each write to a table that has one, the engine in memory goes through all stream
 * records of the run. Tests that read a stream call `createTables` once more, which adds it.
 */
export const WITHOUT_STREAMS = Object.fromEntries(
  Object.entries(LOCAL_TABLES).map(([key, { stream: _, ...table }]) => [key, table]),
) as Record<TableKey, TableDeclaration>;
