import { Cluster, Redis, type RedisOptions } from "ioredis";

export interface RedisSettings {
  /** `redis://` or, with TLS, `rediss://`; user and password in it where Redis asks for them. */
  readonly url: string;
  /** Whether the URL is an entry point of a Redis Cluster, as ElastiCache is by default. */
  readonly cluster: boolean;
  /** Milliseconds after which a command counts as unanswered. */
  readonly commandTimeout: number;
}

export type RedisClient = Redis | Cluster;

const MAX_RECONNECT_PAUSE_MS = 250;

/** Ever again, after a short pause with jitter: a cache that returns should be used at once. */
const reconnectPause = (attempt: number): number =>
  Math.min(MAX_RECONNECT_PAUSE_MS, 25 * 2 ** attempt) * (0.5 + Math.random() / 2);

/**
 * Opens a client for which Redis is an extra: commands are never queued while it is away, nor retried more
 * than once, nor waited for beyond the timeout; connecting goes on in the background.
 */
export const openRedis = ({ url, cluster, commandTimeout }: RedisSettings): RedisClient => {
  const { hostname, port, username, password, protocol, pathname } = new URL(url);
  const options: RedisOptions = {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(protocol === "rediss:" && { tls: {} }),
    commandTimeout,
    connectTimeout: 1_000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    autoResubscribe: false,
    noDelay: true,
    keepAlive: 10_000,
  };
  const address = { host: hostname, port: Number(port || 6379) };
  const client = cluster
    ? new Cluster([address], {
        redisOptions: options,
        enableOfflineQueue: false,
        enableAutoPipelining: true,
        clusterRetryStrategy: reconnectPause,
        // The nodes' certificates name hosts, so the hosts must not be resolved to addresses first.
        dnsLookup: (host, done) => done(null, host),
      })
    : new Redis({
        ...options,
        ...address,
        db: Number(pathname.slice(1) || 0),
        retryStrategy: reconnectPause,
      });
  // The link says when Redis is away; a client without a listener would end the process.
  client.on("error", () => undefined);
  return client;
};
