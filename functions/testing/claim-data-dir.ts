/** A process that claims the data directory it is given and keeps it: prints "claimed", or why it could not. */
import { claimDataDir } from "../local/data-dir.ts";

const [dir = ""] = process.argv.slice(2);
try {
  await claimDataDir(dir);
  console.log("claimed");
  setInterval(() => undefined, 60_000);
} catch (error) {
  console.log(`${(error as Error).name}: ${(error as Error).message}`);
}
