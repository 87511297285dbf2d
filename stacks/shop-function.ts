import { statementsOf, tableLinks } from "./access.ts";
import { functionEnvironment, shopEnvironment } from "./environment.ts";
import { payment } from "./payment.ts";
import type { Principal } from "./permissions.ts";
import { metricsNamespace, release, settings, sizes } from "./stage.ts";
import { TRACING_STATEMENTS, tracingEnvironment } from "./tracing.ts";

interface ShopFunction extends Pick<sst.aws.FunctionArgs, "vpc"> {
  readonly principal: Principal;
  readonly handler: string;
  readonly timeout: sst.aws.FunctionArgs["timeout"];
  /** Beside those of the principal. */
  readonly permissions?: { actions: string[]; resources: $util.Input<string>[] }[];
  /** Whether it charges; no other function gets the processor's secrets. */
  readonly charges: boolean;
  /** Packages that it reads at run time, and that are shipped along. */
  readonly packages?: readonly string[];
  /** Settings of its access control; absent for a function that AWS alone calls. */
  readonly access?: Readonly<Record<string, $util.Input<string>>>;
  /** How it reaches Redis, as the shop reads it; without, it works on the tables alone. */
  readonly cache?: { readonly link: $util.Input<string>; readonly isCluster: boolean };
}

/** Megabytes; a function's share of a core grows with them, to a whole one at 1,769. */
const MEMORY_MB = 1_024;

/**
 * Lambda alone takes the role on. SST would let the whole account do so in every stage, for it takes a promise of
 * its `dev` for a yes; only in `sst dev` does it have to, where the developer's machine works under that role.
 */
const trust = $dev
  ? {}
  : { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) };

/** With AWS's collector, for functions: without it, their spans would go nowhere. */
const layer = settings.tracing?.layer;

/** A handler of the shop as a function of Lambda. */
export const shopFunction = (options: ShopFunction) => {
  const { principal, permissions = [], access, cache, charges, packages = [], ...rest } = options;
  return {
    ...rest,
    nodejs: nodejs(packages, charges),
    runtime: "nodejs24.x" as const,
    architecture: "arm64" as const,
    memory: `${MEMORY_MB} MB` as const,
    logging: { retention: sizes.logRetention },
    link: tableLinks,
    permissions: [...statementsOf(principal), ...permissions, ...(layer ? TRACING_STATEMENTS : [])],
    layers: layer ? [layer] : [],
    environment: {
      ...shopEnvironment(sizes, cache?.isCluster ?? false),
      ...functionEnvironment(MEMORY_MB, cache ? "redis" : "off"),
      METRICS_NAMESPACE: metricsNamespace,
      RELEASE: release,
      ...(charges && payment),
      ...access,
      ...(layer && tracingEnvironment(settings)),
      ...(cache && { SST_RESOURCE_Cache: cache.link }),
    },
    transform: { role: trust },
  };
};

/** Stripe's package is larger than all the rest of a function, so only functions that charge by it ship it. */
const nodejs = (packages: readonly string[], charges: boolean): sst.aws.FunctionArgs["nodejs"] => {
  const isStripe = charges && settings.stripe !== undefined;
  const install = [...packages, ...(isStripe ? ["stripe"] : [])];
  return {
    ...(install.length > 0 && { install }),
    ...(!isStripe && { esbuild: { external: ["stripe"] } }),
  };
};
