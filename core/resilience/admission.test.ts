import { expect, test } from "vitest";
import { openAdmission } from "./admission.ts";
import { NO_OBJECTIVES, PRIORITIES, type Priority } from "./priorities.ts";

const OBJECTIVES = { ...NO_OBJECTIVES, checkout: 3_000, write: 1_000, read: 500, search: 500 };

/** An event loop whose turns and time the test decides. */
const loop = () => {
  const clock = { now: 0 };
  let next: (() => void)[] = [];
  const admission = openAdmission(
    OBJECTIVES,
    () => clock.now,
    (act) => next.push(act),
  );
  const turn = (): void => {
    const due = next;
    next = [];
    for (const act of due) act();
  };
  return { clock, admission, turn, isIdle: () => next.length === 0 };
};

test("a request waits only when its turn's slice is used up, and for the next turn", () => {
  const { clock, admission, turn, isIdle } = loop();
  expect(admission.isOpen()).toBe(true);
  clock.now += 9;
  expect(admission.isOpen()).toBe(true);
  clock.now += 1;
  expect(admission.isOpen()).toBe(false);
  let begun = 0;
  admission.wait("read", clock.now, () => (begun += 1), expect.unreachable);
  expect(admission.stats().waiting).toBe(1);
  turn();
  expect([begun, admission.stats().waiting]).toEqual([1, 0]);
  turn();
  expect(admission.isOpen()).toBe(true);
  turn();
  expect(isIdle(), "an idle process does not turn").toBe(true);
});

test("an answer that needs no wait passes the waiting requests, but does not hold up the loop", async () => {
  const { clock, admission, turn } = loop();
  admission.isOpen();
  clock.now += 10;
  admission.wait("write", clock.now, () => undefined, expect.unreachable);
  const answer = () => admission.answer(() => "given");
  expect([admission.isOpen(), answer()]).toEqual([false, "given"]);
  clock.now += 40;
  const late = answer();
  expect(late).toBeInstanceOf(Promise);
  turn();
  expect([await late, answer()]).toEqual(["given", "given"]);
});

test("deferred answers all come in the next turn, however many wait", () => {
  const { clock, admission, turn, isIdle } = loop();
  const order: string[] = [];
  const costing = (ms: number, name: string) => () => {
    order.push(name);
    clock.now += ms;
  };
  for (let i = 0; i < 3; i++) admission.wait("checkout", 0, costing(10, "checkout"), expect.unreachable);
  void admission.answer(() => "this turn's first");
  clock.now += 50;
  for (let i = 0; i < 3; i++) void admission.answer(costing(10, "answer"));
  turn();
  expect(order).toEqual(["answer", "answer", "answer", "checkout"]);
  turn();
  turn();
  expect(order.slice(4)).toEqual(["checkout", "checkout"]);
  turn();
  expect(isIdle()).toBe(true);
});

test("shedding leaves a turn its time to begin work", () => {
  const { clock, admission, turn } = loop();
  let begun = 0;
  const shed = () => (clock.now += 20);
  // At ten a second, later ones come than can be worked off.
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 20; i++)
      admission.wait("read", clock.now, () => (begun += 1) && (clock.now += 10), shed);
    clock.now += 90;
    const before = begun;
    turn();
    expect(begun - before).toBe(1);
  }
});

test("while turns are long, each begins less, until they are short again", () => {
  const { clock, admission, turn } = loop();
  let begun = 0;
  const inTurn = (ms: number): number => {
    const before = begun;
    clock.now += ms;
    turn();
    return begun - before;
  };
  for (let i = 0; i < 300; i++)
    admission.wait("operations", 0, () => (begun += 1) && (clock.now += 1), expect.unreachable);
  expect([50, 50, 50, 50, 50, 50].map(inTurn)).toEqual([10, 5, 3, 2, 1, 1]);
  expect([1, 1, 1].map(inTurn)).toEqual([2, 3, 4]);
  for (let i = 0; i < 10; i++) inTurn(50);
  while (admission.stats().waiting > 0) inTurn(50);
  for (let i = 0; i < 10; i++) {
    admission.isOpen();
    inTurn(50);
  }
  admission.isOpen();
  clock.now += 9;
  expect(admission.isOpen(), "an idle time ends it").toBe(true);
});

test("a request that may have been left in its socket for a turn counts as waiting since then", () => {
  const { clock, admission, turn, isIdle } = loop();
  const ended: string[] = [];
  const ask = () =>
    admission.wait(
      "read",
      clock.now,
      () => ended.push("begun"),
      () => ended.push("shed"),
    );
  for (let i = 0; i < 2; i++)
    admission.wait("checkout", clock.now, () => (clock.now += 10), expect.unreachable);
  turn();
  expect(isIdle(), "one is left").toBe(false);
  clock.now += 1_500;
  ask();
  clock.now += 600;
  turn();
  expect(ended).toEqual(["shed"]);
  // The loop has been idle, so what comes is seen at once.
  turn();
  clock.now += 1_500;
  ask();
  clock.now += 600;
  turn();
  expect(ended).toEqual(["shed", "begun"]);
});

test("however many come, one turn begins a slice of them, the most important first", () => {
  const { clock, admission, turn } = loop();
  const begun: Priority[] = [];
  for (const priority of PRIORITIES.toReversed()) {
    for (let i = 0; i < 4; i++) {
      admission.wait(
        priority,
        clock.now,
        () => {
          begun.push(priority);
          clock.now += 3;
        },
        expect.unreachable,
      );
    }
  }
  for (const inTurn of PRIORITIES.map(() => 4)) {
    const before = begun.length;
    turn();
    expect(begun.length - before).toBe(inTurn);
  }
  expect(begun).toEqual(PRIORITIES.flatMap((priority) => Array.from({ length: 4 }, () => priority)));
});

test("a request that waits keeps later ones behind it", () => {
  const { clock, admission, turn } = loop();
  admission.isOpen();
  clock.now += 20;
  const order: string[] = [];
  admission.wait("read", clock.now, () => order.push("first"), expect.unreachable);
  expect(admission.isOpen()).toBe(false);
  admission.wait("read", clock.now, () => order.push("second"), expect.unreachable);
  turn();
  expect(order).toEqual(["first", "second"]);
});

test("under a standing overload what looks around is shed, what pays is not", () => {
  const { clock, admission, turn } = loop();
  const counts = { checkout: 0, search: 0, shed: 0 };
  const costing = (ms: number, name: "checkout" | "search") => () => {
    counts[name] += 1;
    clock.now += ms;
  };
  for (let round = 0; round < 2_000; round++) {
    for (let i = 0; i < 3; i++)
      admission.wait("search", clock.now, costing(5, "search"), () => (counts.shed += 1));
    if (round % 10 === 0) admission.wait("checkout", clock.now, costing(5, "checkout"), expect.unreachable);
    turn();
  }
  expect(counts.checkout).toBe(200);
  expect(counts.shed).toBeGreaterThan(1_000);
  expect(counts.search).toBeGreaterThan(1_000);
});
