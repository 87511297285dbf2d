import type { DatabaseSync } from "node:sqlite";
import { LRUCache } from "lru-cache";
import type { Product } from "./product.ts";
import { FIELDS, openFinder, type SearchHits } from "./search-ranking.ts";
import { foldSku, indexedText } from "./search-text.ts";

/** Answers kept between two changes of the index, with their products some 15 KB each. */
const KEPT_ANSWERS = 1_000;

/** Products gathered before they are written: one transaction for many costs a tenth of one for each. */
const MAX_GATHERED = 1_000;

/** How long a product may wait to be written, in milliseconds. A search writes what waits before it looks. */
const GATHERED_FOR_MS = 200;

const COLUMNS = Object.keys(FIELDS) as readonly (keyof typeof FIELDS)[];

export interface IndexOptions {
  /** Whether the products themselves are kept in the index, so that a search need not read them elsewhere. */
  readonly keepsProducts: boolean;
  /** Takes what goes wrong when gathered products are written; they are tried again. */
  readonly onFailure: (error: unknown) => void;
  readonly onClosed?: () => void;
}

export type SearchIndex = ReturnType<typeof openSearchIndex>;

/** Of an empty database. Change `INDEX_VERSION` with it, and with the folding of texts. */
export const INDEX_SCHEMA = `
  CREATE VIRTUAL TABLE words USING fts5(
    ${COLUMNS.join(", ")}, content = '', contentless_delete = 1, prefix = '1 2 3 4', tokenize = 'ascii'
  );
  CREATE TABLE products (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, sku TEXT NOT NULL, json TEXT);
  CREATE INDEX by_sku ON products (sku);
  CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`;

export const INDEX_VERSION = 2;

/**
 * A full-text index of the catalogue (SQLite FTS5): a projection of the products table that holds words, SKUs,
 * versions and product numbers.
 *
 * @param sqlite with the tables of {@link INDEX_SCHEMA}; closed with the index
 */
export const openSearchIndex = (
  sqlite: DatabaseSync,
  { keepsProducts, onFailure, onClosed }: IndexOptions,
) => {
  const knownVersion = sqlite.prepare("SELECT version FROM products WHERE id = ?");
  const removeWords = sqlite.prepare("DELETE FROM words WHERE rowid = ?");
  const insertWords = sqlite.prepare(
    `INSERT INTO words (rowid, ${COLUMNS.join(", ")}) VALUES (?${", ?".repeat(COLUMNS.length)})`,
  );
  const insertProduct = sqlite.prepare("INSERT INTO products (id, version, sku, json) VALUES (?, ?, ?, ?)");
  // No REPLACE: it takes a savepoint, at which FTS5 writes out what it has gathered, four times slower in all.
  const updateProduct = sqlite.prepare("UPDATE products SET version = ?, sku = ?, json = ? WHERE id = ?");
  const removeProduct = sqlite.prepare("DELETE FROM products WHERE id = ?");
  const readNote = sqlite.prepare("SELECT value FROM notes WHERE name = ?");
  const writeNote = sqlite.prepare("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)");
  const readJson = sqlite.prepare("SELECT json FROM products WHERE id = ?");
  const find = openFinder(sqlite);
  const answers = new LRUCache<string, SearchHits>({ max: KEPT_ANSWERS });
  const productsOf = new WeakMap<SearchHits, (Product | undefined)[]>();
  let size = (sqlite.prepare("SELECT count(*) AS size FROM products").get() as { size: number }).size;
  let gathered = new Map<number, Product>();
  let timer: NodeJS.Timeout | undefined;

  const storedVersion = (id: number): number =>
    (knownVersion.get(id) as { version: number } | undefined)?.version ?? 0;

  /** 0 for a product that the index does not have. */
  const versionOf = (id: number): number => gathered.get(id)?.version ?? storedVersion(id);

  /** @returns by how much the index grew */
  const write = (product: Product): number => {
    const { product_id: id, version } = product;
    const known = storedVersion(id);
    // A write may overtake the scan that builds the index; the older of the two must not win.
    if (known >= version) return 0;
    const sku = foldSku(product.sku);
    const json = keepsProducts ? JSON.stringify(product) : null;
    if (known > 0) {
      removeWords.run(id);
      updateProduct.run(version, sku, json, id);
    } else {
      insertProduct.run(id, version, sku, json);
    }
    insertWords.run(id, ...COLUMNS.map((column) => indexedText(product[column])));
    return known > 0 ? 0 : 1;
  };

  const inTransaction = (work: () => number): void => {
    sqlite.exec("BEGIN");
    try {
      const growth = work();
      sqlite.exec("COMMIT");
      size += growth;
    } catch (error) {
      sqlite.exec("ROLLBACK");
      throw error;
    } finally {
      answers.clear();
    }
  };

  const putAll = (products: Iterable<Product>): void =>
    inTransaction(() => {
      let growth = 0;
      for (const product of products) growth += write(product);
      return growth;
    });

  /** Writes what was gathered; what can't be written stays gathered. */
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.size === 0) return;
    putAll(gathered.values());
    gathered = new Map();
  };

  const tryToFlush = (): void => {
    try {
      flush();
    } catch (error) {
      onFailure(error);
    }
  };

  const stored = (id: number): Product | undefined => {
    const { json } = (readJson.get(id) ?? {}) as { json?: string | null };
    return json ? (JSON.parse(json) as Product) : undefined;
  };

  return {
    versionOf,
    putAll,

    /** Takes a product over, unless its version is known already. The next search finds it. */
    put(product: Product): void {
      if (versionOf(product.product_id) >= product.version) return;
      gathered.set(product.product_id, product);
      if (gathered.size >= MAX_GATHERED) tryToFlush();
      else timer ??= setTimeout(tryToFlush, GATHERED_FOR_MS).unref();
    },

    remove(id: number): void {
      flush();
      inTransaction(() => {
        if (storedVersion(id) === 0) return 0;
        removeWords.run(id);
        removeProduct.run(id);
        return -1;
      });
    },

    /** Best first, as {@link openFinder} ranks them. */
    find(query: string, limit: number): SearchHits {
      tryToFlush();
      const key = `${limit} ${query}`;
      let hits = answers.get(key);
      if (!hits) answers.set(key, (hits = find(query, limit)));
      return hits;
    },

    /** The products of an answer as they were when it was given, where the index keeps them. */
    stored(hits: SearchHits): readonly (Product | undefined)[] {
      if (!keepsProducts) return [];
      let products = productsOf.get(hits);
      if (!products) productsOf.set(hits, (products = hits.productIds.map(stored)));
      return products;
    },

    /** Number of products in the index. */
    get size(): number {
      tryToFlush();
      return size;
    },

    noted: (name: string): string | undefined => (readNote.get(name) as { value: string } | undefined)?.value,

    /** Keeps a fact about the index in it: durable only together with everything that was put before. */
    note(name: string, value: string): void {
      flush();
      writeNote.run(name, value);
    },

    /** Merges what many writes left in pieces, which makes searches faster, and forces all of it to disk. */
    settle(): void {
      flush();
      sqlite.exec(`
        INSERT INTO words (words) VALUES ('optimize');
        PRAGMA synchronous = NORMAL; PRAGMA wal_checkpoint(TRUNCATE)`);
    },

    /** Nothing may be called afterwards. */
    close(): void {
      tryToFlush();
      sqlite.close();
      onClosed?.();
    },
  };
};
