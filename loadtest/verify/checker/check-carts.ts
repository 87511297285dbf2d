import { refuteByCounting } from "./cart-counting.ts";
import {
  explain,
  type FloatingWrite,
  type Quantities,
  type SearchResult,
  type Sighting,
} from "./cart-search.ts";
import type { Finding, Violation } from "./finding.ts";
import { byKind, type CheckoutAction, describeAction, type Operation } from "./history.ts";
import { givenBackOf, type OrderRow, quantitiesOf, type State } from "./state.ts";

const UNPAID = ["payment_failed", "cancelled"];

type Unexplained = Extract<SearchResult, { outcome: "unexplained" }>;

/**
 * Carts are neither lost nor duplicated: what a user added, changed and removed, what orders took and what
 * failed orders gave back lead to each cart that was seen and to the one that is stored. Operations with an
 * unknown outcome may have happened or not, those that were refused have not. Users start with no cart.
 */
export const checkCarts = (operations: readonly Operation[], state: State): Finding => {
  const byUser = Map.groupBy(operations, ({ action }) => ("user" in action ? action.user : ""));
  byUser.delete("");
  const carts = new Map(state.carts.map((cart) => [cart.user_id, cart]));
  const ordersOf = Map.groupBy(state.orders, ({ user_id }) => user_id);
  const keyOf = new Map(state.claims.map(({ order_id, idempotency_key }) => [order_id, idempotency_key]));

  const violations: Violation[] = [];
  let undecided = 0;
  for (const [user, own] of byUser) {
    const { version = 0, quantities = {} } = carts.get(user) ?? {};
    const stored: Sighting = { ...ALWAYS, version, quantities, label: "the stored cart" };
    const floating = [
      ...unplaced(own),
      ...(ordersOf.get(user) ?? []).flatMap((order) => orderWrites(order, own, keyOf.get(order.order_id))),
    ];
    const seen = sightingsOf(own);
    violations.push(...staleAmong(user, seen));
    const sightings = [...seen, stored];
    const result = explain(sightings, floating);
    if (result.outcome === "unexplained") violations.push(describe(user, result, floating));
    if (result.outcome === "undecided") {
      const refuted = refuteByCounting(user, sightings, floating);
      if (refuted) violations.push(refuted);
      else undecided += 1;
    }
  }
  return { check: "carts add up", examined: byUser.size, violations, undecided };
};

const ALWAYS = { invokedAt: Infinity, completedAt: Infinity };

/** Every cart that an answer carried, in order of version: at one version the write came before the reads. */
const sightingsOf = (operations: readonly Operation[]): Sighting[] =>
  byKind(operations, "add", "put", "remove", "read-cart")
    .flatMap(({ call, action, outcome, cart, invokedAt, completedAt }): Sighting[] => {
      if (outcome !== "ok" || !cart) return [];
      const label = `${describeAction(action)} (call ${call})`;
      return [{ ...cart, ...(action.f !== "read-cart" && { action }), call, invokedAt, completedAt, label }];
    })
    .sort((a, b) => a.version - b.version || Number(b.action !== undefined) - Number(a.action !== undefined));

/** A reader that asks after a version was shown to somebody must not be shown an earlier one. */
const staleAmong = (user: string, sightings: readonly Sighting[]): Violation[] => {
  const completed = sightings.toSorted((a, b) => a.completedAt - b.completedAt);
  let next = 0;
  let latest: Sighting | undefined;
  return sightings
    .toSorted((a, b) => a.invokedAt - b.invokedAt)
    .flatMap((sighting): Violation[] => {
      for (let c = completed[next]; c && c.completedAt < sighting.invokedAt; c = completed[++next]) {
        if (!latest || c.version > latest.version) latest = c;
      }
      if (!latest || latest.version <= sighting.version) return [];
      const message = `cart of ${user}: ${show(sighting)} was asked for later than ${show(latest)} was shown`;
      return [{ kind: "wrong", message, subject: { cart: user }, calls: callsOf(latest, sighting) }];
    });
};

