import { afterAll } from "vitest";

const endings: (() => unknown)[] = [];

// In reverse: what was started last may still use what was started first.
afterAll(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Has something ended with the test file, whether its tests passed or not. */
export const endWithTests = (end: () => unknown): void => {
  endings.push(end);
};
