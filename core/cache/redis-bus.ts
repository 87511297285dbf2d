import { randomUUID } from "node:crypto";
import type { Bus, BusMessage } from "./bus.ts";
import type { RedisClient } from "./redis-client.ts";

const HEARTBEAT_MS = 150;

/** Without a heartbeat for so long Redis counts as away. */
const AWAY_AFTER_MS = 500;

export interface RedisBusOptions {
  readonly commands: RedisClient;
  readonly subscriber: RedisClient;
  readonly channel: string;
  readonly now: () => number;
  /** Told of each change. */
  readonly onState?: (state: "up" | "down") => void;
}

export interface RedisBus extends Bus {
  /** Whether Redis has answered lately. */
  readonly isUp: () => boolean;
  readonly close: () => void;
}

/**
 * A bus over Redis pub/sub that knows what it has heard. Each process sends itself a heartbeat through
 * Redis: it comes back on the same connection as the other processes' messages and in order with them, so
 * once it is here, everything said before it was sent has been heard.
 */
export const openRedisBus = (options: RedisBusOptions): RedisBus => {
  const { commands, subscriber, channel, now, onState = () => undefined } = options;
  const heartbeats = `${channel}:${randomUUID()}`;
  const listeners: ((message: BusMessage) => void)[] = [];
  const gapListeners: (() => void)[] = [];
  let heard = 0;
  let mayHaveMissed = true;
  let state: "up" | "down" = "down";

  const isUp = (): boolean => now() - heard < AWAY_AFTER_MS;

  const setState = (next: "up" | "down"): void => {
    if (state === next) return;
    state = next;
    onState(next);
  };

  const hearHeartbeat = (sentAt: number): void => {
    if (mayHaveMissed || !isUp()) for (const listener of gapListeners) listener();
    mayHaveMissed = false;
    heard = Math.max(heard, sentAt);
    if (isUp()) setState("up");
  };

  subscriber.on("message", (from: string, text: string) => {
    if (from === heartbeats) hearHeartbeat(Number(text));
    else for (const listener of listeners) listener(JSON.parse(text) as BusMessage);
  });
  // One command for both channels: the heartbeat must not be heard before the messages are.
  const subscribe = (): void => {
    subscriber.subscribe(channel, heartbeats).catch(() => {
      mayHaveMissed = true; // The connection went away again; the next `ready` subscribes anew.
    });
  };
  subscriber.on("ready", subscribe);
  if (subscriber.status === "ready") subscribe();
  for (const event of ["close", "end", "-node"]) {
    subscriber.on(event, () => {
      mayHaveMissed = true;
    });
  }

  const beat = (): void => {
    if (!isUp()) setState("down");
    commands.publish(heartbeats, String(now())).catch(() => undefined); // Unheard is all that matters.
  };
  const timer = setInterval(beat, HEARTBEAT_MS);
  timer.unref?.();
  commands.once("ready", beat);

  return {
    isUp,
    heardUntil: () => (mayHaveMissed ? 0 : heard),
    publish: async (message) => {
      await commands.publish(channel, JSON.stringify(message));
    },
    onMessage: (listener) => {
      listeners.push(listener);
    },
    onGap: (listener) => {
      gapListeners.push(listener);
    },
    close: () => clearInterval(timer),
  };
};
