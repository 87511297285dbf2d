const endings: (() => unknown)[] = [];

/** Has something ended with the test file, whether its tests passed or not. */
export const endWithTests = (end: () => unknown): void => {
  endings.push(end);
};

/**
 * Something that a test file starts when it first needs it, and that ends with the file. Files that run in one thread share
 * their modules: a variable of a module would hand the next file what the last one has ended.
 */
export const oncePerFile = <T>(start: () => T, end: (started: T) => unknown): (() => T) => {
  let current: { readonly started: T } | undefined;
  return () => {
    if (!current) {
      const { started } = (current = { started: start() });
      endWithTests(() => {
        current = undefined;
        return end(started);
      });
    }
    return current.started;
  };
};

/** Every test file's last act. In reverse: what was started last may still use what was started first. */
export const endAll = async (): Promise<void> => {
  for (const end of endings.splice(0).reverse()) await end();
};
