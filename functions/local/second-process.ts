import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Shop } from "../../core/shop.ts";
import type { ProgramAction } from "../web/live/action-schema.ts";
import type { Peer } from "../web/live/history.ts";
import { leadSecond } from "../web/live/lead.ts";
import { linkOver, type ToFirst, type ToSecond } from "../web/live/link.ts";
import type { Live } from "../web/live/open-live.ts";
import type { Refusal } from "../web/live/perform.ts";
import type { ProgramState } from "../web/live/sample.ts";
import { endChild, STOP_TIMEOUT_MS } from "./engine.ts";

const PROGRAM = join(import.meta.dirname, "second-main.ts");
const RESTART_PAUSE_MS = 500;

interface SecondOptions {
  readonly shop: Shop;
  readonly url: () => string;
  /** On its command line, so that the next start finds one that outlived its launcher. */
  readonly databaseFile: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<void>;
  readonly lead: ReturnType<typeof leadSecond>;
  state: ProgramState;
}

export type SecondProcess = ReturnType<typeof openSecond>;

/**
 * The shop's second server process: on the port, the database and the Redis of this one. It is not there until it is
 * started, and is started again when it dies.
 */
export const openSecond = ({ shop, url, databaseFile }: SecondOptions) => {
  let live: Required<Live> | undefined;
  let running: Running | undefined;
  let isWanted = false;

  const launch = (): void => {
    if (!live || running || !isWanted) return;
    const { history } = live;
    const child = spawn(process.execPath, [PROGRAM, ...process.argv.slice(2), databaseFile], {
      env: { ...process.env, PORT: new URL(url()).port || "80", CACHE_MODE: shop.products.cache.mode() },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // Ctrl-C reaches a terminal's whole process group; this one is stopped when the first has drained.
      detached: true,
    });
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    const lead = leadSecond(linkOver<ToSecond, ToFirst>(child), live, () => {
      one.state = "up";
      history.mark({
        kind: "relief",
        title: "second process serves",
        look: "New connections are divided between both; those that are open stay where they are.",
      });
    });
    const one: Running = { child, exited, lead, state: "starting" };
    running = one;
    void exited.then(() => {
      running = undefined;
      if (!isWanted) return;
      if (one.state === "starting") {
        isWanted = false;
        history.mark({
          kind: "alarm",
          title: "second process failed to start",
          look: "The terminal of npm start has the reason.",
        });
        return;
      }
      history.mark({
        kind: "alarm",
        title: "second process gone",
        look: "The first answers alone, and the launcher starts the second again.",
      });
      setTimeout(launch, RESTART_PAUSE_MS).unref();
    });
  };

  const stop = async (): Promise<void> => {
    isWanted = false;
    if (!running) return;
    running.child.kill("SIGCONT"); // Frozen, it would not take the signal to stop.
    const { drainNotice, drainDeadline } = shop.config.http;
    await endChild(running.child, running.exited, drainNotice + drainDeadline + STOP_TIMEOUT_MS);
  };
  // Of a launcher that ends without stopping it first, such as by a second Ctrl-C.
  process.once("exit", () => void stop());

  const refusalOf = (): Refusal | undefined => {
    if (process.platform !== "linux") {
      return {
        error: "PORT_NOT_SHARED",
        message:
          "Only Linux divides a port's connections between processes: start the shop in a Linux container.",
      };
    }
    if (shop.config.redis) return undefined;
    return {
      error: "REDIS_NEEDED",
      message:
        "Without Redis, two processes could not tell each other of writes, faults and cache modes. Install redis-server or set REDIS_URL, then start the shop again.",
    };
  };

  return {
    /** Connects it to the console's data. */
    attach: (to: Required<Live>): void => {
      live = to;
    },
    /** @returns why it cannot be started here, if it cannot */
    act: (action: ProgramAction): Refusal | undefined => {
      if (action === "stop") void stop();
      if (action === "kill") running?.child.kill("SIGKILL");
      if (action === "freeze" && running?.state === "up") {
        running.child.kill("SIGSTOP");
        running.state = "frozen";
      }
      if (action !== "start") return undefined;
      const refusal = refusalOf();
      if (refusal) return refusal;
      isWanted = true;
      if (running?.state === "frozen") {
        running.child.kill("SIGCONT");
        running.state = "up";
      } else launch();
      return undefined;
    },
    /** One that drains is down: it takes no new connections, and can be started again. */
    state: (): ProgramState => (isWanted ? (running?.state ?? "starting") : "down"),
    peer: {
      read: async () => {
        if (!running) return isWanted ? { name: "second", state: "down" } : undefined;
        const { state, lead } = running;
        return { name: "second", state, reading: state === "up" ? await lead.read() : undefined };
      },
      tell: (moment) => running?.lead.tell(moment),
    } satisfies Peer,
    stop,
  };
};
