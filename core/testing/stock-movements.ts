import { type MovementKind, moveStock } from "../stock/counters.ts";
import type { Reservation } from "../stock/stock-line.ts";
import type { TransactItem } from "../storage/transact.ts";
import type { TableNames } from "../tables.ts";

const moving =
  (kind: MovementKind) =>
  (shop: { readonly tables: TableNames }, reservation: Reservation): TransactItem =>
    moveStock(shop, [{ ...reservation, kind }]);

/** Movements of one reservation, for a state that the shop itself would not make. */
export const reserveStock = moving("reserve");
export const releaseStock = moving("release");
export const sellStock = moving("sell");
