/**
 * Text as the search index holds it. Texts and queries go through the same folding, so that spellings of the
 * same word meet: case, accents, composed and decomposed forms, full-width forms, letters with a stroke.
 */

/** Accents of alphabets, and the points of Hebrew and Arabic. Vowel signs of other scripts stay: they are letters. */
const ACCENTS = /([\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}])\p{Mn}+/gu;
const POINTS = /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]/gu;

/** Letters that Unicode does not decompose, with the spelling used where a keyboard lacks them. */
const BASE_LETTERS: Readonly<Record<string, string>> = {
  æ: "ae", œ: "oe", ø: "o", ð: "d", đ: "d", þ: "th", ł: "l", ħ: "h", ŧ: "t", ŋ: "n", ı: "i", ς: "σ",
}; // biome-ignore format: a table
const WITHOUT_BASE = new RegExp(`[${Object.keys(BASE_LETTERS).join("")}]`, "gu");

/** Scripts written without spaces between words, and Korean, whose words are often written as one. */
const UNSPACED =
  "\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Bopo}\\p{scx=Hang}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}";
const RUNS = new RegExp(`[${UNSPACED}]+|[^${UNSPACED}]+`, "gu");
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, "u");

const WORDS = /[\p{L}\p{N}\p{M}]+/gu;
const IS_ASCII = /^[\0-\x7f]*$/;

/** Full case folding: ß and SS are the same, as are the forms of sigma. */
const foldCase = (text: string): string => text.toLowerCase().toUpperCase().toLowerCase();

const foldLetters = (text: string): string => {
  if (IS_ASCII.test(text)) return text.toLowerCase();
  const bare = text.normalize("NFKD").replace(ACCENTS, "$1").replace(POINTS, "");
  const based = foldCase(bare).replace(WITHOUT_BASE, (letter) => BASE_LETTERS[letter] ?? letter);
  return based.normalize("NFC");
};

/** The folded words of a text, cut where the script changes between spaced and unspaced. */
const runsOf = (text: string): string[] => {
  const words = foldLetters(text).match(WORDS) ?? [];
  return words.flatMap((word) => word.match(RUNS) ?? []);
};

/** Each two neighbouring characters. */
const pairsOf = (characters: readonly string[]): string[] =>
  characters.slice(1).map((character, i) => `${characters[i]}${character}`);

/**
 * The text to index: words, separated by spaces. Unspaced text becomes its overlapping pairs of characters and
 * its last character, so that the index finds any part of it as a phrase.
 */
export const indexedText = (text: string): string => {
  if (IS_ASCII.test(text)) return text; // SQLite's `ascii` tokenizer folds its case and finds its words.
  const tokens = runsOf(text).flatMap((run) => {
    if (!IS_UNSPACED.test(run)) return [run];
    const characters = [...run];
    return [...pairsOf(characters), ...characters.slice(-1)];
  });
  return tokens.join(" ");
};

/** A word of a query as FTS5 expressions. */
export interface QueryWord {
  /** Matches where the text has the word or, but for longer unspaced text, a word that starts with it. */
  readonly beginning: string;
  /** Matches where the text has exactly the word. */
  readonly whole: string;
  /** The folded word itself; missing for unspaced text, of which both expressions are the same. */
  readonly word?: string;
}

/**
 * The words of a query, each once. A word that another one starts with is left out: what matches the longer one
 * matches it too.
 */
export const queryWords = (query: string): QueryWord[] => {
  const runs = [...new Set(runsOf(query))];
  const spaced = runs.filter((run) => !IS_UNSPACED.test(run)).sort();
  const needed = spaced.filter((word, i) => !spaced[i + 1]?.startsWith(word));
  const parts = runs.filter((run) => IS_UNSPACED.test(run));
  return [
    ...needed.map((word) => ({ beginning: `"${word}"*`, whole: `"${word}"`, word })),
    ...parts.map((part) => {
      const characters = [...part];
      const phrase = characters.length === 1 ? `"${part}"*` : `"${pairsOf(characters).join(" ")}"`;
      return { beginning: phrase, whole: phrase };
    }),
  ];
};

/** An SKU as it is compared: case and composed forms aside. */
export const foldSku = (sku: string): string => foldCase(sku.normalize("NFKC")).replaceAll("ς", "σ");
