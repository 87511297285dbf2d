import { useEffect, useState } from "preact/hooks";
import { Failure } from "./shop.ts";

export interface Asked<T> {
  /** The last answer, also while the next one is on its way. */
  readonly data: T | undefined;
  readonly failure: Failure | undefined;
  readonly isLoading: boolean;
  readonly again: () => void;
}

/**
 * Asks the shop whenever `key` changes, and calls off what was asked before.
 *
 * @param pause milliseconds for which the key has to stay as it is first
 */
export const useAsked = <T>(key: string, ask: (signal: AbortSignal) => Promise<T>, pause = 0): Asked<T> => {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<Omit<Asked<T>, "again">>({
    data: undefined,
    failure: undefined,
    isLoading: true,
  });
  useEffect(() => {
    const calling = new AbortController();
    setState(({ data }) => ({ data, failure: undefined, isLoading: true }));
    const timer = setTimeout(async () => {
      try {
        const data = await ask(calling.signal);
        if (!calling.signal.aborted) setState({ data, failure: undefined, isLoading: false });
      } catch (error) {
        if (calling.signal.aborted) return;
        const failure = error instanceof Failure ? error : undefined;
        if (!failure) throw error;
        setState({ data: undefined, failure, isLoading: false });
      }
    }, pause);
    return () => {
      clearTimeout(timer);
      calling.abort();
    };
  }, [key, round]);
  return { ...state, again: () => setRound((n) => n + 1) };
};
