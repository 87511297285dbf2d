import type { Bus } from "../redis/bus.ts";
import type { Resilience } from "./resilience.ts";

/**
 * Tells the other processes that a circuit has opened, so that their customers need not find out. It is believed only
 * where the dependency has not answered of late, and until the next probe of their own: a process that is cut off alone
 * closes nobody else's circuit for longer.
 *
 * Not for Redis: the bus is Redis's own.
 */
export const shareOpenCircuits = ({ circuits, onCircuit }: Resilience, bus: Bus): void => {
  onCircuit((service, state, isHearsay) => {
    if (state !== "open" || isHearsay || service === "redis") return;
    bus.publish({ type: "circuit-open", service }).catch(() => undefined); // They find out by themselves.
  });
  bus.onMessage((message) => {
    if (message.type === "circuit-open") circuits[message.service].believeOpen();
  });
};
