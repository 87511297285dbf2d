import { settleByEvent } from "../../../core/order/settle-by-event.ts";
import type { Shop } from "../../../core/shop.ts";
import { signatureOf } from "./stripe-messages.ts";

/** Takes Stripe's messages into a shop as its endpoint does, without HTTP. */
export const openInbox = (shop: Shop) => {
  const { messages } = shop.payment;
  if (!messages) throw new Error("The shop does not charge by Stripe");
  return {
    messages,
    /** Reads a message and brings its order on. @throws what the endpoint would answer with an error */
    take: async (message: object): Promise<void> => {
      const body = JSON.stringify(message);
      const event = await messages.read(body, signatureOf(body), AbortSignal.timeout(60_000));
      if (!event) throw new Error("The message is about nothing");
      await settleByEvent(shop, messages, event);
    },
    /** By how much a metric of the shop grows in the course of some work. */
    counted: async (name: Parameters<Shop["metrics"]["total"]>[0], work: () => Promise<unknown>) => {
      const before = shop.metrics.total(name);
      await work();
      return shop.metrics.total(name) - before;
    },
  };
};
