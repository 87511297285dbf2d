import { useEffect, useRef } from "preact/hooks";
import { Brand } from "../ui/brand.tsx";
import { ThemeToggle } from "../ui/theme-toggle.tsx";
import { pieces } from "./cart.ts";
import { type Route, route, showSearch } from "./page-route.ts";

const queryOf = (at: Route): string => (at.page === "browse" ? (at.query ?? "") : "");

const SearchBox = () => {
  const shown = queryOf(route.value);
  const input = useRef<HTMLInputElement>(null);
  // The box follows the address, unless it is where the address comes from. An effect may run late, after further
  // letters: what counts is the address as it is now.
  useEffect(() => {
    const box = input.current;
    const query = queryOf(route.peek());
    if (box && box.value.trim() !== query) box.value = query;
  }, [shown]);
  return (
    <search class="search">
      <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" class="line-icon">
        <circle cx="11" cy="11" r="7" />
        <path d="m20 20-4-4" />
      </svg>
      <input
        ref={input}
        type="search"
        aria-label="Search the catalogue"
        placeholder="Search, such as oak lamp"
        maxLength={200}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => showSearch(event.currentTarget.value)}
      />
    </search>
  );
};

export const Header = () => {
  const count = pieces();
  return (
    <header class="head">
      <div class="head-in">
        <a class="brand" href="#/">
          <Brand />
        </a>
        <SearchBox />
        <nav class="head-nav" aria-label="Shop">
          <a class="button quiet" href="#/orders">
            Orders
          </a>
          <a class="button quiet account" href="#/account">
            <span class="visually-hidden">Account</span>
            <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="line-icon">
              <circle cx="12" cy="8" r="4" />
              <path d="M4 21c1-4 4-6 8-6s7 2 8 6" />
            </svg>
          </a>
          <a
            class="button quiet"
            href="#/cart"
            aria-label={`Cart, ${count} ${count === 1 ? "piece" : "pieces"}`}
          >
            <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="line-icon">
              <path d="M3 4h2l2.4 11h10.2L20 8H6.2" />
              <circle cx="9" cy="19" r="1.4" />
              <circle cx="16" cy="19" r="1.4" />
            </svg>
            <span class="count">{count}</span>
          </a>
          <ThemeToggle />
        </nav>
      </div>
    </header>
  );
};
