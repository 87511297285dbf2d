import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { NO_OBJECTIVES, type Priority } from "./priorities.ts";
import { NO_WALLS, NotAdmittedError, openRoom } from "./room.ts";

const NEVER_SLOW = { places: 2, slowAfter: 60_000, most: 100 };
const OBJECTIVES = { ...NO_OBJECTIVES, read: 50 };

/** Calls into a room that end when the test says so. */
const calls = (room: ReturnType<typeof openRoom>) => {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    start: (name: string, priority: Priority = "read", signal?: AbortSignal): Promise<string> =>
      room.execute(
        async () => {
          begun.push(name);
          await new Promise<void>((end) => ends.set(name, end));
          return name;
        },
        { priority, since: performance.now(), signal },
      ),
    end: async (name: string): Promise<void> => {
      ends.get(name)?.();
      await sleep(0);
    },
  };
};

test("bounds the calls under way, and gives places to the most important first", async () => {
  const room = openRoom(NEVER_SLOW, NO_OBJECTIVES);
  const { begun, start, end } = calls(room);
  const all = [start("a"), start("b"), start("search", "search"), start("read"), start("pay", "checkout")];
  expect(begun).toEqual(["a", "b"]);
  expect(room.waiting()).toBe(3);
  for (const name of ["a", "b", "pay", "read", "search"]) await end(name);
  expect(begun).toEqual(["a", "b", "pay", "read", "search"]);
  expect(await Promise.all(all)).toHaveLength(5);
  expect(room.waiting()).toBe(0);
});

test("a call that gets slow gives its place on, up to a bound", async () => {
  const room = openRoom({ places: 2, slowAfter: 5, most: 4 }, NO_OBJECTIVES);
  const { begun, start, end } = calls(room);
  const all = ["a", "b", "c", "d", "e"].map((name) => start(name));
  await vi.waitFor(() => expect(begun).toEqual(["a", "b", "c", "d"]), 30_000);
  await sleep(30);
  expect(begun).toHaveLength(4);
  await end("a");
  expect(begun).toHaveLength(5);
  for (const name of ["b", "c", "d", "e"]) await end(name);
  await Promise.all(all);
});

test("waiting calls are shed once they are too late, those without an objective are not", async () => {
  const room = openRoom({ places: 1, slowAfter: 5, most: 1 }, OBJECTIVES);
  const { start, end } = calls(room);
  const first = start("hangs");
  const kept = start("kept", "checkout");
  await expect(start("late")).rejects.toBeInstanceOf(NotAdmittedError);
  await end("hangs");
  await end("kept");
  expect(await Promise.all([first, kept])).toEqual(["hangs", "kept"]);
});

test("a caller that gives up leaves the queue at once, and its work is not done", async () => {
  const room = openRoom({ ...NEVER_SLOW, places: 1 }, NO_OBJECTIVES);
  const { begun, start, end } = calls(room);
  const controller = new AbortController();
  const first = start("a");
  const given = start("given up", "read", controller.signal);
  const last = start("b");
  controller.abort();
  await expect(given).rejects.toMatchObject({ name: "AbortError" });
  expect(room.waiting()).toBe(1);
  await expect(start("too late", "read", controller.signal)).rejects.toMatchObject({ name: "AbortError" });
  await end("a");
  await end("b");
  await Promise.all([first, last]);
  expect(begun).toEqual(["a", "b"]);
});

test("a call that fails gives its place back", async () => {
  const room = openRoom({ ...NEVER_SLOW, places: 1 }, NO_OBJECTIVES);
  const entrant = { priority: "read", since: 0, signal: undefined } as const;
  const failing = () => room.execute(() => Promise.reject(new Error("broken")), entrant);
  for (let i = 0; i < 3; i++) await expect(failing()).rejects.toThrow("broken");
  expect(await room.execute(async () => "ok", entrant)).toBe("ok");
});

test("without walls nothing waits", async () => {
  const room = openRoom(NO_WALLS, NO_OBJECTIVES);
  const { begun, start, end } = calls(room);
  const names = Array.from({ length: 500 }, (_, i) => `${i}`);
  const all = names.map((name) => start(name));
  expect(begun).toHaveLength(500);
  for (const name of names) await end(name);
  await Promise.all(all);
});
