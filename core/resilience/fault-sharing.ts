import { randomUUID } from "node:crypto";
import type { Bus } from "../redis/bus.ts";
import type { DroppedInput } from "../redis/dropped-input.ts";
import type { RedisClient } from "../redis/redis-client.ts";
import {
  type Fault,
  type FaultSetting,
  type Faults,
  faultSettingSchema,
  MAX_FAULT_MS,
  supersedes,
} from "./faults.ts";
import { SERVICES, type Service } from "./services.ts";

/** How far another process's clock may be ahead of this one, in milliseconds, before its settings are dropped. */
const MAX_AHEAD_MS = 3_600_000;

/**
 * Puts a setting in its place unless one that is not older is there; what then stands.
 * It gets its place even from a Redis whose memory is full: a script that has deleted may still set. A
 * value that is no setting is replaced, and so is one that was set later than ARGV[3].
 */
const PUT = `
local function isSetting(value)
  return type(value) == 'table' and type(value.at) == 'number' and type(value.by) == 'string'
end
local standing = redis.pcall('GET', KEYS[1])
local isText, old = pcall(cjson.decode, standing)
if isText and isSetting(old) and old.at <= tonumber(ARGV[3]) then
  local new = cjson.decode(ARGV[1])
  if old.at > new.at or (old.at == new.at and old.by >= new.by) then return standing end
end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`;

export interface FaultSharingOptions {
  readonly faults: Faults;
  readonly redis: RedisClient | undefined;
  readonly bus: Bus;
  readonly prefix: string;
  readonly now: () => number;
  readonly dropped: DroppedInput;
}

export type FaultSharing = ReturnType<typeof openFaultSharing>;

/**
 * Lets one call break every process, and mend it: over the bus those that run, through Redis those that start
 * later or were cut off. Mending leaves a note that outlives any fault, so that none comes back from a
 * process or a Redis that missed the message.
 */
export const openFaultSharing = ({ faults, redis, bus, prefix, now, dropped }: FaultSharingOptions) => {
  const me = randomUUID();
  const settings = new Map<Service, FaultSetting>();
  const keyOf = (service: Service): string => `${prefix}fault-setting:${service}`;

  /** Whether a setting from elsewhere can be a real one: no fault lasts longer than {@link MAX_FAULT_MS}. */
  const isPlausible = ({ fault, at }: FaultSetting): boolean =>
    at <= now() + MAX_AHEAD_MS && (fault?.expiresAt ?? 0) <= at + MAX_FAULT_MS;

  const apply = (service: Service, setting: FaultSetting): void => {
    if (!supersedes(setting, settings.get(service))) return;
    settings.set(service, setting);
    faults.set(service, setting.fault ?? undefined);
  };

  /** Applies what Redis had; undefined where it had nothing. */
  const learn = (service: Service, text: unknown): void => {
    if (typeof text !== "string") return;
    const setting = parsed(text);
    if (setting && isPlausible(setting)) apply(service, setting);
    else dropped.value(keyOf(service), text);
  };

  /** Tells Redis what is known here and learns what is known there, then tells the others what was set here. */
  const exchange = async (service: Service): Promise<void> => {
    const known = settings.get(service);
    const standing = known
      ? await redis?.eval(PUT, 1, keyOf(service), JSON.stringify(known), MAX_FAULT_MS, now() + MAX_AHEAD_MS)
      : await redis?.get(keyOf(service));
    learn(service, standing);
    const setting = settings.get(service);
    if (setting?.by === me) await bus.publish({ type: "fault", service, ...setting });
  };
  // Without an answer this process goes on as it is, until Redis is back once more.
  const catchUp = (): void => {
    for (const service of SERVICES) exchange(service).catch(() => undefined);
  };

  bus.onMessage((message) => {
    if (message.type !== "fault") return;
    if (isPlausible(message)) apply(message.service, message);
    else dropped.message(JSON.stringify(message));
  });
  // A message sent after Redis is ready, but before the bus has subscribed, is caught up with by the gap
  // only.
  redis?.on("ready", catchUp);
  bus.onGap(catchUp);

  return {
    /**
     * Puts a fault in place in every process that can be reached, and in the others once they can be;
     * undefined takes it away.
     *
     * @returns whether the other processes received it
     */
    async share(service: Service, fault: Fault | undefined): Promise<boolean> {
      const settle = async (): Promise<boolean> => {
        // Clocks differ between processes: what is known here was set earlier, whatever its time.
        const at = Math.max(now(), (settings.get(service)?.at ?? 0) + 1);
        apply(service, { fault: fault ?? null, at, by: me });
        await exchange(service);
        return settings.get(service)?.by === me;
      };
      try {
        // Again where Redis knew of a setting that is later by another process's clock.
        return (await settle()) || (await settle());
      } catch {
        return false;
      }
    },
  };
};

const parsed = (text: string): FaultSetting | undefined => {
  try {
    return faultSettingSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
