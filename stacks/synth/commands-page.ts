import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = join(ROOT, "docs/reference/commands.md");

interface Command {
  readonly says: string;
  /** For the page alone, in Markdown. */
  readonly details?: string;
  readonly example?: string;
}

/** npm has names of its own for these two. */
const callOf = (name: string): string => (/^(start|test)$/.test(name) ? `npm ${name}` : `npm run ${name}`);

const row = ([name, { says, details, example }]: [string, Command]): string => {
  const call = [callOf(name), ...(example ? ["--", example] : [])].join(" ");
  return `| \`${call}\` | ${[says, ...(details ? [details] : [])].join("; ")} |\n`;
};

/** The page of commands, each table anew from `commands.json`: the first one below the heading of its group. */
export const commandsPage = (): string => {
  const groups: Readonly<Record<string, Readonly<Record<string, Command>>>> = JSON.parse(
    readFileSync(join(ROOT, "functions/local/commands.json"), "utf8"),
  );
  let page = readFileSync(PAGE, "utf8");
  for (const [title, group] of Object.entries(groups)) {
    const table = new RegExp(`(\\n## ${title}\\n\\n)(?:\\|.*\\n)*`);
    if (!table.test(page)) throw new Error(`${PAGE} has no heading "${title}"`);
    const rows = Object.entries(group).map(row).join("");
    page = page.replace(
      table,
      (_, heading) => `${heading}| Command | What it does |\n| --- | --- |\n${rows}`,
    );
  }
  return page;
};
