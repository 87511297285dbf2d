/** The instructions this reads; any other is refused, so that nothing in the file goes unchecked. */
export type Instruction =
  | {
      readonly name: "FROM";
      /** Where its commands run: on the machine that builds, or as on the one that the image is for. */
      readonly runsOn: "builder" | "target";
      readonly image: string;
      readonly stage: string | undefined;
    }
  | {
      readonly name: "COPY";
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly name: "RUN"; readonly command: string }
  | { readonly name: "WORKDIR" | "USER" | "EXPOSE" | "STOPSIGNAL"; readonly value: string }
  | { readonly name: "ENV"; readonly variables: Readonly<Record<string, string>> }
  | { readonly name: "ENTRYPOINT" | "HEALTHCHECK"; readonly command: readonly string[] };

/** @throws Error at a line that this does not understand, naming it */
export const parseDockerfile = (text: string): Instruction[] =>
  text
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n")
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .map(parseInstruction);

const parseInstruction = (line: string): Instruction => {
  const [, name = "", rest = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
  switch (name) {
    case "FROM": {
      const [, platform, image = "", stage] =
        /^(--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
      if (!image || (platform && platform.trim() !== "--platform=$BUILDPLATFORM")) break;
      return { name, runsOn: platform ? "builder" : "target", image, stage };
    }
    case "COPY": {
      const from = /^--from=(\S+)\s+/.exec(rest);
      const paths = rest.slice(from?.[0].length ?? 0).split(/\s+/);
      if (paths.length < 2 || paths.some((path) => /^--|["[*?]/.test(path))) break;
      return { name, from: from?.[1], sources: paths.slice(0, -1), target: paths.at(-1) ?? "" };
    }
    case "RUN":
      return { name, command: rest };
    case "ENV": {
      const pairs = rest.split(/\s+/).map((pair) => /^(\w+)=([^"'\\$]*)$/.exec(pair));
      if (pairs.includes(null)) break;
      return { name, variables: Object.fromEntries(pairs.map((pair) => [pair?.[1], pair?.[2]])) };
    }
    case "WORKDIR":
    case "USER":
    case "EXPOSE":
    case "STOPSIGNAL":
      return { name, value: rest };
    case "HEALTHCHECK":
      return { name, command: execForm(rest.replace(/^(--\S+\s+)*CMD\s+/, ""), line) };
    case "ENTRYPOINT":
      return { name, command: execForm(rest, line) };
  }
  throw new Error(`Not understood in the Dockerfile: ${line}`);
};

/** A shell in between would be process 1 and would keep the signals to itself. */
const execForm = (text: string, line: string): string[] => {
  if (!text.startsWith("[")) throw new Error(`Not in exec form in the Dockerfile: ${line}`);
  return JSON.parse(text) as string[];
};