/** Writes that no version places: of unknown outcome, or acknowledged without the cart. */
const unplaced = (operations: readonly Operation[]): FloatingWrite[] =>
  byKind(operations, "add", "put", "remove").flatMap(
    ({ call, action, outcome, cart, invokedAt, completedAt }): FloatingWrite[] =>
      outcome === "fail" || (outcome === "ok" && cart)
        ? []
        : [
            {
              write: action,
              isCertain: outcome === "ok",
              notBefore: invokedAt,
              notAfter: completedAt,
              ifMissing: "lost",
              effect: describeAction(action),
              label: `${describeAction(action)} (call ${call}, ${outcome})`,
            },
          ],
  );

/**
 * An order takes the cart as it stands; a failed one gives its lines back, at the latest before its answer.
 */
const orderWrites = (order: OrderRow, operations: readonly Operation[], key?: string): FloatingWrite[] => {
  const { order_id, status } = order;
  const lines = quantitiesOf(order);
  const requests = byKind(operations, "checkout").filter(
    (o) =>
      o.order?.order_id === order_id || (key !== undefined && `${o.action.user}#${o.action.key}` === key),
  );
  const told = (isEnough: (request: Operation<CheckoutAction>) => boolean): number =>
    Math.min(Infinity, ...requests.filter((o) => o.order && isEnough(o)).map((o) => o.completedAt));
  const notBefore = requests.length > 0 ? Math.min(...requests.map((o) => o.invokedAt)) : -Infinity;
  const take: FloatingWrite = {
    write: { f: "take", lines },
    isCertain: true,
    notBefore,
    notAfter: told(() => true),
    ifMissing: "duplicate",
    effect: `take ${order_id}`,
    label: `order ${order_id} (${status}) of ${JSON.stringify(lines)}`,
  };
  if (!UNPAID.includes(status)) return [take];
  const giveBack: FloatingWrite = {
    write: { f: "give-back", lines: givenBackOf(order) },
    isCertain: true,
    undoes: take,
    notBefore,
    notAfter: told((o) => UNPAID.includes(o.order?.status ?? "")),
    ifMissing: "lost",
    effect: `give back ${order_id}`,
    label: `what order ${order_id} gave back`,
  };
  return [take, giveBack];
};

const describe = (user: string, result: Unexplained, floating: readonly FloatingWrite[]): Violation => {
  const { after, at, reached, missing } = result;
  const best = reached.slice(0, 3).map((quantities) => JSON.stringify(quantities));
  const message = [
    `cart of ${user}: no order of its writes leads from ${show(after)} to ${show(at)}`,
    missing ? `there is no place for ${missing.label}` : `reached at best: ${best.join(", ") || "nothing"}`,
    `writes without a known place: ${floating.map(({ label }) => label).join(", ") || "none"}`,
  ];
  return {
    kind: missing?.ifMissing ?? kindOf(after, at, reached),
    message: message.join("; "),
    subject: { cart: user },
    calls: callsOf(after, at),
  };
};

const callsOf = (...sightings: readonly Sighting[]): number[] => sightings.flatMap(({ call }) => call ?? []);

const show = ({ label, version, quantities }: Sighting): string =>
  `version ${version} ${JSON.stringify(quantities)} after ${label}`;

/** Without a way there at all, the versions tell: more of them than writes means that something was done twice. */
const kindOf = (after: Sighting, at: Sighting, reached: readonly Quantities[]): "lost" | "duplicate" => {
  if (reached.length === 0) {
    return at.version > after.version + 1 || (!at.action && at.version > after.version)
      ? "duplicate"
      : "lost";
  }
  const most = (product: string): number =>
    Math.max(...reached.map((quantities) => quantities[product] ?? 0));
  const isMore = Object.entries(at.quantities).some(([product, quantity]) => quantity > most(product));
  return isMore ? "duplicate" : "lost";
};
