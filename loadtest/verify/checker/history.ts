import { z } from "zod";

const user = z.string().min(1);
const product = z.int().min(1);
const quantity = z.int().min(0);
const quantities = z.record(z.string(), quantity);

/** Actions of a client. `f` names the operation, as in Jepsen's histories. */
const actionSchema = z.discriminatedUnion("f", [
  z.object({
    f: z.literal("set-stock"),
    product,
    available: quantity,
    /** Over how many counters it is split. */
    shards: z.int().min(1).optional(),
  }),
  z.object({ f: z.literal("add"), user, product, quantity }),
  z.object({ f: z.literal("put"), user, product, quantity }),
  z.object({ f: z.literal("remove"), user, product }),
  z.object({ f: z.literal("read-cart"), user }),
  z.object({ f: z.literal("checkout"), user, payment_method: z.string(), key: z.string().optional() }),
]);

const cartSeenSchema = z.object({ version: z.int().min(0), quantities });
const orderSeenSchema = z.object({
  order_id: z.string(),
  status: z.string(),
  /** In cents. Left out where the answer does not carry the order itself. */
  total_cents: z.int().optional(),
  quantities: quantities.optional(),
});

/** Times are epoch milliseconds of the client's clock. */
const eventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("invoke"), call: z.int(), time: z.number(), action: actionSchema }),
  z.object({
    /** `fail`: certainly nothing was done. `info`: whether it was done is unknown. */
    type: z.enum(["ok", "fail", "info"]),
    call: z.int(),
    time: z.number(),
    status: z.int().optional(),
    error: z.string().optional(),
    cart: cartSeenSchema.optional(),
    order: orderSeenSchema.optional(),
  }),
]);

export type Action = z.infer<typeof actionSchema>;
export type CartAction = Extract<Action, { f: "add" | "put" | "remove" }>;
export type CheckoutAction = Extract<Action, { f: "checkout" }>;
export type CartSeen = z.infer<typeof cartSeenSchema>;
export type OrderSeen = z.infer<typeof orderSeenSchema>;
export type HistoryEvent = z.infer<typeof eventSchema>;
export type Completion = Exclude<HistoryEvent, { type: "invoke" }>;
export type Outcome = Completion["type"];

/** An invocation with its completion. */
export interface Operation<A extends Action = Action> {
  readonly call: number;
  readonly action: A;
  readonly outcome: Outcome;
  readonly invokedAt: number;
  /** Infinity for `info`: the operation may still take effect at any later time. */
  readonly completedAt: number;
  readonly error?: string | undefined;
  readonly cart?: CartSeen | undefined;
  readonly order?: OrderSeen | undefined;
}

/** Pairs invocations with their completions. One that never completed, as when the client died, is `info`. */
export const operationsOf = (events: readonly HistoryEvent[]): Operation[] => {
  const completions = new Map<number, Completion>();
  for (const event of events) if (event.type !== "invoke") completions.set(event.call, event);
  return events.flatMap((event) => {
    if (event.type !== "invoke") return [];
    const { type: outcome, time, error, cart, order } = completions.get(event.call) ?? NEVER;
    const completedAt = outcome === "info" ? Infinity : time;
    return [
      {
        call: event.call,
        action: event.action,
        outcome,
        invokedAt: event.time,
        completedAt,
        error,
        cart,
        order,
      },
    ];
  });
};

const NEVER: Omit<Completion, "call"> = { type: "info", time: Infinity };

/**
 * Reads a history: one JSON object a line. A last line that was cut off is left out, for the client that
 * wrote it was killed.
 *
 * @throws Error naming the line that is not an event
 */
export const parseHistory = (text: string): HistoryEvent[] => {
  const lines = text.split("\n");
  const isCutOff = lines.at(-1) !== "";
  return lines.flatMap((line, index) => {
    if (line === "" || (isCutOff && index === lines.length - 1)) return [];
    try {
      return [eventSchema.parse(JSON.parse(line))];
    } catch (cause) {
      throw new Error(`Line ${index + 1} is not an event of a history: ${line.slice(0, 200)}`, { cause });
    }
  });
};

/** An operation in words. */
export const describeAction = (action: Action): string => {
  switch (action.f) {
    case "set-stock":
      return `set stock of product ${action.product} to ${action.available}`;
    case "add":
    case "put":
      return `${action.f} ${action.quantity} of product ${action.product}`;
    case "remove":
      return `remove product ${action.product}`;
    case "checkout":
      return action.key === undefined ? "checkout" : `checkout with key ${action.key}`;
    default:
      return action.f;
  }
};

/** Operations of one kind. */
export const byKind = <F extends Action["f"]>(operations: readonly Operation[], ...kinds: F[]) =>
  operations.filter((operation): operation is Operation<Extract<Action, { f: F }>> =>
    (kinds as string[]).includes(operation.action.f),
  );
