import { join } from "node:path";
import type { Program } from "../../harness/server-process.ts";
import { startProgram } from "./speed-programs.ts";
import { HOT } from "./subjects.ts";

const SERVER = join(import.meta.dirname, "limit-server.ts");

/** Headers that the server adds by itself, or that are new for each answer. */
const OWN_HEADERS = new Set(["date", "content-length", "x-request-id", "connection", "keep-alive"]);

/** Starts bare `Bun.serve` with the hot product's answer, as a running shop gives it from memory. */
export const startLimit = async (shopUrl: string): Promise<Program> => {
  const read = async () => {
    const response = await fetch(shopUrl + HOT);
    return { response, body: await response.text() };
  };
  await read(); // Into memory.
  const { response, body } = await read();
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !OWN_HEADERS.has(name)));
  const answer = JSON.stringify({ status: response.status, headers, body });
  return startProgram("limit", [process.execPath, SERVER, answer]);
};
