import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { asksForRecords, withoutRecords } from "./drop-records.ts";
import { type Armed, type Chaos, FAULT_KINDS, type FaultKind } from "./proxy-faults.ts";

/** One request and its answer. */
interface Exchange {
  request: string;
  fault: FaultKind | undefined;
  isAnswered: boolean;
  /** The part that has arrived of an answer that is to lose records. */
  held?: Buffer;
}

const LOOPBACK = "127.0.0.1";

/** Passes the bytes of one connection on, with the faults in force. @returns the connection behind the proxy */
export const pump = (client: Socket, port: number, chaos: Chaos): Socket => {
  const upstream = connect(port, LOOPBACK);
  client.setNoDelay(true);
  upstream.setNoDelay(true);
  let exchange: Exchange | undefined;
  // In a chain, so that delays never reorder bytes.
  let toUpstream: Promise<unknown> = Promise.resolve();
  let toClient: Promise<unknown> = Promise.resolve();
  const cut = (): void => {
    client.resetAndDestroy();
    upstream.destroy();
  };

  client.on("data", (chunk: Buffer) => {
    if (!exchange || exchange.isAnswered) {
      exchange = { request: "", fault: draw(chaos), isAnswered: false };
      chaos.counts.requests += 1;
    }
    exchange.request += chunk.toString("latin1");
    if (exchange.fault === "reset") {
      chaos.counts.reset += 1;
      return cut();
    }
    const { latencyMs } = chaos.settings;
    toUpstream = toUpstream.then(async () => {
      if (latencyMs > 0) await sleep(latencyMs);
      if (!upstream.destroyed) upstream.write(chunk);
    });
  });

  upstream.on("data", (arrived: Buffer) => {
    const begun = exchange;
    const chunk = begun ? withoutDropped(chaos, begun, arrived) : arrived;
    if (!chunk) return;
    const isFirst = begun !== undefined && !begun.isAnswered;
    if (isFirst) {
      begun.isAnswered = true;
      chaos.requests?.push(begun.request);
      const armed = armedFor(chaos, begun.request);
      begun.fault = armed?.kind ?? begun.fault;
      if (begun.fault) chaos.counts[begun.fault] += 1;
      if (armed) toClient = toClient.then(armed.meanwhile);
    }
    const fault = isFirst ? begun.fault : undefined;
    if (fault === "cut") {
      toClient = toClient.then(cut);
      return;
    }
    const { stallMs } = chaos.settings;
    toClient = toClient.then(async () => {
      if (fault === "stall") await sleep(stallMs);
      if (client.destroyed) return;
      if (fault !== "half" && fault !== "hangup") return client.write(chunk);
      client.end(chunk.subarray(0, fault === "half" ? Math.ceil(chunk.length / 2) : 0));
      upstream.destroy();
    });
  });

  // Bytes that a client sent before it went away still arrive, as they may on a network.
  client.on("close", () => void toUpstream.then(() => upstream.end()));
  upstream.on("close", () => void toClient.then(() => client.end()));
  client.on("error", () => undefined);
  upstream.on("error", () => void toClient.then(() => client.resetAndDestroy()));
  return upstream;
};

/** Bytes to pass on by now: nothing before the whole of an answer is there that is to lose records. */
const withoutDropped = (chaos: Chaos, exchange: Exchange, arrived: Buffer): Buffer | undefined => {
  const { dropRecords } = chaos.settings;
  const isConcerned =
    exchange.held || (dropRecords > 0 && !exchange.isAnswered && asksForRecords(exchange.request));
  if (!isConcerned) return arrived;
  exchange.held = Buffer.concat([exchange.held ?? Buffer.alloc(0), arrived]);
  const answer = withoutRecords(exchange.held, () => {
    const isDropped = chaos.random() < dropRecords;
    if (isDropped) chaos.counts.droppedRecords += 1;
    return isDropped;
  });
  if (answer) delete exchange.held;
  return answer;
};

const draw = ({ random, settings }: Chaos): FaultKind | undefined => {
  let rest = random();
  return FAULT_KINDS.find((kind) => (rest -= settings[kind]) < 0);
};

const armedFor = ({ armed }: Chaos, request: string): Armed | undefined => {
  const index = armed.findIndex(({ pattern }) => pattern.test(request));
  return index < 0 ? undefined : armed.splice(index, 1)[0];
};
