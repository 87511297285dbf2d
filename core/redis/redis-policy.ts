import type { Resilience } from "../resilience/resilience.ts";
import type { LoopAwareTimeout } from "./loop-aware-timeout.ts";

/** How calls to Redis are guarded. */
export interface RedisPolicy {
  /** Whether a call is worth making: false while the circuit is open. */
  readonly admits: () => boolean;
  /** Makes the call behind the circuit, with the faults that are injected into Redis. */
  readonly execute: <T>(call: () => Promise<T>) => Promise<T>;
  /**
   * Shows the circuit the answer to a heartbeat. Heartbeats open and close it, so that no request has to fail first.
   */
  readonly watch: (answer: Promise<unknown>, timeout: LoopAwareTimeout) => void;
}

/** @param commandTimeout milliseconds after which a call is given up */
export const openRedisPolicy = ({ circuits, faults }: Resilience, commandTimeout: number): RedisPolicy => {
  const circuit = circuits.redis;
  const execute = <T>(call: () => Promise<T>): Promise<T> =>
    circuit.execute(async () => {
      await faults.before("redis", commandTimeout);
      return call();
    });
  return {
    admits: circuit.admits,
    execute,
    watch: (answer, { within }) => {
      if (circuit.state() === "open" && !circuit.admits()) return;
      execute(() => within(answer, commandTimeout)).catch(() => undefined); // The circuit has noted it.
    },
  };
};
