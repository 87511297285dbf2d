import fc from "fast-check";
import { expect, test } from "vitest";
import { foldSku, indexedText, queryWords } from "./search-text.ts";

test.each([
  ["ASCII stays as it is", "Oak lamp-71", "Oak lamp-71"],
  ["decomposed accents", "Ru\u0308be cre\u0300me", "rube creme"],
  ["composed accents", "Rübe crème", "rube creme"],
  ["sharp s", "Straße STRASSE ẞ", "strasse strasse ss"],
  ["Greek sigma, final and not", "ΟΔΟΣ οδός", "οδοσ οδοσ"],
  ["dotted and dotless i", "İzmir Isparta ısparta é", "izmir isparta isparta e"],
  ["letters with a stroke", "Łódź Đà Rødgrød ħ", "lodz da rodgrod h"],
  ["ligatures", "æsir Œuvre ﬁre ǽ", "aesir oeuvre fire ae"],
  ["full width", "ＡＢＣ１２", "abc12"],
  ["Cyrillic", "Ёлка й", "елка и"],
  ["Hebrew points", "שָׁלוֹם", "שלום"],
  ["Arabic points and joiners", "كِتَـاب", "كتاب"],
  ["vowel signs of India stay", "हिन्दी", "हिन्दी"],
  ["Chinese in pairs", "東京都", "東京 京都 都"],
  ["beyond the basic plane", "𠮷野", "𠮷野 野"],
  ["Thai in pairs", "กรุง", "กร รุ ุง ง"],
  ["Japanese beside Latin", "iPhone15ケース", "iphone15 ケー ース ス"],
  ["Korean", "서울시", "서울 울시 시"],
  ["punctuation", "l’été – «fin»", "l ete fin"],
])("%s", (_, text, indexed) => {
  expect(indexedText(text)).toBe(indexed);
});

const beginnings = (query: string): string[] => queryWords(query).map(({ beginning }) => beginning);

test.each([
  ["a word matches as a beginning too", "Lamp", ['"lamp"*']],
  ["each word once, in any spelling", "lamp LAMP Ｌａｍｐ", ['"lamp"*']],
  ["a beginning of another word is implied", "la lamps lamp oak", ['"lamps"*', '"oak"*']],
  ["one character of unspaced text", "東", ['"東"*']],
  ["more of them in their order", "京都渋", ['"京都 都渋"']],
  ["mixed scripts", "Tシャツ", ['"t"*', '"シャ ャツ"']],
  ["nothing to look for", '"*-()', []],
])("query: %s", (_, query, expected) => {
  expect(beginnings(query)).toEqual(expected);
});

test("a whole word has no asterisk", () => {
  expect(queryWords("zorb")).toEqual([{ beginning: '"zorb"*', whole: '"zorb"', word: "zorb" }]);
});

test("every word counts, however many there are", () => {
  const words = Array.from({ length: 100 }, (_, i) => `w${1000 + i}`);
  expect(queryWords(words.join(" "))).toHaveLength(100);
});

test("compositions of the same text are the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      expect(indexedText(text.normalize("NFD"))).toBe(indexedText(text.normalize("NFC")));
      expect(queryWords(text.normalize("NFD"))).toEqual(queryWords(text.normalize("NFC")));
    }),
  );
});

test("SKUs keep their accents and signs", () => {
  expect(foldSku("Grüße-1/b")).toBe(foldSku("GRU\u0308SSE-1/B"));
  expect(foldSku("Grüße")).not.toBe(foldSku("Grusse"));
});
