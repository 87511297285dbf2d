import { useEffect, useState } from "preact/hooks";
import { useAsked } from "../ui/asked.ts";
import { answerOf, shop } from "../ui/shop.ts";
import { attempt } from "./attempt.ts";
import { number } from "./format.ts";

const POLL_MS = 3_000;
const SHOWN = 6;

const readHot = async (signal: AbortSignal) => {
  const { hot_products } = await answerOf(shop.GET("/products/hot", { signal }));
  const rows = hot_products.slice(0, SHOWN).map(async ({ product_id: productId, name, hot }) => {
    const stock = await answerOf(
      shop.GET("/products/{productId}/stock", { params: { path: { productId } }, signal }),
    ).catch(() => undefined);
    return { productId, name, ...hot, stock };
  });
  return Promise.all(rows);
};

/** The products that are read most, and what is left of them. */
export const HotProducts = () => {
  const [pinned, setPinned] = useState("");
  const { data, isLoading, again } = useAsked("hot", readHot);
  useEffect(() => {
    if (isLoading) return;
    const timer = setTimeout(again, POLL_MS);
    return () => clearTimeout(timer);
  }, [isLoading]);
  const pin = (event: Event): void => {
    event.preventDefault();
    const path = { productId: Number(pinned) };
    void attempt(() => answerOf(shop.POST("/products/{productId}/hot", { params: { path } })));
  };
  return (
    <section class="panel hot">
      <h2>Hot products</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Product</th>
            <th scope="col">Reads</th>
            <th scope="col">Available</th>
            <th scope="col">Reserved</th>
            <th scope="col">Sold</th>
          </tr>
        </thead>
        <tbody>
          {(data ?? []).map(({ productId, name, reads, pinned: isPinned, stock }) => (
            <tr key={productId}>
              <th scope="row">
                <a href={`/#/product/${productId}`}>{name || productId}</a>
                {isPinned && " (pinned)"}
              </th>
              <td>{number(reads)}</td>
              <td>{stock?.available.toLocaleString("en") ?? "–"}</td>
              <td>{stock?.reserved.toLocaleString("en") ?? "–"}</td>
              <td>{stock?.sold.toLocaleString("en") ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {data?.length === 0 && <p class="none">None is read much at the moment. Start a load, or pin one.</p>}
      <form class="pin" onSubmit={pin}>
        <label>
          Product{" "}
          <input
            type="number"
            min={1}
            max={2_147_483_647}
            step={1}
            required
            value={pinned}
            onInput={(event) => setPinned(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button">
          Pin in every memory
        </button>
      </form>
    </section>
  );
};
