/** Part of `npm run lint`: holds comments, messages, test names and pages to the rules of prose-rules.ts. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { brokenRules } from "./prose-rules.ts";
import { sentencesOf, textsOf } from "./texts.ts";

const PROSE = /\.(?:tsx?|mjs|md|py|yml)$|^Dockerfile$/;
/** The rules name what they forbid. */
const EXEMPT = /^\.ci\/prose\/|\/prose-rules\.test\.ts$|\/client\/openapi\.ts$/;

const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => PROSE.test(file) && !EXEMPT.test(file));

let found = 0;
for (const file of files) {
  const source = readFileSync(file, "utf8");
  for (const { at, text } of textsOf(file, source).flatMap(sentencesOf)) {
    for (const { match, instead } of brokenRules(text)) {
      found += 1;
      const line = source.slice(0, at).split("\n").length;
      console.error(`${file}:${line}: "${match}": ${instead}\n    ${text.replace(/\s+/g, " ")}`);
    }
  }
}
if (found > 0) {
  console.error(`${found} found.`);
  process.exitCode = 1;
}
