/** Text that is HTML already; everything else is escaped when it is put into a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

type Part = Markup | string | number | false | null | undefined | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? "");

const rendered = (part: Part): string => {
  if (part instanceof Markup) return part.text;
  if (part === false || part === null || part === undefined) return "";
  return typeof part === "object" ? part.map(rendered).join("") : escaped(String(part));
};

/** A template of HTML that escapes what is put into it, in text and in quoted attributes. */
export const html = (literals: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(String.raw({ raw: literals }, ...parts.map(rendered)));
