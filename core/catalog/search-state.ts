import type { Product } from "./product.ts";
import type { IndexFile } from "./search-file.ts";
import type { SearchIndex } from "./search-index.ts";

/** Every change of the products table in order, from a position on that the index keeps. */
export interface SearchFeed {
  /** Notes the present end in an index that is about to be filled from the table. */
  readonly begin: (index: SearchIndex) => Promise<void>;
  /** Whether the changes since the noted position are all there. */
  readonly canFollow: (index: SearchIndex) => Promise<boolean>;
  /** Takes over all changes since the noted position, resolves once there are no more, and goes on. */
  readonly follow: (index: SearchIndex) => Promise<void>;
  /** Says that other processes' writes may have been missed: until all changes are read again, it is not current. */
  readonly doubt: () => void;
  readonly isCurrent: () => boolean;
  readonly stop: () => Promise<void>;
}

/** How an index comes to be and stays current; with nothing given it lives in memory and follows the bus. */
export interface SearchSource {
  /** Where the index outlives the process. Needs the feed, which knows what was written meanwhile. */
  readonly file?: IndexFile;
  readonly feed?: SearchFeed;
  /** All products of the table as they were when the feed began, where they are known without reading it. */
  readonly products?: (() => Iterable<Product>) | undefined;
}

/** The search of a process: nothing until an index is asked for, since most Lambda functions never search. */
export interface Search {
  source: SearchSource;
  index: SearchIndex | undefined;
  isReady: boolean;
  isClosed: boolean;
  building: Promise<void> | undefined;
  follower: Follower | undefined;
  /** Takes over a product that this process wrote. */
  readonly put: (product: Product) => void;
}

export const openSearch = (): Search => {
  const search: Search = {
    source: {},
    index: undefined,
    isReady: false,
    isClosed: false,
    building: undefined,
    follower: undefined,
    // A write that comes before the index is opened is seen by the scan that fills it.
    put: (product) => search.index?.put(product),
  };
  return search;
};

export interface Follower {
  /** Takes over a product's version, unless the index has it; the product is read consistently. */
  readonly hear: (id: number, version: number) => void;
  /** Compares the versions of all products with the table's and takes over what differs, in the background. */
  readonly compare: () => void;
  /** Whether the index may lack a write of a product, announced or missed in a gap. */
  readonly isBehind: (id: number) => boolean;
  readonly stop: () => void;
}
