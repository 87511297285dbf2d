import type { Shop } from "../../../core/shop.ts";
import { type History, openHistory } from "./history.ts";
import type { Perform } from "./perform.ts";
import { openReader } from "./reading.ts";

/** The console's data, and what does its actions. */
export interface Live {
  readonly history: History;
  readonly perform?: Perform;
}

/** @param inFlight requests that are not answered yet */
export type OpenLive = (shop: Shop, inFlight: () => number) => Live;

/** Of a process that nothing runs beside. */
export const openAlone: OpenLive = (shop, inFlight) => ({
  history: openHistory({ read: openReader(shop, inFlight) }),
});
