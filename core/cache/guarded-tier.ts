import type { Resilience } from "../resilience/resilience.ts";
import type { SecondTier } from "./second-tier.ts";

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
    close: tier.close,
  };
};
