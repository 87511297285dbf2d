import { METRIC_NAMESPACE } from "../core/telemetry/metrics.ts";
import { checkedOut } from "./release.ts";
import { readSettings } from "./settings.ts";
import { SIZES } from "./sizes.ts";
import { keptSettings } from "./stage-parameters.ts";
import { requireWayOut } from "./way-out.ts";

/** The settings of the stage being deployed. */
export const settings = readSettings($app.stage, process.env, await keptSettings($app.name, $app.stage));
if (!$dev) await requireWayOut(settings);

export const sizes = SIZES[settings.kind];
export const isProduction = settings.kind === "production";

/** Names what SST does not name: unique in an account that has several stages. */
export const named = (name: string): string => `${$app.name}-${$app.stage}-${name}`;

/** The commit that is deployed, for `npm run deployed` to compare. */
export const release = checkedOut($cli.paths.root);

/** Stages share an account, and a metric's dimensions do not tell them apart. */
export const metricsNamespace = `${METRIC_NAMESPACE}/${$app.stage}`;
