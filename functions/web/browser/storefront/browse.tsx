import { useEffect, useState } from "preact/hooks";
import { useAsked } from "../ui/asked.ts";
import { FailureNotice, Notice } from "../ui/notice.tsx";
import { answerOf, shop } from "../ui/shop.ts";
import type { Product } from "./cart.ts";
import { ProductGrid, Skeleton } from "./product-grid.tsx";

const PAGE = 24;
/** Products whose categories the shop shows: it has no list of them. */
const SURVEYED = 100;
const SEARCH_PAUSE_MS = 150;

interface Props {
  readonly category: string | undefined;
  readonly query: string | undefined;
}

/** @param chosen empty for all of them; undefined for none */
const Categories = ({ chosen }: { chosen: string | undefined }) => {
  const { data } = useAsked("categories", async (signal) => {
    const page = await answerOf(shop.GET("/products", { params: { query: { limit: SURVEYED } }, signal }));
    return [...new Set(page.products.map(({ category }) => category).filter(Boolean))].sort();
  });
  const names = data ?? (chosen ? [chosen] : []);
  return (
    <nav class="chips" aria-label="Categories">
      <a href="#/" class="chip" aria-current={chosen === "" ? "page" : undefined}>
        Everything
      </a>
      {names.map((name) => (
        <a
          key={name}
          href={`#/category/${encodeURIComponent(name)}`}
          class="chip"
          aria-current={chosen === name ? "page" : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
};

const Shelf = ({ category }: { category: string | undefined }) => {
  const [cursor, setCursor] = useState<string | undefined>(undefined);
  const [earlier, setEarlier] = useState<readonly Product[]>([]);
  const { data, failure, isLoading, again } = useAsked(cursor ?? "", (signal) =>
    answerOf(
      shop.GET("/products", {
        params: { query: { limit: PAGE, ...(category && { category }), ...(cursor && { cursor }) } },
        signal,
      }),
    ),
  );
  const products = [...earlier, ...(data?.products ?? [])];
  const next = data?.next_cursor;
  const more = (): void => {
    setEarlier(products);
    setCursor(next ?? undefined);
  };
  if (failure) return <FailureNotice failure={failure} again={again} />;
  if (!data) return <Skeleton count={PAGE} />;
  if (products.length === 0) return <Notice kind="warn">There is nothing on this shelf yet.</Notice>;
  return (
    <>
      <ProductGrid products={unique(products)} />
      {next && (
        <div class="more">
          <button type="button" class="button" disabled={isLoading} onClick={more}>
            {isLoading ? "Loading" : "Show more"}
          </button>
        </div>
      )}
    </>
  );
};

/** While the next page is loading, the last one is there twice. */
const unique = (products: readonly Product[]): Product[] => [
  ...new Map(products.map((product) => [product.product_id, product])).values(),
];

const Found = ({ query }: { query: string }) => {
  const { data, failure, again } = useAsked(
    query,
    async (signal) => {
      const params = { query: { q: query, limit: PAGE } };
      return { query, ...(await answerOf(shop.GET("/products/search", { params, signal }))) };
    },
    SEARCH_PAUSE_MS,
  );
  if (failure) return <FailureNotice failure={failure} again={again} />;
  if (!data) return <Skeleton count={PAGE} />;
  const found = data.total_found.toLocaleString("en");
  return (
    <>
      <p class="summary" role="status">
        {data.total_found === 0
          ? `Nothing matches “${data.query}”.`
          : `${found} found in ${data.search_time}`}
      </p>
      <ProductGrid products={data.products} />
    </>
  );
};

export const BrowsePage = ({ category, query }: Props) => {
  const title = query ? `Results for “${query}”` : (category ?? "Everything, always in stock");
  useEffect(() => {
    document.title = query || category ? `${query ?? category} · Stampede` : "Stampede";
  }, [query, category]);
  return (
    <>
      {!query && !category && (
        <section class="hero">
          <svg viewBox="0 0 140 100" aria-hidden="true">
            <path d="M10 14l34 36-34 36M52 14l34 36-34 36M94 14l34 36-34 36" />
          </svg>
          <h1>A shop that stays open.</h1>
          <p>All of this is sold by a server that you may kill, starve and overload while you buy.</p>
          <a class="button primary" href="/console">
            See it live
          </a>
        </section>
      )}
      <Categories chosen={query ? undefined : (category ?? "")} />
      {query || category ? <h1 class="title">{title}</h1> : <h2 class="title">{title}</h2>}
      {query ? <Found query={query} /> : <Shelf key={category ?? ""} category={category} />}
    </>
  );
};
