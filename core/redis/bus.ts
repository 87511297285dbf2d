import { z } from "zod";
import { faultSettingSchema } from "../resilience/faults.ts";
import { SERVICES } from "../resilience/services.ts";

export const CACHE_MODES = ["off", "redis", "tiered"] as const;
export type CacheMode = (typeof CACHE_MODES)[number];

const natural = z.int().min(0);

const messageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("invalidate"), key: natural, version: natural }),
  z.object({ type: z.literal("mode"), mode: z.enum(CACHE_MODES) }),
  z.object({ type: z.literal("pin"), key: natural, until: natural }),
  z.object({ type: z.literal("fault"), service: z.enum(SERVICES), ...faultSettingSchema.shape }),
  z.object({ type: z.literal("circuit-open"), service: z.enum(["dynamodb", "payment"]) }),
  z.object({ type: z.literal("reset"), service: z.enum(SERVICES) }),
]);

/** A message between processes. */
export type BusMessage = Readonly<z.infer<typeof messageSchema>>;

/** Our own messages have fewer than 400 characters. Longer ones are not worth parsing. */
const MAX_MESSAGE_LENGTH = 2_000;

/**
 * A message as it came from Redis: from this version, another version or anything else that may publish.
 * Unknown fields are ignored; undefined for what is no message of this version.
 */
export const parseBusMessage = (text: string): BusMessage | undefined => {
  if (text.length > MAX_MESSAGE_LENGTH) return undefined;
  try {
    return messageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/** The way processes tell one another of writes. */
export interface Bus {
  /**
   * Epoch milliseconds up to which everything said on the bus has been heard here; `Infinity` where no other
   * process could have said anything.
   */
  readonly heardUntil: () => number;
  readonly publish: (message: BusMessage) => Promise<void>;
  readonly onMessage: (listener: (message: BusMessage) => void) => void;
  /** Called before the bus is believed again after messages may have been missed. */
  readonly onGap: (listener: () => void) => void;
}

/** The bus of a process that shares its second tier with no other. */
export const openLocalBus = (): Bus => {
  const listeners: ((message: BusMessage) => void)[] = [];
  return {
    heardUntil: () => Number.POSITIVE_INFINITY,
    publish: async (message) => {
      for (const listener of listeners) listener(message);
    },
    onMessage: (listener) => {
      listeners.push(listener);
    },
    onGap: () => undefined,
  };
};
