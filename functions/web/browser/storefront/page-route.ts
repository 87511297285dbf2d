import { signal } from "@preact/signals";

/** A page by its address. The part behind `#`, since the paths before it belong to the API. */
export type Route =
  | { readonly page: "browse"; readonly category?: string; readonly query?: string }
  | { readonly page: "product"; readonly productId: number }
  | { readonly page: "cart" }
  | { readonly page: "orders" }
  | { readonly page: "account" }
  | { readonly page: "order"; readonly orderId: string };

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const routeOf = (hash: string): Route => {
  const [page, value] = hash.replace(/^#\/?/, "").split("/");
  switch (page) {
    case "category":
      return value ? { page: "browse", category: decoded(value) } : { page: "browse" };
    case "search":
      return value ? { page: "browse", query: decoded(value) } : { page: "browse" };
    case "product":
      return { page: "product", productId: Number(value) };
    case "cart":
      return { page: "cart" };
    case "account":
      return { page: "account" };
    case "orders":
      return value ? { page: "order", orderId: decoded(value) } : { page: "orders" };
    default:
      return { page: "browse" };
  }
};

export const route = signal<Route>(routeOf(location.hash));

addEventListener("hashchange", () => {
  route.value = routeOf(location.hash);
  // A search changes with every letter: the page stays where it is, and so does the cursor.
  if (route.value.page === "browse" && route.value.query !== undefined) return;
  scrollTo(0, 0);
  document.getElementById("content")?.focus({ preventScroll: true });
});

/** Shows a search: its first letter is a step in the browser's history, and the others are none. */
export const showSearch = (query: string): void => {
  const hash = query.trim() ? `#/search/${encodeURIComponent(query.trim())}` : "#/";
  if (location.hash === hash) return;
  const isSearching = location.hash.startsWith("#/search/");
  if (isSearching) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  route.value = routeOf(hash);
};
