/** Places for texts, so that none covers another. */

/**
 * Moves positions (pixels) apart to at least `gap`, keeping their order and moving each as little as that takes;
 * all stay within `low` and `high` as long as they have room there.
 */
export const spreadApart = (wanted: readonly number[], gap: number, low: number, high: number): number[] => {
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed = order.map((i) => wanted[i] ?? 0);
  for (let i = 0; i < placed.length; i++) {
    placed[i] = Math.max(placed[i] ?? 0, i === 0 ? low : (placed[i - 1] ?? 0) + gap);
  }
  for (let i = placed.length - 1; i >= 0; i--) {
    placed[i] = Math.min(placed[i] ?? 0, i === placed.length - 1 ? high : (placed[i + 1] ?? 0) - gap);
  }
  const result = [...wanted];
  order.forEach((original, i) => {
    result[original] = placed[i] ?? 0;
  });
  return result;
};

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** For each span of pixels, from left to right, the first lane (from 0) in which it covers no other. */
export const lanesOf = (spans: readonly Span[]): number[] => {
  const ends: number[] = [];
  const lanes = spans.map(() => 0);
  const order = spans.map((span, i) => ({ span, i })).sort((a, b) => a.span.from - b.span.from);
  for (const { span, i } of order) {
    const free = ends.findIndex((end) => end <= span.from);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = span.to;
    lanes[i] = lane;
  }
  return lanes;
};
