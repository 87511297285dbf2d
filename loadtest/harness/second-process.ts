import { readFile } from "node:fs/promises";
import { processesWith } from "../../functions/local/processes.ts";
import { readProcess } from "./process-figures.ts";
import { clientOf } from "./shop-client.ts";

/** On a busy machine, the second process reads a large catalogue for its search for minutes. */
const TIMEOUT_MS = 300_000;
const LOOK_MS = 50;
/** State of a socket that listens, in Linux's table of sockets. */
const LISTENS = "0A";

/**
 * Starts the shop's second process as the console does: on the same port, whose connections the kernel divides.
 *
 * @param dir the shop's, by which its processes are known
 */
export const startSecond = async (
  url: string,
  dir: string,
): Promise<{ readonly pid: number; readonly stop: () => Promise<void> }> => {
  const act = async (action: "start" | "stop"): Promise<void> => {
    const { status, body } = await clientOf(url).post("/console/actions", {
      do: "program",
      program: "second",
      action,
    });
    if (status !== 202) throw new Error(`The second process does not ${action}: ${JSON.stringify(body)}`);
  };
  const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    for (const giveUpAt = Date.now() + TIMEOUT_MS; !(await isSo()); await Bun.sleep(LOOK_MS)) {
      if (Date.now() > giveUpAt) throw new Error(`The second process ${what} for too long`);
    }
  };
  await act("start");
  await until("starts", async () => (await listeners(url)) === 2);
  const [pid] = processesWith((command) => command.includes("second-main.ts") && command.includes(dir));
  if (pid === undefined) throw new Error("The second process is gone");
  return {
    pid,
    stop: async () => {
      await act("stop");
      await until("ends", async () => (await readProcess(pid)) === undefined);
    },
  };
};

/** How many sockets listen on the port of an address. */
const listeners = async (url: string): Promise<number> => {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, "0");
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((table) => readFile(table, "utf8").catch(() => "")),
  );
  return tables
    .flatMap((table) => table.split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => local.endsWith(`:${port}`) && state === LISTENS).length;
};
