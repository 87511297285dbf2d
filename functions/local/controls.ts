import type { Shop } from "../../core/shop.ts";
import type { Controls } from "../web/live/actions.ts";
import type { Units } from "../web/live/history.ts";
import { type RunningLoad, startLoad } from "./live-load.ts";
import type { Programs } from "./programs.ts";

/** Products that a load reads, at the most: those of the generated catalogue, from the first. */
const MOST_PRODUCTS = 2_000;

/** The console's hand on the launcher's programs, and on a load of its own. */
export const openControls = (
  shop: Shop,
  programs: Programs,
  units: () => Units | undefined,
  url: () => string,
) => {
  let load: (RunningLoad & { readonly name: string }) | undefined;
  const { dynamodb, catalogSize } = shop.config;
  const controls: Controls = {
    world: () => {
      const now = units();
      return {
        programs: programs.states(),
        ...(now && { units: now }),
        ...(load && { load: { name: load.name, endsAt: load.endsAt } }),
      };
    },
    act: programs.act,
    startLoad: (request, credentials, onVerdict) => {
      if (load) return false;
      const prefix = shop.tables.orders.slice(0, -"orders".length);
      const target = {
        url: url(),
        credentials,
        dynamodb: dynamodb.endpoint ?? "",
        prefix,
        products: Math.max(1, Math.min(catalogSize, MOST_PRODUCTS)),
      };
      const running = startLoad(request, target, (verdict) => {
        load = undefined;
        onVerdict(verdict?.outcome ?? "none", verdict?.text ?? "The load ended before there was a verdict.");
      });
      load = { ...running, name: request.saleStock ? "flash sale" : "load" };
      return true;
    },
    stopLoad: () => {
      if (!load) return;
      load.stop();
      load = { ...load, endsAt: Math.min(load.endsAt, Date.now()) };
    },
  };
  return controls;
};
