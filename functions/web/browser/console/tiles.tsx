import {
  type Figure,
  hitRatio,
  perSecond,
  plus,
  quantile,
  recent,
  requests,
  serverErrors,
  shed,
} from "./figures.ts";
import { dollars, milliseconds, number, percent, shown } from "./format.ts";
import { moments } from "./stream.ts";

const confirmed = perSecond("OrdersConfirmed");
const fulfilled = perSecond("OrdersFulfilled");
const revenue = perSecond("Revenue");
const refused = plus(shed, perSecond("CircuitRejections"));

const sumOver = (figure: Figure): number =>
  moments.value.reduce((sum, moment) => sum + (figure(moment) ?? 0) * moment.seconds, 0);

const Tile = ({
  name,
  value,
  note,
  isBad = false,
}: {
  name: string;
  value: string;
  note: string;
  isBad?: boolean;
}) => (
  <li class={`panel tile ${isBad ? "bad" : ""}`}>
    <span>{name}</span>
    <b>{value}</b>
    <span class="small">{note}</span>
  </li>
);

/** The figures to look at first. */
export const Tiles = () => {
  const seconds = moments.value;
  const of = (figure: Figure): number | null => recent(seconds, figure);
  const errors = of(serverErrors) ?? 0;
  return (
    <ul class="tiles" aria-label="Figures of the last seconds">
      <Tile
        name="Requests"
        value={`${number(of(requests) ?? 0)}/s`}
        note={`${seconds.at(-1)?.inFlight ?? 0} in flight`}
      />
      <Tile
        name="Latency p99"
        value={shown(of(quantile("Latency", 2)), milliseconds)}
        note={`median ${shown(of(quantile("Latency", 0)), milliseconds)}`}
      />
      <Tile
        name="Errors"
        value={`${number(errors)}/s`}
        note={`${number(of(refused) ?? 0)}/s refused`}
        isBad={errors > 0}
      />
      <Tile
        name="Reads from caches"
        value={shown(of(hitRatio), percent)}
        note={`cache: ${seconds.at(-1)?.cacheMode ?? "–"}`}
      />
      <Tile
        name="Orders"
        value={`${number(of(confirmed) ?? 0)}/s`}
        note={`${number(sumOver(fulfilled))} fulfilled on show`}
      />
      <Tile name="Revenue" value={dollars(sumOver(revenue))} note="in the time on show" />
    </ul>
  );
};
