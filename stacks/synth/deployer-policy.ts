import { GRANTS } from "./deployer-grants.ts";
import type { Grant } from "./grant.ts";
import { roleGrants } from "./role-grants.ts";
import { GRANTS_OF_SHARED_REDIS, GRANTS_OF_SST } from "./sst-grants.ts";
import type { Synthesis } from "./synthesis.ts";

/** Nothing at AWS comes of these. */
const LOCAL = ["docker-build", "random"];

const order = (value: string | readonly string[]) => (typeof value === "string" ? value : value.toSorted());

/** One statement for all that has the same resources and conditions: a policy's length is limited. */
const merged = (grants: readonly Grant[]): Grant[] =>
  [...Map.groupBy(grants, ({ actions: _, ...rest }) => JSON.stringify(rest)).values()].map((same) => ({
    ...(same[0] as Grant),
    actions: [...new Set(same.flatMap(({ actions }) => actions))],
  }));

/** The boundary of all roles; undefined where any of them has none, or they differ. */
const boundaryOf = (syntheses: readonly Synthesis[]): string | undefined => {
  const roles = syntheses.flatMap(({ resources }) =>
    resources.filter(({ type }) => type === "aws:iam/role:Role"),
  );
  const [boundary, ...others] = new Set(roles.map(({ inputs }) => inputs.permissionsBoundary));
  return others.length === 0 && typeof boundary === "string" ? boundary : undefined;
};

/**
 * The IAM policy of a role that deploys some stages. It keeps the role to their resources wherever those have names, but
 * is no wall between stages: without a permissions boundary, the role writes the policies of roles that it may pass to its
 * own functions and tasks, and through them reaches all of its account. Stages that strangers' code deploys belong in an
 * account of their own.
 *
 * @param stages name of the stage, or a pattern of names such as `pr-*`
 * @param syntheses all that it deploys
 * @throws Error for a resource whose service has no grants here
 */
export const deployerPolicy = (app: string, stages: string, syntheses: readonly Synthesis[]) => {
  const types = syntheses.flatMap(({ resources }) => resources).filter(({ isCustom }) => isCustom);
  const grantsOf: Readonly<Record<string, readonly Grant[]>> = {
    ...GRANTS,
    iam: roleGrants(boundaryOf(syntheses)),
  };
  const services = new Set<string>();
  for (const { type } of types) {
    const [provider = "", module = ""] = type.split(":");
    const service = module.split("/")[0] ?? "";
    if (LOCAL.includes(provider)) continue;
    if (!grantsOf[service]) throw new Error(`No grants are noted for ${type}`);
    services.add(service);
  }
  const grants = [
    ...[...services].toSorted().flatMap((service) => grantsOf[service] ?? []),
    ...(services.has("elasticache") ? [] : GRANTS_OF_SHARED_REDIS),
  ];
  // SST cuts the app's name off where AWS has no room for it.
  const filled = (text: string): string =>
    text
      .replace("NAME", `${app.charAt(0)}*-${stages}-*`)
      .replace("APP", app)
      .replace("STAGE", stages);
  const Statement = merged([...grants, ...GRANTS_OF_SST]).map(({ actions, resources, condition }) => ({
    Effect: "Allow",
    Action: order(actions),
    Resource: resources.map(filled),
    ...(condition && { Condition: JSON.parse(filled(JSON.stringify(condition))) }),
  }));
  return { Version: "2012-10-17", Statement };
};
