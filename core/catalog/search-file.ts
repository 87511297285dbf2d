import { existsSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Logger } from "@aws-lambda-powertools/logger";
import { INDEX_SCHEMA, INDEX_VERSION, openSearchIndex, type SearchIndex } from "./search-index.ts";
import { seal, unseal } from "./search-seal.ts";

/** Where an index outlives its process. */
export interface IndexFile {
  readonly path: string;
  /** Names the table that the index is made of: the index of another one is dropped. */
  readonly table: string;
}

/** Bounds the memory of an index in a file; in KiB, as SQLite takes it. Holds the whole index of 100,000 products. */
const PAGE_CACHE_KIB = 48 * 1024;

/** SQLite's result code for a file that another process has locked. */
const BUSY = 5;

/** The note that the index once held the whole table. Without it, the process that built it was stopped. */
const COMPLETE = "complete";
const TABLE = "table";

/**
 * Opens the index kept in a file, or a new and empty one: in that file when what was there is of no use, in
 * memory when no file is given or another process has it.
 *
 * The file is checked as a whole before anything relies on it: by its seal, or by SQLite where a process was
 * killed. Its write-ahead log lets it survive `kill -9` at any moment.
 */
export const openIndex = async (
  file: IndexFile | undefined,
  log: Logger,
  onFailure: (error: unknown) => void,
): Promise<SearchIndex> => {
  // Loaded here and nowhere else: Node 20 has no such module, and only processes that search need it.
  const { DatabaseSync } = await import("node:sqlite");
  // Without a file the products would cost memory, and are cheap to read where Redis or memory has them.
  const inMemory = (): SearchIndex =>
    openSearchIndex(prepared(new DatabaseSync(":memory:")), { keepsProducts: false, onFailure });
  if (!file) return inMemory();
  const inFile = (): SearchIndex => {
    const isAsSealed = unseal(file.path);
    if (isAsSealed === false) throw new Error("its checksum is wrong");
    const isIntact = isAsSealed === true && !existsSync(`${file.path}-wal`);
    return openChecked(new DatabaseSync(file.path), file, isIntact, onFailure);
  };
  try {
    try {
      return inFile();
    } catch (error) {
      if (isBusy(error)) throw error;
      log.warn("the stored search index is not usable; building it again", {
        reason: (error as Error).message,
      });
      removeIndexFile(file);
      return inFile();
    }
  } catch (error) {
    log.warn("the search index is kept in memory: its file can't be used", {
      reason: (error as Error).message,
    });
    return inMemory();
  }
};

export const removeIndexFile = ({ path }: IndexFile): void => {
  for (const suffix of ["", "-wal", "-shm", "-journal", ".seal"]) rmSync(path + suffix, { force: true });
};

export const isComplete = (index: SearchIndex): boolean => index.noted(COMPLETE) !== undefined;

/** Called once the index holds everything that the table held when its building began. */
export const markComplete = (index: SearchIndex): void => {
  index.settle();
  index.note(COMPLETE, "yes");
};

const isBusy = (error: unknown): boolean => (error as { errcode?: number }).errcode === BUSY;

/** Whether SQLite says that what it reads is not what it once wrote. */
export const isDamage = (error: unknown): boolean => {
  const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
  return code === 11 || code === 26; // SQLITE_CORRUPT, SQLITE_NOTADB
};

const prepared = (sqlite: DatabaseSync): DatabaseSync => {
  sqlite.exec(`PRAGMA user_version = ${INDEX_VERSION}; ${INDEX_SCHEMA}`);
  return sqlite;
};

const openChecked = (
  sqlite: DatabaseSync,
  { path, table }: IndexFile,
  isIntact: boolean,
  onFailure: (error: unknown) => void,
): SearchIndex => {
  try {
    // Exclusive: no other process can write to it by mistake. `NORMAL`: a machine that loses power loses the last
    // moments, the positions among them, and nothing else.
    sqlite.exec(`
      PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -${PAGE_CACHE_KIB}; PRAGMA temp_store = MEMORY`);
    const isNew = readValue(sqlite, "SELECT count(*) AS value FROM sqlite_schema") === 0;
    if (isNew)
      prepared(sqlite).exec("PRAGMA synchronous = OFF"); // Until it is complete it is worth nothing.
    else check(sqlite, isIntact);
    const onClosed = (): void => sealIfClosed(path);
    const index = openSearchIndex(sqlite, { keepsProducts: true, onFailure, onClosed });
    if (isNew) index.note(TABLE, table);
    if (index.noted(TABLE) !== table) throw new Error("it is the index of another table");
    if (!isNew && !isComplete(index)) throw new Error("building it was interrupted");
    return index;
  } catch (error) {
    sqlite.close();
    throw error;
  }
};

const sealIfClosed = (path: string): void => {
  try {
    if (!existsSync(`${path}-wal`)) seal(path);
  } catch {
    // Without a seal the whole file is checked when it is opened again.
  }
};

/** @throws Error saying what is wrong with the file */
const check = (sqlite: DatabaseSync, isIntact: boolean): void => {
  const version = readValue(sqlite, "PRAGMA user_version", "user_version");
  if (version !== INDEX_VERSION) throw new Error(`it has version ${version}, not ${INDEX_VERSION}`);
  if (isIntact) return;
  sqlite.exec("INSERT INTO words (words, rank) VALUES ('integrity-check', 0)");
  // Reads all of the other tables and compares what they have in common.
  const products = readValue(
    sqlite,
    "SELECT count(*) + 0 * sum(version + length(json)) AS value FROM products NOT INDEXED",
  );
  const skus = readValue(
    sqlite,
    "SELECT count(sku) AS value FROM products INDEXED BY by_sku WHERE sku >= ''",
  );
  const rows = readValue(sqlite, "SELECT count(length(sz)) AS value FROM words_docsize");
  if ((products ?? 0) !== skus || skus !== rows) throw new Error("its tables do not agree");
};

const readValue = (sqlite: DatabaseSync, query: string, column = "value"): unknown =>
  (sqlite.prepare(query).get() as Record<string, unknown> | undefined)?.[column];
