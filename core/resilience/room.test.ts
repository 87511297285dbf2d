import { expect, test } from "vitest";
import { openRoom, RoomFullError } from "./room.ts";

/** Work that ends when it is told to. */
const held = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("lets as many in as there are places, and the others in order", async () => {
  const room = openRoom({ places: 2, waiting: 10 });
  const begun: number[] = [];
  const works = Array.from({ length: 5 }, held);
  const calls = works.map(({ work }, index) =>
    room.execute(() => {
      begun.push(index);
      return work();
    }),
  );
  await turn();
  expect([begun, room.waiting()]).toEqual([[0, 1], 3]);
  for (const { end } of works) {
    end();
    await turn();
  }
  await Promise.all(calls);
  expect([begun, room.waiting()]).toEqual([[0, 1, 2, 3, 4], 0]);
});

test("refuses whoever finds the queue full", async () => {
  const room = openRoom({ places: 1, waiting: 1 });
  const first = held();
  const calls = [room.execute(first.work), room.execute(async () => "second")];
  await expect(room.execute(async () => "third")).rejects.toBeInstanceOf(RoomFullError);
  first.end();
  expect(await Promise.all(calls)).toEqual([undefined, "second"]);
});

test("a place is free again after work that failed", async () => {
  const room = openRoom({ places: 1, waiting: 0 });
  await expect(room.execute(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await room.execute(async () => "yes")).toBe("yes");
});

test("a caller that gives up leaves the queue at once, and takes nobody's place", async () => {
  const room = openRoom({ places: 1, waiting: 1 });
  const first = held();
  const caller = new AbortController();
  const running = room.execute(first.work, caller.signal);
  const waiting = room.execute(async () => "waiting", caller.signal);
  caller.abort();
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  await expect(room.execute(async () => "late", caller.signal)).rejects.toMatchObject({ name: "AbortError" });
  expect(room.waiting()).toBe(0);
  const next = room.execute(async () => "next");
  first.end();
  expect(await Promise.all([running, next])).toEqual([undefined, "next"]);
});
