import { signal } from "@preact/signals";
import type { Series } from "./chart.tsx";
import { busiestRoutes, perSecond, quantile, requests } from "./figures.ts";
import { moments } from "./stream.ts";

const ROUTES_SHOWN = 5;

const PERCENTILES = ["p50", "p95", "p99"] as const;
/** Of the latency by route: a place in {@link PERCENTILES}. */
const percentile = signal<0 | 1 | 2>(2);

export const PercentileChoice = () => (
  <select
    aria-label="Percentile"
    value={percentile.value}
    onChange={(event) => {
      percentile.value = Number(event.currentTarget.value) as 0 | 1 | 2;
    }}
  >
    {PERCENTILES.map((name, at) => (
      <option key={name} value={at}>
        {name}
      </option>
    ))}
  </select>
);

let shownRoutes: { key: string; rates: readonly Series[]; latencies: readonly Series[] } = {
  key: "",
  rates: [{ label: "all", figure: requests, colour: 1 }],
  latencies: [{ label: "all", figure: quantile("Latency", 2), colour: 1 }],
};

/** The same arrays while the routes stay the same, so that their charts are not made anew. */
export const byRoute = () => {
  const routes = busiestRoutes(moments.value, ROUTES_SHOWN).sort();
  const which = percentile.value;
  const key = [...routes, which].join();
  if (routes.length > 0 && key !== shownRoutes.key) {
    shownRoutes = {
      key,
      rates: [
        ...routes.map((route, at) => ({
          label: route,
          figure: perSecond("Requests", (other) => other === route),
          colour: at + 1,
        })),
        { label: "others", figure: perSecond("Requests", (route) => !routes.includes(route)), colour: 6 },
      ],
      latencies: routes.map((route, at) => ({
        label: route,
        figure: quantile(`Latency|${route}`, which),
        colour: at + 1,
      })),
    };
  }
  return shownRoutes;
};
