import type { Shop } from "../../core/shop.ts";
import type { Units } from "../web/live/history.ts";
import type { Controls } from "../web/live/perform.ts";
import { type RunningLoad, startLoad } from "./live-load.ts";
import type { Programs } from "./programs.ts";
import type { SecondProcess } from "./second-process.ts";

/** Products that a load reads, at the most: those of the generated catalogue, from the first. */
const MOST_PRODUCTS = 2_000;

interface ControlsOptions {
  readonly shop: Shop;
  readonly programs: Programs;
  readonly second: SecondProcess;
  readonly units: () => Units | undefined;
  readonly url: () => string;
}

/** The console's hand on the launcher's programs, and on a load of its own. */
export const openControls = ({ shop, programs, second, units, url }: ControlsOptions): Controls => {
  let load: (RunningLoad & { readonly name: string }) | undefined;
  const { dynamodb, catalogSize } = shop.config;
  return {
    world: () => {
      const now = units();
      return {
        programs: { ...programs.states(), second: second.state() },
        ...(now && { units: now }),
        ...(load && { load: { name: load.name, endsAt: load.endsAt } }),
      };
    },
    act: (program, action) => {
      if (program === "second") return second.act(action);
      if (programs.act(program, action)) return undefined;
      return { error: "NO_SUCH_PROGRAM", message: `The launcher runs no ${program} of its own` };
    },
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
};
