import { Tokenizer } from "htmlparser2";
import { cleanText } from "./text.ts";

/** Tags inside of a word: they go without a trace, where others part two words. */
const INLINE = new Set(
  "a abbr b big bdi bdo cite code em font i mark s small span strong sub sup u".split(" "),
);

/** Elements whose content nobody reads. */
const HIDDEN = new Set(["script", "style"]);

const ignore = (): void => undefined;

/**
 * The text a reader of an HTML fragment sees, on one line: tags, comments, scripts and styles left out,
 * character references decoded as the HTML standard has it (`&#146;` is ’, by its table for Windows-1252).
 *
 * The tokenizer alone, without htmlparser2's parser on top: it reads each character once, while the parser
 * keeps a stack of open tags whose handling takes quadratic time when nothing is ever closed.
 */
export const textOfHtml = (html: string): string => {
  let text = "";
  let hiddenBy: string | undefined;
  const space = (name: string): string => (INLINE.has(name) ? "" : " ");
  const nameAt = (start: number, end: number): string => html.slice(start, end).toLowerCase();

  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext: (start, end) => {
        if (hiddenBy === undefined) text += html.slice(start, end);
      },
      ontextentity: (codePoint) => {
        if (hiddenBy === undefined) text += String.fromCodePoint(codePoint);
      },
      onopentagname: (start, end) => {
        const name = nameAt(start, end);
        text += space(name);
        if (HIDDEN.has(name)) hiddenBy = name;
      },
      onselfclosingtag: () => {
        hiddenBy = undefined;
      },
      onclosetag: (start, end) => {
        const name = nameAt(start, end);
        text += space(name);
        if (name === hiddenBy) hiddenBy = undefined;
      },
      oncomment: () => {
        text += " ";
      },
      oncdata: ignore,
      ondeclaration: ignore,
      onprocessinginstruction: ignore,
      onattribdata: ignore,
      onattribentity: ignore,
      onattribend: ignore,
      onattribname: ignore,
      onopentagend: ignore,
      onend: ignore,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return cleanText(text);
};
