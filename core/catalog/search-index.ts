import { DatabaseSync } from "node:sqlite";
import type { Product } from "./product.ts";

/** Field weights of the ranking: a word in the name says more about a product than one in its description. */
const WEIGHTS = "10.0, 5.0, 4.0, 1.0";

/**
 * Ranking reads every candidate. A query that matches more than this is too broad for its ranking to mean
 * much, so only the first so many candidates, in order of product number, are ranked.
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
  sqlite.exec(`
    CREATE VIRTUAL TABLE product_words USING fts5(
      name, manufacturer, category, description,
      content = '', contentless_delete = 1, prefix = '1 2 3',
      tokenize = 'unicode61 remove_diacritics 2'
    )`);
  const remove = sqlite.prepare("DELETE FROM product_words WHERE rowid = ?");
  const insert = sqlite.prepare(
    "INSERT INTO product_words (rowid, name, manufacturer, category, description) VALUES (?, ?, ?, ?, ?)",
  );
  const count = sqlite.prepare("SELECT count(*) AS total FROM product_words WHERE product_words MATCH ?");
  const best = sqlite.prepare(`
    SELECT rowid FROM (
      SELECT rowid, bm25(product_words, ${WEIGHTS}) AS score
      FROM product_words WHERE product_words MATCH ? LIMIT ${MAX_RANKED}
    ) ORDER BY score, rowid LIMIT ?`);
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
      const rows = best.all(match, limit) as { rowid: number }[];
      return { productIds: rows.map(({ rowid }) => rowid), total };
    },

    /** Number of products in the index. */
    get size(): number {
      return versions.size;
    },
  };
};
