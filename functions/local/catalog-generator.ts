import type { ProductItem } from "../../core/catalog/product.ts";

const BRANDS = [
  "Northwind", "Alder & Finch", "Kestrel", "Brightwater", "Ostrava", "Lumen Works", "Pelican", "Fjord",
  "Redcliff", "Sola", "Tamarind", "Umber", "Verity", "Wolfram", "Yarrow", "Zephyr", "Copperline", "Halden",
  "Juniper", "Marlow",
]; // biome-ignore format: a list of words
const MATERIALS = [
  "oak",
  "steel",
  "linen",
  "wool",
  "ceramic",
  "leather",
  "bamboo",
  "cotton",
  "glass",
  "aluminium",
];
const TRAITS = [
  "classic", "compact", "folding", "heavy-duty", "lightweight", "modern", "portable", "quiet", "striped", "waterproof",
]; // biome-ignore format: a list of words
const CATEGORIES: readonly (readonly [name: string, things: readonly string[]])[] = [
  ["Lighting", ["desk lamp", "floor lamp", "lantern", "night light"]],
  ["Kitchen", ["kettle", "mixing bowl", "chopping board", "teapot"]],
  ["Clothing", ["shirt", "jacket", "scarf", "sweater"]],
  ["Shoes", ["hiking boot", "sandal", "running shoe", "slipper"]],
  ["Outdoor", ["tent", "camping stove", "hammock", "backpack"]],
  ["Office", ["notebook", "desk organiser", "office chair", "whiteboard"]],
  ["Toys", ["puzzle", "building set", "kite", "spinning top"]],
  ["Garden", ["watering can", "rake", "planter", "garden bench"]],
  ["Music", ["ukulele", "music stand", "metronome", "hand drum"]],
  ["Sports", ["yoga mat", "tennis racket", "jump rope", "water bottle"]],
];

/** A mixing step (the finalizer of MurmurHash3, A. Appleby, 2008): neighbouring ids get unrelated numbers. */
const scatter = (id: number): number => {
  let hash = id >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

const pick = <T>(list: readonly T[], number: number): T => list[number % list.length] as T;

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The product of a number; the same number always makes the same product. */
export const generateProduct = (id: number): ProductItem => {
  const number = scatter(id);
  const categoryIndex = number % CATEGORIES.length;
  const [category, things] = pick(CATEGORIES, categoryIndex);
  const thing = pick(things, number >>> 4);
  const material = pick(MATERIALS, number >>> 7);
  const trait = pick(TRAITS, number >>> 11);
  const brand = pick(BRANDS, number >>> 15);
  return {
    product_id: id,
    sku: `SKU-${String(id).padStart(6, "0")}`,
    manufacturer: brand,
    category_id: categoryIndex + 1,
    category,
    weight: 50 + ((number >>> 9) % 9_950),
    some_other_id: 1 + ((number >>> 3) % 1_000),
    name: capitalized(`${trait} ${material} ${thing}`),
    description: `A ${trait} ${thing} in ${material} by ${brand}, from our ${category.toLowerCase()} range.`,
    price_cents: 199 + ((number >>> 5) % 49_800),
    version: 1,
  };
};
