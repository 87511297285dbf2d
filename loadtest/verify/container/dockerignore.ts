/**
 * Whether the build context lacks a path, by the rules of .dockerignore: the last pattern that matches the
 * path or a folder above it decides, and `!` takes back in.
 *
 * @param path relative to the context, with slashes
 */
export const dockerignore = (text: string): ((path: string) => boolean) => {
  const rules = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => ({ isIgnored: !line.startsWith("!"), glob: new Bun.Glob(line.replace(/^!/, "")) }));
  return (path) => {
    const parts = path.split("/");
    const ancestry = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    return rules.findLast(({ glob }) => ancestry.some((part) => glob.match(part)))?.isIgnored ?? false;
  };
};
