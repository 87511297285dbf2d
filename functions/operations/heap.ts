const MB = 1024 * 1024;
const SAMPLE_INTERVAL_MS = 1_000;

let collections = 0;
let allocated = 0;
let lastHeap = process.memoryUsage().heapUsed;

/** Runs whenever a garbage collection takes its token: the one notice of collections every runtime gives. */
const noticeCollections = new FinalizationRegistry<undefined>(() => {
  collections += 1;
  watchNextCollection();
});
const watchNextCollection = (): void => noticeCollections.register({}, undefined);
watchNextCollection();

const sampleHeap = (): number => {
  const { heapUsed } = process.memoryUsage();
  allocated += Math.max(0, heapUsed - lastHeap);
  lastHeap = heapUsed;
  return heapUsed;
};
setInterval(sampleHeap, SAMPLE_INTERVAL_MS).unref();

const inMegabytes = (bytes: number): number => Math.round((bytes / MB) * 100) / 100;

/** The process's memory as the older service's clients know it. */
export const readHeap = () => ({
  alloc_mb: inMegabytes(sampleHeap()),
  total_alloc_mb: inMegabytes(allocated),
  sys_mb: inMegabytes(process.memoryUsage.rss()),
  num_gc: collections,
});
