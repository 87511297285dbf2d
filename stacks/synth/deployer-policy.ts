import { GRANTS, GRANTS_OF_SST } from "./deployer-grants.ts";
import type { Synthesis } from "./synthesis.ts";

/** Nothing at AWS comes of these. */
const LOCAL = ["docker-build", "random"];

const order = (value: string | readonly string[]) => (typeof value === "string" ? value : value.toSorted());

/**
 * The IAM policy of a role that may deploy some stages and nothing else.
 *
 * @param stages name of the stage, or a pattern of names such as `pr-*`
 * @param syntheses all that it deploys
 * @throws Error for a resource whose service has no grants here
 */
export const deployerPolicy = (app: string, stages: string, syntheses: readonly Synthesis[]) => {
  const types = syntheses.flatMap(({ resources }) => resources).filter(({ isCustom }) => isCustom);
  const services = new Set<string>();
  for (const { type } of types) {
    const [provider = "", module = ""] = type.split(":");
    const service = module.split("/")[0] ?? "";
    if (LOCAL.includes(provider)) continue;
    if (!GRANTS[service]) throw new Error(`No grants are noted for ${type}`);
    services.add(service);
  }
  const grants = [...services].toSorted().flatMap((service) => GRANTS[service] ?? []);
  // SST cuts the app's name off where AWS has no room for it.
  const filled = (text: string): string =>
    text
      .replace("NAME", `${app.charAt(0)}*-${stages}-*`)
      .replace("APP", app)
      .replace("STAGE", stages);
  const Statement = [...grants, ...GRANTS_OF_SST].map(({ actions, resources, condition }) => ({
    Effect: "Allow",
    Action: order(actions),
    Resource: resources.map(filled),
    ...(condition && { Condition: JSON.parse(filled(JSON.stringify(condition))) }),
  }));
  return { Version: "2012-10-17", Statement };
};
