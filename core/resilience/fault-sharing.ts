import type { Bus } from "../cache/bus.ts";
import type { RedisClient } from "../cache/redis-client.ts";
import type { Fault, Faults } from "./faults.ts";
import { SERVICES, type Service } from "./services.ts";

export interface FaultSharingOptions {
  readonly faults: Faults;
  readonly redis: RedisClient | undefined;
  readonly bus: Bus;
  readonly prefix: string;
  readonly now: () => number;
}

export type FaultSharing = ReturnType<typeof openFaultSharing>;

/** Lets one call break every process: over the bus those that run, through Redis those that start later. */
export const openFaultSharing = ({ faults, redis, bus, prefix, now }: FaultSharingOptions) => {
  const keyOf = (service: Service): string => `${prefix}fault:${service}`;
  bus.onMessage((message) => {
    if (message.type === "fault") faults.set(message.service, message.fault ?? undefined);
  });
  const catchUp = async (): Promise<void> => {
    for (const service of SERVICES) {
      const text = await redis?.get(keyOf(service));
      if (text) faults.set(service, JSON.parse(text) as Fault);
    }
  };
  // Without an answer this process starts unbroken.
  redis?.on("ready", () => void catchUp().catch(() => undefined));

  return {
    /**
     * Puts a fault in place in every process that can be reached; undefined takes it away.
     *
     * @returns whether the other processes were told
     */
    async share(service: Service, fault: Fault | undefined): Promise<boolean> {
      faults.set(service, fault);
      try {
        await bus.publish({ type: "fault", service, fault: fault ?? null });
        if (fault) await redis?.set(keyOf(service), JSON.stringify(fault), "PX", fault.expiresAt - now());
        else await redis?.del(keyOf(service));
        return true;
      } catch {
        return false;
      }
    },
  };
};
