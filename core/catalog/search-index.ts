import { DatabaseSync } from "node:sqlite";
import type { Product } from "./product.ts";

/** Fields in the order of what a match in them says about a product, with their weights in the ranking. */
const FIELDS = { name: 10, manufacturer: 5, category: 4, description: 1 } as const;

/**
 * Up to so many matches, all are ranked by bm25, which reads every one of them. A query that matches more is
 * too broad for word statistics to tell its matches apart: those in the name come first, then the others, by
 * product number, which the index yields without reading more than it gives.
 */
const MAX_RANKED = 3_000;

const MAX_WORDS = 12;

/** A shorter query is no beginning of an SKU that anybody would mean. */
const MIN_SKU_LENGTH = 3;

/** Sorts behind every text that starts as the text before it does. */
const LAST_CHARACTER = "\u{10FFFF}";

export interface SearchHits {
  /** Best first. */
  readonly productIds: number[];
  readonly total: number;
}

export type SearchIndex = ReturnType<typeof openSearchIndex>;

type Searchable = Pick<
  Product,
  "product_id" | "sku" | "name" | "manufacturer" | "category" | "description" | "version"
>;

/**
 * A full-text index of the catalogue in process memory: a projection of the products table that holds
 * words, SKUs and product numbers, no products. Rankings are bm25 (SQLite FTS5).
 */
export const openSearchIndex = () => {
  const sqlite = new DatabaseSync(":memory:");
  const columns = Object.keys(FIELDS).join(", ");
  sqlite.exec(`
    CREATE VIRTUAL TABLE product_words USING fts5(
      ${columns}, content = '', contentless_delete = 1, prefix = '1 2 3',
      tokenize = 'unicode61 remove_diacritics 2'
    );
    CREATE TABLE product_skus (id INTEGER PRIMARY KEY, sku TEXT COLLATE NOCASE);
    CREATE INDEX by_sku ON product_skus (sku)`);
  const remove = sqlite.prepare("DELETE FROM product_words WHERE rowid = ?");
  const insert = sqlite.prepare(`INSERT INTO product_words (rowid, ${columns}) VALUES (?, ?, ?, ?, ?)`);
  const count = sqlite.prepare("SELECT count(*) AS total FROM product_words WHERE product_words MATCH ?");
  const ranked = sqlite.prepare(`
    SELECT rowid FROM product_words WHERE product_words MATCH ?
    ORDER BY bm25(product_words, ${Object.values(FIELDS).join(", ")}), rowid LIMIT ?`);
  const unranked = sqlite.prepare("SELECT rowid FROM product_words WHERE product_words MATCH ? LIMIT ?");
  const removeSku = sqlite.prepare("DELETE FROM product_skus WHERE id = ?");
  // No REPLACE: it takes a savepoint, at which FTS5 writes out what it has gathered, four times slower in all.
  const insertSku = sqlite.prepare("INSERT INTO product_skus (id, sku) VALUES (?, ?)");
  const inRange = "sku >= ? AND sku < ?";
  const countSkus = sqlite.prepare(`SELECT count(*) AS total FROM product_skus WHERE ${inRange}`);
  const bySku = sqlite.prepare(`SELECT id AS rowid FROM product_skus WHERE ${inRange} ORDER BY sku LIMIT ?`);
  const countBoth = sqlite.prepare(`
    SELECT count(*) AS total FROM product_skus WHERE ${inRange}
    AND id IN (SELECT rowid FROM product_words WHERE product_words MATCH ?)`);
  const versions = new Map<number, number>();

  const put = (product: Searchable): void => {
    const { product_id: id, version } = product;
    const known = versions.get(id);
    // A write may overtake the scan that builds the index; the older of the two must not win.
    if (known !== undefined && known >= version) return;
    if (known !== undefined) {
      remove.run(id);
      removeSku.run(id);
    }
    insert.run(id, product.name, product.manufacturer, product.category, product.description);
    insertSku.run(id, product.sku);
    versions.set(id, version);
  };

  const idsOf = (rows: unknown[]): number[] => (rows as { rowid: number }[]).map(({ rowid }) => rowid);

  const totalOf = (row: unknown): number => (row as { total: number }).total;

  const namesFirst = (match: string, limit: number): number[] => {
    const ids = new Set(idsOf(unranked.all(`{name} : (${match})`, limit)));
    if (ids.size < limit) for (const id of idsOf(unranked.all(match, limit))) ids.add(id);
    return [...ids].slice(0, limit);
  };

  const findWords = (match: string, limit: number): SearchHits => {
    const total = totalOf(count.get(match));
    return {
      productIds: total > MAX_RANKED ? namesFirst(match, limit) : idsOf(ranked.all(match, limit)),
      total,
    };
  };

  return {
    put,

    /** Puts many in one transaction, which is some ten times cheaper than one by one. */
    putAll(products: readonly Searchable[]): void {
      sqlite.exec("BEGIN");
      try {
        for (const product of products) put(product);
        sqlite.exec("COMMIT");
      } catch (error) {
        sqlite.exec("ROLLBACK");
        throw error;
      }
    },

    /**
     * Products whose SKU is the query or starts with it, then those that have every word of the query, or a word
     * that starts with it, in any field.
     */
    find(query: string, limit: number): SearchHits {
      const words = query.match(/[\p{L}\p{N}]+/gu)?.slice(0, MAX_WORDS) ?? [];
      const match = words.map((word) => `"${word}"*`).join(" ");
      const hits = words.length === 0 ? { productIds: [], total: 0 } : findWords(match, limit);
      const sku = query.trim();
      if (sku.length < MIN_SKU_LENGTH) return hits;
      const range = [sku, sku + LAST_CHARACTER] as const;
      const skus = totalOf(countSkus.get(...range));
      if (skus === 0) return hits;
      const both = words.length === 0 ? 0 : totalOf(countBoth.get(...range, match));
      const productIds = new Set([...idsOf(bySku.all(...range, limit)), ...hits.productIds]);
      return { productIds: [...productIds].slice(0, limit), total: hits.total + skus - both };
    },

    /** Number of products in the index. */
    get size(): number {
      return versions.size;
    },
  };
};
