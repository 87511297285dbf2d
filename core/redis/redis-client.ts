import { Cluster, Redis, type RedisOptions, ReplyError } from "ioredis";

export interface RedisSettings {
  /**
   * `redis://` or, with TLS, `rediss://`; user and password in it where Redis asks for them. A certificate of
   * a private authority is trusted by the runtime's own `NODE_EXTRA_CA_CERTS`.
   */
  readonly url: string;
  /** Whether the URL is an entry point of a Redis Cluster, as ElastiCache is by default. */
  readonly cluster: boolean;
  /** Milliseconds that a reader or a writer waits for Redis at the most. */
  readonly commandTimeout: number;
}

export type RedisClient = Redis | Cluster;

/** Makes a call to Redis behind its circuit, and gives it up after the time limit of a command. */
export type AskRedis = <T>(call: () => Promise<T>) => Promise<T>;

/** Well below the 300 ms within which a returning Redis is to be used again. */
const MAX_RECONNECT_PAUSE_MS = 100;

/** Short, so that an attempt made while Redis was still away does not hold up the one that succeeds. */
const CONNECT_TIMEOUT_MS = 500;

/** A connection on which nothing comes back for so long is opened anew: a vanished host never says that it is gone. */
const SOCKET_TIMEOUT_MS = 1_000;

/** Ends commands for good. A caller gives up long before, and measures better (see loop-aware-timeout.ts). */
const LAST_TIMEOUT_MS = 1_000;

/** How long a connection that is given up may take to close. */
const DISCONNECT_TIMEOUT_MS = 50;

const isReply = (error: unknown): error is Error => error instanceof ReplyError;

/** Replies of a server that cannot do its work now: it was demoted, is loading, lost its disk or its replicas, … */
const UNABLE = /\b(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|NOREPLICAS|BUSY)\b/;

/** Whether an error says that Redis is in trouble. Any other refusal is an answer, and comes at once. */
export const isRedisFailure = (error: unknown): boolean => !isReply(error) || UNABLE.test(error.message);

/** Whether a key holds another type of data than the command is for. */
export const isWrongType = (error: unknown): boolean =>
  isReply(error) && error.message.startsWith("WRONGTYPE");

/** Ever again, after a short pause with jitter: a cache that returns should be used at once. */
const reconnectPause = (attempt: number): number =>
  Math.min(MAX_RECONNECT_PAUSE_MS, 25 * 2 ** attempt) * (0.5 + Math.random() / 2);

/**
 * Opens a client for which Redis is an extra: commands are never queued while it is away, nor retried more
 * than once; connecting goes on in the background.
 */
export const openRedis = (settings: RedisSettings): RedisClient =>
  settings.cluster ? openCluster(settings) : openSingle(settings);

/**
 * Opens a connection that subscribes. A plain one even to a cluster, where every node passes on what is
 * published at any: the cluster client changes the node that it listens to without saying so.
 */
export const openSubscriber = (settings: RedisSettings): Redis => openSingle(settings);

const openSingle = (settings: RedisSettings): Redis => {
  const db = Number(new URL(settings.url).pathname.slice(1) || 0);
  const address = addressOf(settings);
  return heedless(new Redis({ ...optionsOf(settings), ...address, db, retryStrategy: reconnectPause }));
};

const openCluster = (settings: RedisSettings): Cluster => {
  const options = {
    redisOptions: optionsOf(settings),
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    clusterRetryStrategy: reconnectPause,
    // The nodes' certificates name hosts, so the hosts must not be resolved to addresses first.
    dnsLookup: (host: string, done: (error: null, address: string) => void) => done(null, host),
  };
  return heedless(new Cluster([addressOf(settings)], options));
};

const addressOf = ({ url }: RedisSettings) => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 6379) };
};

const optionsOf = ({ url }: RedisSettings): RedisOptions => {
  const { username, password, protocol } = new URL(url);
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(protocol === "rediss:" && { tls: {} }),
    commandTimeout: LAST_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    // Reads many keys already: waiting for other commands, and for their answers, would only delay it.
    autoPipeliningIgnoredCommands: ["mget"],
    autoResubscribe: false,
    noDelay: true,
    keepAlive: 10_000,
  };
};

/** The bus tells when Redis is away; a client without a listener would end the process. */
const heedless = <Client extends RedisClient>(client: Client): Client => {
  client.on("error", () => undefined);
  return client;
};
