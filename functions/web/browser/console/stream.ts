import { signal } from "@preact/signals";
import type { Moment } from "../../live/history.ts";
import type { Mark } from "../../live/marks.ts";
import { bearer } from "../ui/session.ts";
import { readEvents } from "./events.ts";

export type { Mark, Moment };

/** As long as the server keeps. */
const KEPT = 600;
const RETRY_MS = 500;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The last ten minutes, the latest second last. */
export const moments = signal<readonly Moment[]>([]);
/** `refused`: the shop wants an administrator's token. */
export const connection = signal<"connecting" | "live" | "lost" | "refused">("connecting");

/** Times of a saved run are shown as they were; nothing comes in. */
export const isReplay = document.getElementById("saved-run") !== null;

const take = (news: readonly Moment[]): void => {
  const known = moments.value.at(-1)?.at ?? 0;
  const fresh = news.filter(({ at }) => at > known);
  if (fresh.length > 0) moments.value = [...moments.value, ...fresh].slice(-KEPT);
};

/** Follows the shop for as long as the page is open. */
export const follow = async (): Promise<void> => {
  const saved = document.getElementById("saved-run");
  if (saved) {
    take(JSON.parse(saved.textContent ?? "[]"));
    return;
  }
  for (;;) {
    const isRefused = await readEvents(heard).catch(() => false);
    connection.value = isRefused ? "refused" : "lost";
    await (isRefused ? untilOtherToken() : pause(RETRY_MS));
  }
};

const untilOtherToken = (): Promise<void> =>
  new Promise((resolve) => {
    const refused = bearer.value;
    const stop = bearer.subscribe((now) => {
      if (now === refused) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });

const heard = (data: string): void => {
  connection.value = "live";
  take(JSON.parse(data));
};
/** Marks of the last ten minutes, the latest first. */
export const marksOf = (seconds: readonly Moment[]): Mark[] =>
  seconds.flatMap(({ marks }) => marks).reverse();
