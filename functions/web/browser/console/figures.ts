import type { Moment } from "./stream.ts";

export type Figure = (moment: Moment) => number | null;

/** Remembers a value of each second: charts go over ten minutes of them at every new one. */
const remembered = <T>(of: (moment: Moment) => T): ((moment: Moment) => T) => {
  const known = new WeakMap<Moment, { readonly value: T }>();
  return (moment) => {
    const found = known.get(moment) ?? { value: of(moment) };
    known.set(moment, found);
    return found.value;
  };
};

/** A sum metric a second: over all values of its dimension, or those that the filter takes. */
export const perSecond = (name: string, takes: (value: string) => boolean = () => true): Figure =>
  remembered(({ sums, seconds }) => {
    let all = 0;
    for (const key in sums) {
      const end = key.indexOf("|");
      const isIt = end === -1 ? key === name : end === name.length && key.startsWith(name);
      if (isIt && takes(end === -1 ? "" : key.slice(end + 1))) all += sums[key] ?? 0;
    }
    return all / seconds;
  });

/** @param key of the metric, with its dimension where that is one of several */
export const quantile =
  (key: string, which: 0 | 1 | 2): Figure =>
  ({ quantiles }) =>
    quantiles[key]?.[which] ?? null;

export const plus =
  (...figures: readonly Figure[]): Figure =>
  (moment) =>
    figures.reduce((sum, figure) => sum + (figure(moment) ?? 0), 0);

export const requests = perSecond("Requests");
export const serverErrors = perSecond("ServerErrors");
export const shed = perSecond("RequestsShed");
export const memoryHits = perSecond("CacheHits", (tier) => tier === "memory");
export const secondTierHits = perSecond("CacheHits", (tier) => tier !== "memory");
export const loads = perSecond("CacheLoads");
export const collapsed = perSecond("CacheCollapsed");
export const stale = perSecond("CacheStaleServed");

/** Share of the product reads that a cache answered. */
export const hitRatio: Figure = (moment) => {
  const hits = (memoryHits(moment) ?? 0) + (secondTierHits(moment) ?? 0);
  const all = hits + (loads(moment) ?? 0) + (collapsed(moment) ?? 0);
  return all > 0 ? hits / all : null;
};

/** The mean over the last seconds, so that a figure can be read. */
export const recent = (seconds: readonly Moment[], figure: Figure, span = 3): number | null => {
  const values = seconds.slice(-span).flatMap((moment) => figure(moment) ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
};

const REQUESTS = "Requests|";
const requestsByRoute = remembered(({ sums }) =>
  Object.entries(sums).flatMap(([key, sum]) =>
    key.startsWith(REQUESTS) ? [[key.slice(REQUESTS.length), sum] as const] : [],
  ),
);

/** The routes that were asked for most lately. */
export const busiestRoutes = (seconds: readonly Moment[], count: number): string[] => {
  const totals = new Map<string, number>();
  for (const moment of seconds.slice(-120)) {
    for (const [route, sum] of requestsByRoute(moment)) totals.set(route, (totals.get(route) ?? 0) + sum);
  }
  return [...totals]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([route]) => route);
};
