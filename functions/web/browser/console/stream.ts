import { signal } from "@preact/signals";
import type { Moment } from "../../live/history.ts";
import type { Mark } from "../../live/marks.ts";

export type { Mark, Moment };

/** As long as the server keeps. */
const KEPT = 600;

/** The last ten minutes, the latest second last. */
export const moments = signal<readonly Moment[]>([]);
export const connection = signal<"connecting" | "live" | "lost">("connecting");

/** Times of a saved run are shown as they were; nothing comes in. */
export const isReplay = document.getElementById("saved-run") !== null;

const take = (news: readonly Moment[]): void => {
  const known = moments.value.at(-1)?.at ?? 0;
  const fresh = news.filter(({ at }) => at > known);
  if (fresh.length > 0) moments.value = [...moments.value, ...fresh].slice(-KEPT);
};

/** Follows the shop. The browser resumes by itself, with the last second that it has. */
export const follow = (): void => {
  const saved = document.getElementById("saved-run");
  if (saved) {
    take(JSON.parse(saved.textContent ?? "[]"));
    return;
  }
  const source = new EventSource("/console/events");
  source.onmessage = ({ data }) => {
    connection.value = "live";
    take(JSON.parse(data));
  };
  source.onerror = () => {
    connection.value = "lost";
    // A refused answer, as from a shop that is starting, ends the browser's own attempts.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 1_000);
  };
};

/** Marks of the last ten minutes, the latest first. */
export const marksOf = (seconds: readonly Moment[]): Mark[] =>
  seconds.flatMap(({ marks }) => marks).reverse();
