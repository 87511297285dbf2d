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

export interface SearchHits {
  /** Best first. */
  readonly productIds: number[];
  readonly total: number;
}

export type SearchIndex = ReturnType<typeof openSearchIndex>;

type Searchable = Pick<
  Product,
  "product_id" | "name" | "manufacturer" | "category" | "description" | "version"
>;

/**
 * A full-text index of the catalogue in process memory: a projection of the products table that holds
 * words and product numbers, no products. Rankings are bm25 (SQLite FTS5).
 */
export const openSearchIndex = () => {
  const sqlite = new DatabaseSync(":memory:");
  const columns = Object.keys(FIELDS).join(", ");
  sqlite.exec(`
    CREATE VIRTUAL TABLE product_words USING fts5(
      ${columns}, content = '', contentless_delete = 1, prefix = '1 2 3',
      tokenize = 'unicode61 remove_diacritics 2'
    )`);
  const remove = sqlite.prepare("DELETE FROM product_words WHERE rowid = ?");
  const insert = sqlite.prepare(`INSERT INTO product_words (rowid, ${columns}) VALUES (?, ?, ?, ?, ?)`);
  const count = sqlite.prepare("SELECT count(*) AS total FROM product_words WHERE product_words MATCH ?");
  const ranked = sqlite.prepare(`
    SELECT rowid FROM product_words WHERE product_words MATCH ?
    ORDER BY bm25(product_words, ${Object.values(FIELDS).join(", ")}), rowid LIMIT ?`);
  const unranked = sqlite.prepare("SELECT rowid FROM product_words WHERE product_words MATCH ? LIMIT ?");
  const versions = new Map<number, number>();

  const put = (product: Searchable): void => {
    const { product_id: id, version } = product;
    const known = versions.get(id);
    // A write may overtake the scan that builds the index; the older of the two must not win.
    if (known !== undefined && known >= version) return;
    if (known !== undefined) remove.run(id);
    insert.run(id, product.name, product.manufacturer, product.category, product.description);
    versions.set(id, version);
  };

  const idsOf = (rows: unknown[]): number[] => (rows as { rowid: number }[]).map(({ rowid }) => rowid);

  const namesFirst = (match: string, limit: number): number[] => {
    const ids = new Set(idsOf(unranked.all(`{name} : (${match})`, limit)));
    if (ids.size < limit) for (const id of idsOf(unranked.all(match, limit))) ids.add(id);
    return [...ids].slice(0, limit);
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

    /** Products that have every word of the query, or a word that starts with it, in any field. */
    find(query: string, limit: number): SearchHits {
      const words = query.match(/[\p{L}\p{N}]+/gu)?.slice(0, MAX_WORDS) ?? [];
      if (words.length === 0) return { productIds: [], total: 0 };
      const match = words.map((word) => `"${word}"*`).join(" ");
      const { total } = count.get(match) as { total: number };
      const productIds = total > MAX_RANKED ? namesFirst(match, limit) : idsOf(ranked.all(match, limit));
      return { productIds, total };
    },

    /** Number of products in the index. */
    get size(): number {
      return versions.size;
    },
  };
};
