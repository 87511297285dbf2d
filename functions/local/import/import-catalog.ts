/** `npm run catalog:import -- FILE`: brings a merchant's own products into the shop. */
import { resolve } from "node:path";
import { openProgress } from "../progress.ts";
import { runImport } from "./import-command.ts";

const stopping = new AbortController();
// Once: a second Ctrl-C means at once, and the next start clears up.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stopping.abort());

process.env.LOG_LEVEL ||= "WARN";
const exitCode = await runImport(process.argv.slice(2), {
  print: (text) => console.log(text),
  complain: (text) => console.error(text),
  progress: openProgress(),
  // npm runs scripts in the package's folder; INIT_CWD is where the person is.
  resolveFile: (file) => resolve(process.env.INIT_CWD ?? process.cwd(), file),
  signal: stopping.signal,
});
// Connections are kept alive, and would keep this process alive as well.
process.exit(exitCode);
