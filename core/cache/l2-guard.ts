import type { Patience } from "../redis/loop-aware-timeout.ts";
import type { Resilience } from "../resilience/resilience.ts";
import type { SecondTier } from "./l2.ts";

/**
 * Lets the circuit of Redis see the answers to heartbeats: so it opens, and finds Redis back, without a
 * customer who has to try.
 */
export const watchHeartbeats =
  ({ circuits, faults }: Resilience, commandTimeout: number) =>
  (answer: Promise<unknown>, { within }: Patience): void => {
    const circuit = circuits.redis;
    if (circuit.state() === "open" && !circuit.admits()) return;
    const heard = async (): Promise<void> => {
      await faults.before("redis", commandTimeout);
      await within(answer, commandTimeout);
    };
    circuit.execute(heard).catch(() => undefined); // That the circuit knows is all that is wanted.
  };

/** A second tier behind the circuit and the faults of Redis: while the circuit is open it is not asked at all. */
export const guardSecondTier = <V>(
  tier: SecondTier<V>,
  { circuits, faults }: Resilience,
  commandTimeout: number,
): SecondTier<V> => {
  const circuit = circuits.redis;
  const guarded = <T>(call: () => Promise<T>): Promise<T> =>
    circuit.execute(async () => {
      await faults.before("redis", commandTimeout);
      return call();
    });
  return {
    name: tier.name,
    isUsable: () => tier.isUsable() && circuit.admits(),
    get: (key) => guarded(() => tier.get(key)),
    put: (key, entry, lease) => guarded(() => tier.put(key, entry, lease)),
    // Not behind the circuit: a tombstone that can't be put now must be noted by the tier, to be put later.
    invalidate: (key, version) => tier.invalidate(key, version),
    acquire: (key) => guarded(() => tier.acquire(key)),
    release: (key, lease) => guarded(() => tier.release(key, lease)),
    caughtUp: tier.caughtUp,
    close: tier.close,
  };
};
