import { backgroundRow, doorRow, type Names, redisRow, tablesRow } from "./aws-rows.ts";
import { shopLines } from "./metric-lines.ts";
import { cacheRow, databaseRow, ordersRow, resilienceRow, trafficRow } from "./shop-rows.ts";
import { dashboardBody, type Row } from "./widgets.ts";

/** Customers' view first, then the parts it rests on. */
export const shopRows = (names: Names): Row[] => {
  const lines = shopLines(names.namespace);
  return [trafficRow(lines), doorRow(names), ordersRow(lines), resilienceRow(lines), cacheRow(lines)];
};

/** Where the shop's state lives, and who works on it in the background. */
export const storageRows = (names: Names): Row[] => [
  databaseRow(shopLines(names.namespace)),
  tablesRow(names),
  redisRow(names),
  backgroundRow(names),
];

/** The bodies of the stage's dashboards, by name. */
export const dashboards = (names: Names): Readonly<Record<"Shop" | "Storage", object>> => ({
  Shop: dashboardBody(shopRows(names), names.region),
  Storage: dashboardBody(storageRows(names), names.region),
});
