import { execFileSync } from "node:child_process";

/** The commit that a folder has checked out, with `-dirty` where files differ from it; `unknown` without git. */
export const checkedOut = (folder: string): string => {
  try {
    const args = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
    return execFileSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
};
