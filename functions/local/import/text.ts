/**
 * The meaning of the bytes 0x80 to 0x9F in Windows-1252: texts decoded as Latin-1 hold them as control
 * characters.
 */
const WINDOWS_1252 = new TextDecoder("windows-1252").decode(
  Uint8Array.from({ length: 32 }, (_, index) => 0x80 + index),
);

/**
 * A text on one line without control characters: quotes and dashes of Windows-1252 that were decoded as
 * Latin-1 are repaired, every other control character and run of whitespace becomes one space.
 */
export const cleanText = (text: string): string =>
  text
    .replace(/[\u0080-\u009f]/g, (sign) => WINDOWS_1252[sign.charCodeAt(0) - 0x80] ?? "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();

/** The text, cut at a word with an ellipsis where it is longer than `max` UTF-16 code units. */
export const shortenText = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "");
  const lastSpace = cut.lastIndexOf(" ");
  return `${lastSpace > max / 2 ? cut.slice(0, lastSpace) : cut}…`;
};
