import type { Outcome } from "./runner.ts";

const WIDTH = 100;

/** The result, for a person at the terminal. */
export const printOutcome = ({ result, error }: Outcome): string => {
  const { title, seconds, summary, verdicts, warnings } = result;
  const heading = `${title} (${Math.round(seconds)} s)`;
  return [
    "",
    heading,
    "=".repeat(heading.length),
    ...summary.flatMap(({ question, figure, answer, detail }) => [
      question,
      ...wrapped(figure ? `${figure}  ${answer}` : answer, "  "),
      ...(detail ? wrapped(detail, "    ") : []),
    ]),
    ...verdicts.flatMap(({ name, isOk, detail }) =>
      wrapped(`${isOk ? "OK" : "VIOLATED"}  ${name}: ${detail}`, ""),
    ),
    ...warnings.flatMap((warning) => wrapped(`Note: ${warning}`, "")),
    ...(error instanceof Error && error.stack ? [error.stack] : []),
    "",
  ].join("\n");
};

const wrapped = (text: string, indent: string): string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && indent.length + line.length + 1 + word.length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, indent + line];
};
