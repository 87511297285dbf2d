import { keepSecret } from "./kept-secret.ts";
import { vpc } from "./network.ts";
import { settings, sizes } from "./stage.ts";

export const isCluster = settings.redis === "cluster" && !$dev;
const { instance, replicas } = sizes.redis;

/** With replicas a zone may fail: one of them takes over within seconds, and the shop reads on meanwhile. */
const replication = isCluster
  ? { replicasPerNodeGroup: replicas, multiAzEnabled: replicas > 0 }
  : { numCacheClusters: 1 + replicas, automaticFailoverEnabled: replicas > 0, multiAzEnabled: replicas > 0 };

/** Valkey is Redis's open twin, with the same commands, at four fifths of the price. */
const engineName = settings.redisEngine === "valkey" ? "Valkey" : "";

/**
 * In `sst dev` it is the developer's own. A name for each mode and engine, because AWS changes neither a parameter group's
 * `cluster-enabled` nor a group of many shards back to one, and SST replaces a group for another engine: under another name
 * the other kind is made beside it, the tasks are turned to it, and only then it goes. It is a cache, so nothing has to be moved.
 */
const ownRedis = () =>
  new sst.aws.Redis(`Cache${isCluster ? "Sharded" : ""}${engineName}`, {
    vpc,
    engine: settings.redisEngine,
    instance,
    cluster: isCluster && { nodes: 2 },
    // It is a cache: what was read longest ago makes room.
    parameters: { "maxmemory-policy": "allkeys-lru" },
    dev: { host: "localhost", port: 6379 },
    transform: { cluster: replication },
  });

/** Keys begin with the name of the stage's own table, so that stages can share it. */
export const redis = settings.shared ? sst.aws.Redis.get("Cache", settings.shared.redis) : ownRedis();

/** The properties of a link to it. */
const { host, port, username, password } = redis;
export const cacheLink = $jsonStringify({ host, port, username, password });

/** The link as a secret. SST's own link would put the password into the task definition, where many may read it. */
export const cacheSecret = $dev
  ? undefined
  : keepSecret("CacheLink", "How the shop reaches its Redis", cacheLink);
