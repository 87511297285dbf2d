import { parse } from "@babel/parser";

/** A comment, string or paragraph, with markers and line breaks blanked so that places stay what they are in the file. */
export interface Text {
  readonly at: number;
  readonly text: string;
}

const blank = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (match) => " ".repeat(match.length));

/** The prose of a source file, a script or a page, by the file's name. */
export const textsOf = (file: string, source: string): readonly Text[] => {
  if (/\.m?tsx?$|\.mjs$/.test(file)) return ofTypeScript(source, file.endsWith("x"));
  if (file.endsWith(".md")) return ofMarkdown(source);
  if (file.endsWith(".py")) return [...ofLineComments(source), ...ofPythonStrings(source)];
  return ofLineComments(source);
};

const ofTypeScript = (source: string, hasJsx: boolean): readonly Text[] => {
  const { comments, program } = parse(source, {
    sourceType: "module",
    plugins: hasJsx ? ["typescript", "jsx"] : ["typescript"],
  });
  const texts: Text[] = [];
  for (const { type, start = 0, end = 0 } of comments ?? []) {
    const raw = source.slice(start ?? 0, end ?? 0);
    const before = texts.at(-1);
    const gap = before && source.slice(before.at + before.text.length, start ?? 0);
    const text = blank(raw, /^\/\*\*?|\*\/$|^\/\/|\n\s*\*?(?!\/)/g);
    // Lines that begin with `//` one below the other are one text.
    if (
      type === "CommentLine" &&
      before &&
      gap !== undefined &&
      /^\n[ \t]*$/.test(gap) &&
      isLine(source, before.at)
    ) {
      texts[texts.length - 1] = { at: before.at, text: `${before.text}${" ".repeat(gap.length)}${text}` };
    } else texts.push({ at: start ?? 0, text });
  }
  return [...texts, ...stringsOf(program)];
};

const isLine = (source: string, at: number): boolean => source.startsWith("//", at);

/** String literals, the pieces of templates and the text of pages. */
const stringsOf = (node: unknown): Text[] => {
  if (Array.isArray(node)) return node.flatMap(stringsOf);
  if (typeof node !== "object" || node === null) return [];
  const { type, start, value } = node as { type?: string; start?: number; value?: unknown };
  if (type === "JSXText") return [{ at: start ?? 0, text: String(value).replaceAll("\n", " ") }];
  if (type === "StringLiteral") return [{ at: (start ?? 0) + 1, text: String(value) }];
  if (type === "TemplateElement")
    return [{ at: start ?? 0, text: (value as { raw: string }).raw.replaceAll("\n", " ") }];
  return Object.entries(node).flatMap(([key, child]) =>
    key === "loc" || /comments$/i.test(key) ? [] : stringsOf(child),
  );
};

/** Paragraphs, list items and table cells, without code and the header rows of tables. */
const ofMarkdown = (source: string): readonly Text[] => {
  const prose = blank(source, /^```.*?^```$|^\|[^\n]*\|\n(?=\|[ :|-]+\|$)/gms);
  return split(
    blank(prose, /`[^`\n]*`/g).replace(/(?<=\S)`|`(?=\S)/g, " "),
    /\n\s*\n|\n(?=\s*(?:[-*#>|]|\d+\. ))|\|/g,
    /\n|^[\s#>*-]+/g,
  );
};

const split = (source: string, between: RegExp, markers: RegExp): Text[] => {
  const texts: Text[] = [];
  let from = 0;
  for (const { index, 0: match } of [
    ...source.matchAll(between),
    Object.assign([""], { index: source.length }),
  ]) {
    texts.push({ at: from, text: blank(source.slice(from, index), markers) });
    from = index + (match?.length ?? 0);
  }
  return texts;
};

const ofLineComments = (source: string): readonly Text[] =>
  [...source.matchAll(/(?<=^|\s)#(?!!).*(?:\n[ \t]*#.*)*/g)].map(({ index, 0: text }) => ({
    at: index,
    text: blank(text, /\n?[ \t]*#/g),
  }));

const ofPythonStrings = (source: string): readonly Text[] =>
  [...source.matchAll(/"""([\s\S]*?)"""|"((?:\\.|[^"\\\n])*)"/g)].map(({ index, 0: raw, 1: long }) => ({
    at: index + (long === undefined ? 1 : 3),
    text: blank(raw.slice(long === undefined ? 1 : 3, long === undefined ? -1 : -3), /\n/g),
  }));

/** Splits a text into its sentences. */
export const sentencesOf = ({ at, text }: Text): readonly Text[] => {
  const sentences: Text[] = [];
  for (const match of text.matchAll(/\S.*?(?:[.!?](?=[)"']?\s)|(?=\s@\w+\s)|$)/g)) {
    sentences.push({ at: at + match.index, text: match[0] });
  }
  return sentences;
};
