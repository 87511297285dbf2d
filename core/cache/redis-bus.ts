import { randomUUID } from "node:crypto";
import { Cluster, type Redis } from "ioredis";
import type { Bus, BusMessage } from "./bus.ts";
import { openPatience, type Patience } from "./patience.ts";
import type { RedisClient } from "./redis-client.ts";

const HEARTBEAT_MS = 150;

/** Without a heartbeat for so long Redis counts as away. */
const AWAY_AFTER_MS = 500;

export interface RedisBusOptions {
  readonly commands: RedisClient;
  /** A connection of its own, which does nothing else. */
  readonly subscriber: Redis;
  readonly channel: string;
  readonly now: () => number;
  /** Told of each change. */
  readonly onState?: (state: "up" | "down") => void;
  /** Given Redis's answer to each heartbeat, to see how Redis does. */
  readonly onBeat?: (answer: Promise<unknown>, patience: Patience) => void;
}

export interface RedisBus extends Bus {
  /** Whether Redis has answered lately. */
  readonly isUp: () => boolean;
  /** What this process can say about others' delays. */
  readonly patience: Patience;
  readonly close: () => void;
}

/** Whoever may publish: in a cluster a message takes its way from the node that it is published at. */
const publishersOf = (client: RedisClient): RedisClient[] =>
  client instanceof Cluster ? client.nodes("master") : [client];

/** Number of the beat, epoch milliseconds at which it was sent, by how many nodes, and how deaf the process had been. */
type Heartbeat = readonly [beat: number, sentAt: number, parts: number, deaf: number];

/**
 * A bus over Redis pub/sub that knows what it has heard. Each process sends itself heartbeats through
 * Redis: one comes back on the same connection as the other processes' messages and in order with them, so
 * once it is here (in a cluster: by way of every node), everything said before it was sent has been heard.
 */
export const openRedisBus = (options: RedisBusOptions): RedisBus => {
  const { commands, subscriber, channel, now, onState = () => undefined, onBeat } = options;
  const patience = openPatience();
  const heartbeats = `${channel}:${randomUUID()}`;
  const listeners: ((message: BusMessage) => void)[] = [];
  const gapListeners: (() => void)[] = [];
  let beats = 0;
  let lastHeard = 0;
  let arrived = { beat: 0, parts: 0 };
  let heard = 0;
  let deafWhenSent = 0;
  let mayHaveMissed = true;
  let state: "up" | "down" = "down";

  const isRecent = (sentAt: number, deaf: number): boolean =>
    now() - sentAt - (patience.deaf() - deaf) < AWAY_AFTER_MS;
  const isUp = (): boolean => isRecent(heard, deafWhenSent);

  const setState = (next: "up" | "down"): void => {
    if (state === next) return;
    state = next;
    onState(next);
  };

  const hear = ([beat, sentAt, parts, deaf]: Heartbeat): void => {
    if (beat < arrived.beat) return;
    if (beat > arrived.beat) arrived = { beat, parts: 0 };
    arrived.parts += 1;
    if (arrived.parts < parts) return;
    // A beat that was lost may have been lost in company.
    const isGap = mayHaveMissed || !isUp() || beat !== lastHeard + 1;
    if (isGap) for (const listener of gapListeners) listener();
    mayHaveMissed = false;
    lastHeard = beat;
    if (sentAt >= heard) [heard, deafWhenSent] = [sentAt, deaf];
    if (isUp()) setState("up");
  };

  subscriber.on("message", (from: string, text: string) => {
    if (from === heartbeats) hear(JSON.parse(text) as Heartbeat);
    else for (const listener of listeners) listener(JSON.parse(text) as BusMessage);
  });
  subscriber.on("close", () => {
    mayHaveMissed = true;
  });

  const beat = (): void => {
    if (!isUp()) setState("down");
    const publishers = publishersOf(commands);
    const text = JSON.stringify([
      (beats += 1),
      now(),
      publishers.length,
      patience.deaf(),
    ] satisfies Heartbeat);
    const send = (publisher: RedisClient) => publisher.publish(heartbeats, text);
    // A cluster of which no node is known takes no heartbeat, and `any` of none rejects.
    const answer = publishers.length === 0 ? Promise.any([]) : Promise.all(publishers.map(send));
    answer.catch(() => undefined); // For the bus only what is heard matters.
    onBeat?.(answer, patience);
    // Only a connection that is owed an answer notices that none comes.
    if (subscriber.status === "ready") subscriber.ping().catch(() => undefined);
  };
  const timer = setInterval(beat, HEARTBEAT_MS);
  timer.unref?.();
  commands.on("ready", beat);

  // One command for both channels: the heartbeat must not be heard before the messages are.
  const subscribe = (): void => {
    // Rejected: the connection went away again, and the next `ready` subscribes anew.
    subscriber.subscribe(channel, heartbeats).then(beat, () => undefined);
  };
  subscriber.on("ready", subscribe);
  if (subscriber.status === "ready") subscribe();

  return {
    isUp,
    patience,
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
    close: () => {
      clearInterval(timer);
      patience.close();
      subscriber.disconnect();
    },
  };
};
