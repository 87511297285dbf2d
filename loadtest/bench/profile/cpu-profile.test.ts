import { expect, test } from "vitest";
import { type CpuProfile, cutProfile, framesOf, heaviest, readProfile } from "./cpu-profile.ts";
import { flameGraph } from "./flame-graph.ts";

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 11 },
  children,
});

/** A start-up sample, then eight of the load: one a millisecond. */
const PROFILE: CpuProfile = {
  nodes: [
    node(1, "(root)", "", [2, 5]),
    node(2, "handler", "file:///shop/functions/cart/get.ts", [3, 4]),
    node(3, "parse", "file:///shop/node_modules/zod/v4/core.js"),
    node(4, "<write>", ""),
    node(5, "seed", "file:///shop/functions/local/seed.ts"),
  ],
  startTime: 1_000_000,
  endTime: 1_009_000,
  samples: [5, 2, 3, 3, 4, 4, 4, 4, 2],
  timeDeltas: Array(9).fill(1_000),
};

test("a cut profile holds the samples between two moments only", () => {
  const { samples, timeDeltas } = cutProfile(PROFILE, 1_002, 1_009);
  expect(samples).toEqual(PROFILE.samples.slice(1));
  expect(timeDeltas).toHaveLength(8);
});

test("frames count samples in themselves and in what they call, without what was never sampled", () => {
  const root = framesOf(cutProfile(PROFILE, 1_002, 1_009));
  expect(root).toMatchObject({ name: "(root)", total: 8, self: 0 });
  expect(root.calls).toMatchObject([
    { name: "handler", place: "functions/cart/get.ts:12", total: 8, self: 2 },
  ]);
  expect(heaviest(root, 2)).toEqual([
    { name: "<write>", place: "", share: 0.5 },
    { name: "handler", place: "functions/cart/get.ts:12", share: 0.25 },
  ]);
});

test("a flame graph draws every frame as wide as its share, names escaped", () => {
  const page = flameGraph("cart", framesOf(PROFILE));
  expect(page).toContain('class="library" data-x="');
  expect(page.match(/<button /g)).toHaveLength(5);
  expect(page).toContain("&lt;write&gt;");
  expect(page).not.toContain("<write>");
});

test("rejects a file that is no profile", () => {
  expect(() => readProfile('{"nodes": []}')).toThrow();
});
