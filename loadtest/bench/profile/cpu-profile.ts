import { z } from "zod";

/**
 * A profile as `--cpu-prof` writes it and Chromium's DevTools read it. Times in microseconds, the first since
 * the epoch.
 */
const profileSchema = z.looseObject({
  nodes: z.array(
    z.looseObject({
      id: z.int(),
      callFrame: z.looseObject({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.int()).optional(),
    }),
  ),
  startTime: z.number(),
  endTime: z.number(),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});

export type CpuProfile = z.infer<typeof profileSchema>;

/** @throws ZodError when it is no profile */
export const readProfile = (text: string): CpuProfile => profileSchema.parse(JSON.parse(text));

/** Only the samples between two moments, in milliseconds since the epoch. */
export const cutProfile = (profile: CpuProfile, from: number, to: number): CpuProfile => {
  let at = profile.startTime;
  const kept = profile.samples.flatMap((sample, i) => {
    const delta = profile.timeDeltas[i] ?? 0;
    at += delta;
    return at >= from * 1_000 && at <= to * 1_000 ? [{ sample, delta }] : [];
  });
  return {
    ...profile,
    startTime: from * 1_000,
    endTime: to * 1_000,
    samples: kept.map(({ sample }) => sample),
    timeDeltas: kept.map(({ delta }) => delta),
  };
};

/** A function with those that it called, by samples. */
export interface Frame {
  readonly name: string;
  /** `core/cart/cart.ts:12`, a package, or empty for the runtime's own. */
  readonly place: string;
  /** Samples in it and in what it called. */
  readonly total: number;
  /** Samples in itself. */
  readonly self: number;
  readonly calls: readonly Frame[];
}

export const framesOf = ({ nodes, samples }: CpuProfile): Frame => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const hits = new Map<number, number>();
  for (const id of samples) hits.set(id, (hits.get(id) ?? 0) + 1);
  const frameOf = (id: number): Frame => {
    const node = byId.get(id);
    const calls = (node?.children ?? []).map(frameOf).filter(({ total }) => total > 0);
    const self = hits.get(id) ?? 0;
    return {
      name: node?.callFrame.functionName || "(anonymous)",
      place: node ? placeOf(node.callFrame) : "",
      total: calls.reduce((sum, call) => sum + call.total, self),
      self,
      calls: calls.toSorted((one, other) => other.total - one.total),
    };
  };
  return frameOf(nodes[0]?.id ?? 0);
};

const placeOf = ({ url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string => {
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (library) return library;
  const own = /\/((?:core|functions|loadtest)\/.+)$/.exec(url)?.[1];
  return own ? `${own}:${lineNumber + 1}` : "";
};

export interface SelfTime {
  readonly name: string;
  readonly place: string;
  /** Of all samples. */
  readonly share: number;
}

/** The functions that used the most time themselves, wherever they were called. */
export const heaviest = (root: Frame, count: number): SelfTime[] => {
  const selves = new Map<string, { name: string; place: string; self: number }>();
  const visit = ({ name, place, self, calls }: Frame): void => {
    const key = `${name} ${place}`;
    selves.set(key, { name, place, self: self + (selves.get(key)?.self ?? 0) });
    calls.forEach(visit);
  };
  visit(root);
  return [...selves.values()]
    .toSorted((one, other) => other.self - one.self)
    .slice(0, count)
    .map(({ name, place, self }) => ({ name, place, share: self / Math.max(1, root.total) }));
};
