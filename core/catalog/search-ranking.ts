import type { DatabaseSync } from "node:sqlite";
import { foldSku, type QueryWord, queryWords } from "./search-text.ts";

/** Fields in the order of what a match in them says about a product, with their weights in the ranking. */
export const FIELDS = { name: 10, manufacturer: 5, category: 4, description: 1 } as const;

/**
 * Up to this many matches are ranked by bm25, which reads every one of them at about 1 µs each. A query that
 * matches more is too broad for word statistics to tell its matches apart: it is ordered by tiers, which the
 * index yields without reading more than it gives.
 */
const MAX_RANKED = 500;

/** A shorter query is not taken as the beginning of an SKU. */
const MIN_SKU_LENGTH = 3;

/** A beginning of fewer characters is never looked up as a whole word. */
const MIN_ALONE_LENGTH = 3;

/** Sort before and behind every text that goes on after the text before them. */
const FIRST_CHARACTER = "\u0001";
const LAST_CHARACTER = "\u{10FFFF}";

export interface SearchHits {
  /** Best first. */
  readonly productIds: readonly number[];
  /** Matches in the whole index. */
  readonly total: number;
}

const NO_HITS: SearchHits = { productIds: [], total: 0 };

export type Finder = (query: string, limit: number) => SearchHits;

/**
 * Finds products by a query: those whose SKU is the query or starts with it, then those that have every word of
 * the query, or a word that starts with it, in any field. Whole words rank before beginnings, and within each
 * matches in names before others.
 */
export const openFinder = (sqlite: DatabaseSync): Finder => {
  sqlite.exec("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'words', 'row')");
  const longerWord = sqlite.prepare("SELECT 1 FROM vocabulary WHERE term >= ? AND term < ? LIMIT 1");
  const matching = "FROM words WHERE words MATCH ?";
  const count = sqlite.prepare(`SELECT count(*) AS total ${matching}`);
  const ranked = sqlite.prepare(`
    SELECT rowid AS id ${matching}
    ORDER BY bm25(words, ${Object.values(FIELDS).join(", ")}), rowid LIMIT ?`);
  const unranked = sqlite.prepare(`SELECT rowid AS id ${matching} LIMIT ?`);
  const inRange = "sku >= ? AND sku < ?";
  const countSkus = sqlite.prepare(`SELECT count(*) AS total FROM products WHERE ${inRange}`);
  const bySku = sqlite.prepare(`SELECT id FROM products WHERE ${inRange} ORDER BY sku, id LIMIT ?`);
  const countBoth = sqlite.prepare(`
    SELECT count(*) AS total FROM products WHERE ${inRange} AND id IN (SELECT rowid ${matching})`);

  const idsOf = (rows: unknown[]): number[] => (rows as { id: number }[]).map(({ id }) => id);
  const totalOf = (row: unknown): number => (row as { total: number }).total;

  /**
   * FTS5 finds a word in half the time in which it finds what begins with it, which is the same where no longer word
   * does. Short beginnings have one, and take longest to look up.
   */
  const beginningOf = ({ word, beginning, whole }: QueryWord): string =>
    word !== undefined &&
    word.length >= MIN_ALONE_LENGTH &&
    longerWord.get(`${word}${FIRST_CHARACTER}`, word + LAST_CHARACTER) === undefined
      ? whole
      : beginning;

  /** Takes ids from one source after another until there are enough of them, or all. */
  const collect = (enough: number, sources: readonly (() => readonly number[])[]): number[] => {
    const ids = new Set<number>();
    for (const source of sources) {
      if (ids.size >= enough) break;
      for (const id of source()) ids.add(id);
    }
    return [...ids].slice(0, enough);
  };

  const byWords = (words: readonly QueryWord[], limit: number): SearchHits => {
    if (words.length === 0) return NO_HITS;
    const beginning = words.map(beginningOf).join(" ");
    const whole = words.map((word) => word.whole).join(" ");
    const some = idsOf(unranked.all(beginning, MAX_RANKED + 1));
    if (some.length <= 1) return { productIds: some.slice(0, limit), total: some.length }; // Nothing to rank.
    const total = some.length <= MAX_RANKED ? some.length : totalOf(count.get(beginning));
    if (total > MAX_RANKED) {
      const sources = [whole, beginning].flatMap((match) => [
        () => idsOf(unranked.all(`{name} : (${match})`, limit)),
        () => idsOf(unranked.all(match, limit)),
      ]);
      return { productIds: collect(limit, sources), total };
    }
    // Ranking takes twice to three times as long as finding: only what has matches of its own is ranked.
    const wholes = beginning === whole ? total : unranked.all(whole, total).length;
    const matches = [...(wholes > 0 ? [whole] : []), ...(wholes < total ? [beginning] : [])];
    const sources = matches.map((match) => () => idsOf(ranked.all(match, limit)));
    return { productIds: collect(Math.min(limit, total), sources), total };
  };

  return (query, limit) => {
    const words = queryWords(query);
    const hits = byWords(words, limit);
    const sku = foldSku(query.trim());
    if (sku.length < MIN_SKU_LENGTH) return hits;
    const range = [sku, sku + LAST_CHARACTER] as const;
    const skus = totalOf(countSkus.get(...range));
    if (skus === 0) return hits;
    const match = words.map((word) => word.beginning).join(" ");
    const both = hits.total === 0 ? 0 : totalOf(countBoth.get(...range, match));
    const sources = [() => idsOf(bySku.all(...range, limit)), () => hits.productIds];
    return { productIds: collect(limit, sources), total: hits.total + skus - both };
  };
};
