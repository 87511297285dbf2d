/** The names of U+00A0 to U+00FF, in order (HTML 4.01, section 24.2.1). */
const LATIN_1 = (
  "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 " +
  "acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml " +
  "Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde " +
  "Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig " +
  "ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide " +
  "oslash ugrave uacute ucirc uuml yacute thorn yuml"
).split(" ");

/** The entities an editor of product texts writes; any other stays as it stands. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...LATIN_1.map((name, index) => [name, String.fromCodePoint(0xa0 + index)] as const),
  ["amp", "&"], ["lt", "<"], ["gt", ">"], ["quot", '"'], ["apos", "'"],
  ["ndash", "–"], ["mdash", "—"], ["lsquo", "‘"], ["rsquo", "’"], ["ldquo", "“"], ["rdquo", "”"],
  ["sbquo", "‚"], ["bdquo", "„"], ["hellip", "…"], ["bull", "•"], ["trade", "™"], ["euro", "€"],
  ["prime", "′"], ["Prime", "″"], ["minus", "−"], ["ne", "≠"], ["le", "≤"], ["ge", "≥"],
  ["ensp", " "], ["emsp", " "], ["thinsp", " "], ["zwnj", ""], ["zwj", ""],
  ["OElig", "Œ"], ["oelig", "œ"], ["Scaron", "Š"], ["scaron", "š"], ["Yuml", "Ÿ"],
]); // biome-ignore format: a table

const HIDDEN = /<!--.*?-->|<(script|style)\b.*?<\/\1\s*>/gis;
/** A quoted attribute value may hold a `>`. No alternative can start where another does: no backtracking. */
const TAG = /<\/?([a-z][a-z0-9]*)\b(?:"[^"<]*"|'[^'<]*'|[^<>"'])*>/gi;
/** Whatever is left that looks like a tag, with quotes that do not match. */
const ODD_TAG = /<\/?([a-z][a-z0-9]*)\b[^<>]*>/gi;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]*));/gi;

/** Tags inside of a word: they go without a trace, where others part two words. */
const INLINE = new Set(
  "a abbr b big bdi bdo cite code em font i mark s small span strong sub sup u".split(" "),
);

/**
 * The text a reader of an HTML fragment sees, on one line: tags, comments, scripts and styles left out,
 * entities decoded.
 */
export const textOfHtml = (html: string): string =>
  html
    .replace(HIDDEN, " ")
    .replace(TAG, spaceFor)
    .replace(ODD_TAG, spaceFor)
    .replace(ENTITY, decodeEntity)
    .replace(/\s+/g, " ")
    .trim();

const spaceFor = (_tag: string, name: string): string => (INLINE.has(name.toLowerCase()) ? "" : " ");

const decodeEntity = (entity: string, decimal?: string, hexadecimal?: string, name = ""): string => {
  const code = decimal ? Number(decimal) : hexadecimal ? Number.parseInt(hexadecimal, 16) : undefined;
  if (code === undefined) return ENTITIES.get(name) ?? entity;
  const isCharacter = code > 0 && code <= 0x10_ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : entity;
};
