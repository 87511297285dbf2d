import { vpc } from "./network.ts";
import { settings, sizes } from "./stage.ts";

const isCluster = settings.redis === "cluster";
const { instance, replicas } = sizes.redis;

/** With replicas a zone may fail: one of them takes over within seconds, and the shop reads on meanwhile. */
const replication = isCluster
  ? { replicasPerNodeGroup: replicas, multiAzEnabled: replicas > 0 }
  : { numCacheClusters: 1 + replicas, automaticFailoverEnabled: replicas > 0, multiAzEnabled: replicas > 0 };

const deploy = () => {
  const redis = new sst.aws.Redis("Cache", {
    vpc,
    instance,
    cluster: isCluster && { nodes: 2 },
    // It is a cache: what was read longest ago makes room.
    parameters: { "maxmemory-policy": "allkeys-lru" },
    transform: { cluster: replication },
  });
  const { host, port, username, password } = redis;
  const link = $jsonStringify({ host, port, username, password });
  const secret = new aws.secretsmanager.Secret("CacheLink", {
    namePrefix: `${$app.name}-${$app.stage}-CacheLink-`,
    description: "How the shop reaches its Redis",
    recoveryWindowInDays: 0,
  });
  const version = new aws.secretsmanager.SecretVersion("CacheLinkVersion", {
    secretId: secret.id,
    secretString: link,
  });
  /** Of the secret, once it has a value. */
  const secretArn = $resolve([secret.arn, version.id]).apply(([arn]) => arn);
  return { redis, link, secretArn, isCluster };
};

/** None in `sst dev`: the launcher starts a Redis of the developer's own. */
export const cache = $dev ? undefined : deploy();
