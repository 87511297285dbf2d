import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { openReturnWait, RETURN_WAIT, type Waiting } from "./return-wait.ts";

const endless: Waiting = { priority: "write", until: Number.POSITIVE_INFINITY, signal: undefined };

/** A dependency that is away, silent for some milliseconds. */
const away = (silence = 0) => {
  const state = { isBack: false };
  const wait = openReturnWait({ admits: () => state.isBack, silentFor: () => silence });
  return { state, wait };
};

const isSettled = async (work: Promise<void>): Promise<boolean> => {
  let settled = false;
  void work.then(() => {
    settled = true;
  });
  await turn();
  return settled;
};

test("a write waits for the return, and goes on with it", async () => {
  const { state, wait } = away();
  const write = wait.untilBack(endless);
  expect(await isSettled(write)).toBe(false);
  state.isBack = true;
  await write;
  expect(wait.waiting()).toBe(0);
});

test.each([
  ["a reader", 0, { priority: "read" }],
  ["work that no customer waits for", 0, { priority: undefined }],
  ["a write beyond its patience", 0, { until: 0 }],
  ["a write whose request is over", 0, { signal: AbortSignal.abort() }],
  ["a write after a long silence", RETURN_WAIT.hope, {}],
] as const)("%s does not wait", async (_, silence, call) => {
  const { wait } = away(silence);
  expect(await isSettled(wait.untilBack({ ...endless, ...call }))).toBe(true);
});

test("a request that ends takes its wait along", async () => {
  const { wait } = away();
  const request = new AbortController();
  const write = wait.untilBack({ ...endless, signal: request.signal });
  expect(await isSettled(write)).toBe(false);
  request.abort();
  await write;
  expect(wait.waiting()).toBe(0);
});

test("no more than the limit wait", async () => {
  const { state, wait } = away();
  const waiting = Array.from({ length: RETURN_WAIT.most }, () => wait.untilBack(endless));
  expect(await isSettled(wait.untilBack(endless))).toBe(true);
  expect(wait.waiting()).toBe(RETURN_WAIT.most);
  state.isBack = true;
  await Promise.all(waiting);
  expect(wait.waiting()).toBe(0);
});
