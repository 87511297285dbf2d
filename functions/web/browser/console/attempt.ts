import { signal } from "@preact/signals";
import { Failure } from "../ui/shop.ts";

/** Of the last action that failed; undefined when it went well. */
export const trouble = signal<Failure | undefined>(undefined);

/** Does an action, and says on the page when it fails. */
export const attempt = async (action: () => Promise<unknown>): Promise<void> => {
  trouble.value = undefined;
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    trouble.value = error;
  }
};
