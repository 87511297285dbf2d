import { DeleteCommand, ScanCommand, type ScanCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Shop } from "../shop.ts";
import { readOverdue } from "./backlog.ts";
import { closeDeadLetter, type DeadLetter } from "./dead-letters.ts";
import { fulfilOrder, UnfulfillableOrder } from "./fulfilment.ts";
import { orderIdSchema, readOrder } from "./order.ts";

/** Orders worked on at a time. */
const PARALLEL = 8;

export interface RedriveOptions {
  /** Says what would be done, and changes nothing. */
  readonly isDryRun: boolean;
  /** Reads the whole orders table as well: earlier versions took confirmed orders out of the index. */
  readonly scansOrders: boolean;
  readonly onOrder?: (done: number, of: number) => void;
}

interface Refused {
  readonly orderId: string;
  readonly reason: string;
}

export interface RedriveReport {
  /** Orders looked at. */
  readonly orders: number;
  readonly fulfilled: number;
  readonly alreadyFulfilled: number;
  /** No retry fulfils these; a person has to look. */
  readonly unfulfillable: readonly Refused[];
  /** These may work another time. */
  readonly failed: readonly Refused[];
  readonly deadLetters: number;
  readonly closedDeadLetters: number;
}

type Outcome =
  | { readonly kind: "fulfilled" | "alreadyFulfilled" }
  | { readonly kind: "unfulfillable" | "failed"; readonly reason: string };

/**
 * Fulfils what waits for it: paid orders that are overdue, and those of dead letters. A dead letter is closed
 * once its order is fulfilled. Running it beside the shop, or twice, does no harm.
 */
export const redrive = async (shop: Shop, options: RedriveOptions): Promise<RedriveReport> => {
  const { isDryRun, scansOrders, onOrder } = options;
  const letters = (await scan(shop, { TableName: shop.tables.deadLetters })) as unknown as DeadLetter[];
  const orderIds = new Set([
    ...(await readOverdue(shop)),
    ...letters.flatMap((letter) => orderIdOf(letter) ?? []),
    ...(scansOrders ? await confirmedOrders(shop) : []),
  ]);
  const outcomes = new Map<string, Outcome>();
  const waiting = [...orderIds];
  for (let start = 0; start < waiting.length; start += PARALLEL) {
    const batch = waiting.slice(start, start + PARALLEL).map(async (orderId) => {
      outcomes.set(orderId, await redriveOrder(shop, orderId, isDryRun));
      onOrder?.(outcomes.size, waiting.length);
    });
    await Promise.all(batch);
  }
  const done = letters.filter((letter) => isFulfilled(outcomes.get(orderIdOf(letter) ?? "")));
  if (!isDryRun) {
    for (const { record_id } of done)
      await shop.db.send(new DeleteCommand(closeDeadLetter(shop, record_id).Delete));
  }
  const count = (kind: Outcome["kind"]): number =>
    [...outcomes.values()].filter((o) => o.kind === kind).length;
  return {
    orders: waiting.length,
    fulfilled: count("fulfilled"),
    alreadyFulfilled: count("alreadyFulfilled"),
    unfulfillable: refusedAs("unfulfillable", outcomes),
    failed: refusedAs("failed", outcomes),
    deadLetters: letters.length,
    closedDeadLetters: done.length,
  };
};

const isFulfilled = (outcome: Outcome | undefined): boolean =>
  outcome?.kind === "fulfilled" || outcome?.kind === "alreadyFulfilled";

const refusedAs = (kind: "unfulfillable" | "failed", outcomes: ReadonlyMap<string, Outcome>): Refused[] =>
  [...outcomes].flatMap(([orderId, outcome]) =>
    "reason" in outcome && outcome.kind === kind ? [{ orderId, reason: outcome.reason }] : [],
  );

/** Never rejects: one order must not keep the others waiting. */
const redriveOrder = async (shop: Shop, orderId: string, isDryRun: boolean): Promise<Outcome> => {
  try {
    const isNow = isDryRun ? await wouldBeFulfilled(shop, orderId) : await fulfilOrder(shop, orderId);
    return { kind: isNow ? "fulfilled" : "alreadyFulfilled" };
  } catch (error) {
    const { message: reason } = error as Error;
    return { kind: error instanceof UnfulfillableOrder ? "unfulfillable" : "failed", reason };
  }
};

/** As far as the order's status tells. */
const wouldBeFulfilled = async (shop: Shop, orderId: string): Promise<boolean> => {
  const { status } = await readOrder(shop, orderId);
  if (status === "confirmed" || status === "fulfilled") return status === "confirmed";
  throw new UnfulfillableOrder(orderId, `its status is ${status}`);
};

/** Letters of earlier versions carry the order in their stream record only. */
const orderIdOf = ({ record_id, record }: DeadLetter): string | undefined =>
  [record_id, idInRecord(record)].find((id) => orderIdSchema.safeParse(id).success);

const idInRecord = (record: string | undefined): string | undefined => {
  try {
    return JSON.parse(record ?? "").dynamodb.Keys.order_id.S;
  } catch {
    return undefined;
  }
};

const confirmedOrders = async (shop: Shop): Promise<string[]> => {
  const items = await scan(shop, {
    TableName: shop.tables.orders,
    ProjectionExpression: "order_id",
    FilterExpression: "#status = :confirmed",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: { ":confirmed": "confirmed" },
  });
  return items.map(({ order_id }) => order_id as string);
};

const scan = async (shop: Shop, input: ScanCommandInput): Promise<Record<string, unknown>[]> => {
  const items: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await shop.db.send(
      new ScanCommand({ ...input, ...(start && { ExclusiveStartKey: start }) }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
};
