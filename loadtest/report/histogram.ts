/**
 * Latencies counted in buckets that grow by 5 % each: bucket i holds those from 0.1 ms × 1.05^i to below
 * 0.1 ms × 1.05^(i + 1), and bucket 0 also the shorter ones. Counts by bucket, as in a generator's timeline.
 */
export type Histogram = Readonly<Record<string, number>>;

const SHORTEST_MS = 0.1;
const GROWTH = 1.05;

/** The bucket of a latency in milliseconds. */
export const bucketOf = (ms: number): number => {
  const bucket = Math.max(0, Math.floor(Math.log(ms / SHORTEST_MS) / Math.log(GROWTH)));
  // The logarithm may fall on the wrong side of a bucket's edge by its last bit.
  if (ms >= bucketStart(bucket + 1)) return bucket + 1;
  return bucket > 0 && ms < bucketStart(bucket) ? bucket - 1 : bucket;
};

/** The least latency in milliseconds that belongs to the bucket. */
export const bucketStart = (bucket: number): number => SHORTEST_MS * GROWTH ** bucket;

/** One histogram of all that was counted in several. */
export const mergeHistograms = (histograms: Iterable<Histogram>): Histogram => {
  const merged: Record<string, number> = {};
  for (const histogram of histograms) {
    for (const [bucket, count] of Object.entries(histogram)) merged[bucket] = (merged[bucket] ?? 0) + count;
  }
  return merged;
};

/** How many latencies were counted. */
export const histogramCount = (histogram: Histogram): number =>
  Object.values(histogram).reduce((sum, count) => sum + count, 0);

/**
 * The latency in milliseconds below which a share (0 to 1) of those counted lies; null of none. Inside a bucket
 * it grows exponentially with the rank, as in the native histograms of Prometheus; the error is 5 % at the most.
 */
export const histogramPercentile = (histogram: Histogram, share: number): number | null => {
  const rank = share * histogramCount(histogram);
  const buckets = Object.entries(histogram)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.bucket - b.bucket);
  let below = 0;
  for (const { bucket, count } of buckets) {
    if (below + count >= rank) return bucketStart(bucket + (rank - below) / count);
    below += count;
  }
  const last = buckets.at(-1);
  return last ? bucketStart(last.bucket + 1) : null;
};
