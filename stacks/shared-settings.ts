import type { SettingsReader } from "./settings-reader.ts";
import type { StageKind } from "./stage-name.ts";

export interface Shared {
  readonly vpc: string;
  readonly redis: string;
}

const VPC = /^vpc-[0-9a-f]{8,17}$/;
const REPLICATION_GROUP = /^[a-z](-?[a-z0-9]){0,39}$/;

/** A stage deploys both, or uses both of another: Redis admits its own network only. */
export const readShared = (
  reader: SettingsReader,
  kind: StageKind,
  redis: "single" | "cluster",
): Shared | undefined => {
  const names = ["STAMPEDE_SHARED_VPC", "STAMPEDE_SHARED_REDIS"] as const;
  const vpc = reader.matching(names[0], VPC, "the id of a VPC, such as vpc-0d19d2b8ca2b268a1");
  const group = reader.matching(names[1], REPLICATION_GROUP, "the id of a replication group of ElastiCache");
  reader.together(names);
  if (!vpc || !group) return undefined;
  if (kind === "production")
    reader.report(`production can't use another stage's network: unset ${names.join(" and ")}`);
  if (redis === "cluster")
    reader.report(`STAMPEDE_REDIS=cluster needs a Redis of its own: unset ${names.join(" and ")}`);
  return { vpc, redis: group };
};
