import type { Database } from "../storage/database.ts";
import type { TableNames } from "../tables.ts";
import { type CounterItem, type Movement, setCounter } from "./counters.ts";
import type { GroupCommit } from "./group-commit.ts";
import { changedLayout, layOut } from "./layout.ts";
import { readLayouts, readSteadyCounters } from "./read-counters.ts";

/** Pieces that each counter must have on average: of fewer, the last ones would lie scattered. */
const PIECES_A_COUNTER = 10;

/** The parts of the shop that it uses. */
interface Parts {
  readonly db: Database;
  readonly tables: TableNames;
  readonly stock: Pick<GroupCommit, "commit">;
}

/**
 * Moves a product's pieces to another number of counters, in one transaction with its layout: a kill leaves it all as it
 * was or all as it should be. Nothing is done for a layout that is fixed, that others change meanwhile, or that is not
 * worth it.
 *
 * @returns how many counters there are now; undefined when nothing was changed
 * @throws DomainError `PRODUCT_NOT_FOUND`, and those of the storage
 */
export const reshard = async (
  shop: Parts,
  productId: number,
  wanted: (shards: number) => number,
): Promise<number | undefined> => {
  const { layouts, counters } = await readSteadyCounters(shop, await readLayouts(shop, [productId]));
  const layout = layouts.get(productId);
  if (!layout || layout.isFixed) return undefined;
  const shards = wanted(layout.shards);
  const pieces = counters.reduce((sum, { available }) => sum + available, 0);
  const isMore = shards > layout.shards;
  if (shards === layout.shards || (isMore && pieces < shards * PIECES_A_COUNTER)) return undefined;
  const moves = isMore ? apart(layout.shards, counters, shards) : together(counters, shards);
  const isKnown = ({ shard }: Move): boolean => counters.some((counter) => counter.shard === shard);
  const refusals = await shop.stock.commit({
    userId: `stock of product ${productId}`,
    items: [
      layOut(shop, productId, layout, changedLayout(layout, shards)),
      ...moves
        .filter((move) => !isKnown(move))
        .map(({ shard, pieces: available }) => setCounter(shop, { product_id: productId, shard, available })),
    ],
    movements: moves
      .filter((move) => isKnown(move) && move.pieces !== 0)
      .map(
        ({ shard, pieces: moved }): Movement => ({
          product_id: productId,
          shard,
          quantity: Math.abs(moved),
          kind: moved < 0 ? "take" : "put",
        }),
      ),
  });
  return refusals ? undefined : shards;
};

/** Pieces that come to a counter, or leave it when below 0. All of a change add up to 0. */
interface Move {
  readonly shard: number;
  readonly pieces: number;
}

/** Equal parts of what each counter in use has, for those that are new in use. One out of use has no heirs. */
const apart = (before: number, counters: readonly CounterItem[], shards: number): Move[] =>
  counters.flatMap(({ shard, available }) => {
    // They are made even where there is nothing for them: the layout counts them.
    const heirs = Array.from({ length: shards }, (_, heir) => heir).filter(
      (heir) => heir >= before && heir % before === shard,
    );
    const part = Math.floor(available / (heirs.length + 1));
    return [{ shard, pieces: -part * heirs.length }, ...heirs.map((heir) => ({ shard: heir, pieces: part }))];
  });

/** All that lies on counters which go out of use, for those that stay. */
const together = (counters: readonly CounterItem[], shards: number): Move[] =>
  counters
    .filter(({ shard }) => shard >= shards)
    .flatMap(({ shard, available }) => [
      { shard, pieces: -available },
      { shard: shard % shards, pieces: available },
    ]);
