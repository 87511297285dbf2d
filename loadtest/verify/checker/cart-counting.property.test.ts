import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../harness/property-runs.ts";
import { refuteByCounting } from "./cart-counting.ts";
import { type CartWrite, changed, explain, type FloatingWrite, type Sighting } from "./cart-search.ts";

const quantity = fc.integer({ min: 0, max: 4 });
const product = fc.integer({ min: 1, max: 2 });
const lines = fc.dictionary(fc.constantFrom("1", "2"), fc.integer({ min: 1, max: 4 }), { minKeys: 1 });
const writeArbitrary: fc.Arbitrary<CartWrite> = fc.oneof(
  fc.record({ f: fc.constant("add" as const), user: fc.constant("ann"), product, quantity }),
  fc.record({ f: fc.constant("put" as const), user: fc.constant("ann"), product, quantity }),
  fc.record({ f: fc.constant("remove" as const), user: fc.constant("ann"), product }),
  fc.record({ f: fc.constant("take" as const), lines }),
  fc.record({ f: fc.constant("give-back" as const), lines }),
);

const floating = (write: CartWrite, isCertain: boolean, n: number): FloatingWrite => ({
  write,
  isCertain: isCertain || "lines" in write,
  notBefore: 0,
  notAfter: Infinity,
  ifMissing: "lost",
  effect: String(n),
  label: `write ${n}`,
});

const storedCart = (version: number, quantities: Sighting["quantities"]): Sighting => {
  return { version, quantities, invokedAt: Infinity, completedAt: Infinity, label: "the stored cart" };
};

const writes = fc.array(fc.tuple(writeArbitrary, fc.boolean()), { maxLength: 6 });

test("counting never refutes what can be explained", () => {
  fc.assert(
    fc.property(
      writes,
      fc.integer({ min: 0, max: 6 }),
      fc.dictionary(fc.constantFrom("1", "2"), quantity),
      (drawn, version, cart) => {
        const floaters = drawn.map(([write, isCertain], n) => floating(write, isCertain, n));
        const sightings = [
          storedCart(version, Object.fromEntries(Object.entries(cart).filter(([, pieces]) => pieces > 0))),
        ];
        const isRefuted = refuteByCounting("ann", sightings, floaters) !== undefined;
        if (isRefuted) expect(explain(sightings, floaters).outcome).not.toBe("explained");
      },
    ),
    runs(500),
  );
});

test("nor any history that really happened, acknowledged or not", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(writeArbitrary, fc.boolean(), fc.boolean()), { maxLength: 12 }),
      (drawn) => {
        let cart: Sighting["quantities"] = {};
        let version = 0;
        const sightings: Sighting[] = [];
        const floaters: FloatingWrite[] = [];
        for (const [n, [write, wasMade, wasSeen]] of drawn.entries()) {
          // An order takes what is there.
          const real = write.f === "take" ? { ...write, lines: cart } : write;
          const after = wasMade || "lines" in real ? changed(cart, real) : undefined;
          if (after) {
            version += 1;
            cart = after;
          }
          if (after && wasSeen && !("lines" in real)) {
            sightings.push({ ...storedCart(version, cart), action: real, label: `write ${n}` });
          } else if (after || !("lines" in real)) {
            floaters.push(floating(real, false, n));
          }
        }
        expect(refuteByCounting("ann", [...sightings, storedCart(version, cart)], floaters)).toBeUndefined();
      },
    ),
    runs(500),
  );
});
