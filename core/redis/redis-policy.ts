import type { Resilience } from "../resilience/resilience.ts";
import type { LoopAwareTimeout } from "./loop-aware-timeout.ts";

/** How calls to Redis are guarded. */
export interface RedisPolicy {
  /** Whether a call is worth making: false while the circuit is open. */
  readonly admits: () => boolean;
  /** Makes the call behind the circuit, with the faults that are injected into Redis. */
  readonly execute: <T>(call: () => Promise<T>) => Promise<T>;
  /** Shows the circuit the answer to a heartbeat, so that it opens without a request that has to fail first. */
  readonly watch: (answer: Promise<unknown>, timeout: LoopAwareTimeout) => void;
  /** Has the circuit find Redis back by pings. */
  readonly probeBy: (ping: () => Promise<unknown>, timeout: LoopAwareTimeout) => void;
}

/** @param commandTimeout milliseconds after which a call is given up */
export const openRedisPolicy = ({ circuits, faults }: Resilience, commandTimeout: number): RedisPolicy => {
  const circuit = circuits.redis;
  const fault = async (): Promise<void> => faults.before("redis", commandTimeout);
  const execute = <T>(call: () => Promise<T>): Promise<T> =>
    circuit.execute(() => {
      const struck = faults.before("redis", commandTimeout);
      return struck ? struck.then(call) : call();
    });
  // Where there is no Redis, its faults are all that can be wrong.
  circuit.probeBy(fault);
  return {
    admits: circuit.admits,
    execute,
    watch: (answer, { within }) => {
      execute(() => within(answer, commandTimeout)).catch(() => undefined); // The circuit has noted it.
    },
    probeBy: (ping, { within }) =>
      circuit.probeBy(async () => {
        await fault();
        await within(ping(), commandTimeout);
      }),
  };
};
