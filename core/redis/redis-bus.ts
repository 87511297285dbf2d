import { randomUUID } from "node:crypto";
import { Cluster, type Redis } from "ioredis";
import { type Bus, type BusMessage, parseBusMessage } from "./bus.ts";
import { eraOf, parseBeat, publishersOf, sendBeat } from "./heartbeat.ts";
import { type LoopAwareTimeout, openLoopAwareTimeout } from "./loop-aware-timeout.ts";
import type { RedisClient } from "./redis-client.ts";

const HEARTBEAT_MS = 150;

/** Without a heartbeat for so long Redis counts as away. */
const AWAY_AFTER_MS = 500;

/** Without a heartbeat for so long, connections that look well are opened anew: the address may lead elsewhere by now. */
const REOPEN_AFTER_MS = 1_000;

/** Beats that are remembered until they come back: more than fit into {@link AWAY_AFTER_MS}. */
const REMEMBERED_BEATS = 16;

export interface RedisBusOptions {
  readonly commands: RedisClient;
  /** A connection of its own, which does nothing else. */
  readonly subscriber: Redis;
  readonly channel: string;
  readonly now: () => number;
  /** Told of each change. */
  readonly onState?: (state: "up" | "down") => void;
  /** Given Redis's answer to each heartbeat, to see how Redis does. */
  readonly onBeat?: (answer: Promise<unknown>, patience: LoopAwareTimeout) => void;
  /** Given each message that is invalid, or whose listener failed with `error`. */
  readonly onDropped?: (text: string, error?: unknown) => void;
}

export interface RedisBus extends Bus {
  /** Whether Redis has answered lately. */
  readonly isUp: () => boolean;
  /** Names the servers that the last heartbeat came by; another name means that they may have lost writes. */
  readonly era: () => string;
  /** This process's estimate of other processes' delays. */
  readonly patience: LoopAwareTimeout;
  readonly close: () => void;
}

/** A beat that was sent: epoch milliseconds, by how many nodes, and how deaf the process had been. */
interface SentBeat {
  readonly sentAt: number;
  readonly parts: number;
  readonly deaf: number;
  /** The replication ids of the nodes by which it has come back. */
  readonly ids: string[];
}

/**
 * A bus over Redis pub/sub that knows what it has heard. Each process sends itself heartbeats through Redis:
 * one comes back on the same connection as the other processes' messages and in order with them, so once it
 * is here (in a cluster: by way of every node), everything said before it was sent has been heard. Messages
 * are untrusted: invalid ones are dropped, and a listener that throws makes a gap.
 */
export const openRedisBus = (options: RedisBusOptions): RedisBus => {
  const { commands, subscriber, channel, now, onState, onBeat, onDropped } = options;
  const patience = openLoopAwareTimeout();
  const heartbeats = `${channel}:${randomUUID()}`;
  const listeners: ((message: BusMessage) => void)[] = [];
  const gapListeners: (() => void)[] = [];
  const sent = new Map<number, SentBeat>();
  let beats = 0;
  let lastHeard = 0;
  let heard = 0;
  let deafWhenSent = 0;
  let era = "";
  let mayHaveMissed = true;
  let state: "up" | "down" = "down";
  let reopenedAt = now();

  const isRecent = (sentAt: number, deaf: number): boolean =>
    now() - sentAt - (patience.deaf() - deaf) < AWAY_AFTER_MS;
  const isUp = (): boolean => isRecent(heard, deafWhenSent);

  const setState = (next: "up" | "down"): void => {
    if (state === next) return;
    state = next;
    onState?.(next);
  };

  const hear = (text: string): void => {
    const { beat = 0, replicationId = "" } = parseBeat(text) ?? {};
    const known = sent.get(beat);
    if (!known) {
      if (beat === 0 || beat > beats) onDropped?.(text);
      return;
    }
    known.ids.push(replicationId);
    if (known.ids.length < known.parts) return;
    for (const older of sent.keys()) if (older <= beat) sent.delete(older);
    const from = eraOf(known.ids);
    // A beat that was lost may have been lost in company; another server may lack what the one before it had.
    const isGap = mayHaveMissed || !isUp() || beat !== lastHeard + 1 || from !== era;
    era = from;
    if (isGap) for (const listener of gapListeners) listener();
    mayHaveMissed = false;
    lastHeard = beat;
    [heard, deafWhenSent] = [known.sentAt, known.deaf];
    if (isUp()) setState("up");
  };

  const deliver = (text: string): void => {
    const message = parseBusMessage(text);
    if (message) for (const listener of listeners) listener(message);
    else onDropped?.(text);
  };

  subscriber.on("message", (from: string, text: string) => {
    try {
      if (from === heartbeats) hear(text);
      else deliver(text);
    } catch (error) {
      // To a listener that failed the message is lost.
      mayHaveMissed = true;
      onDropped?.(text, error);
    }
  });
  subscriber.on("close", () => {
    mayHaveMissed = true;
  });

  /** Opens the connections anew, wherever the address leads by now. */
  const reopen = (): void => {
    if (now() - Math.max(reopenedAt, heard) < REOPEN_AFTER_MS) return;
    reopenedAt = now();
    // A cluster finds its nodes again by itself, once it asks.
    if (commands instanceof Cluster) commands.refreshSlotsCache();
    else if (commands.status === "ready") commands.disconnect(true);
    if (subscriber.status === "ready") subscriber.disconnect(true);
  };

  const beat = (): void => {
    if (!isUp()) {
      setState("down");
      reopen();
    }
    const publishers = publishersOf(commands);
    beats += 1;
    const number = beats;
    sent.set(number, { sentAt: now(), parts: publishers.length, deaf: patience.deaf(), ids: [] });
    sent.delete(number - REMEMBERED_BEATS);
    const isAlone = !(commands instanceof Cluster);
    const send = (publisher: RedisClient) =>
      sendBeat(publisher, { channel: heartbeats, beat: number, isAlone });
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
    era: () => era,
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
