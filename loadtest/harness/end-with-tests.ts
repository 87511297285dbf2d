const endings: (() => unknown)[] = [];

/** Has something ended with the test file, whether its tests passed or not. */
export const endWithTests = (end: () => unknown): void => {
  endings.push(end);
};

/** Every test file's last act. In reverse: what was started last may still use what was started first. */
export const endAll = async (): Promise<void> => {
  for (const end of endings.splice(0).reverse()) await end();
};
