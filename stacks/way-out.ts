import { type Settings, SettingsError } from "./settings.ts";

/** Functions reach Redis from private subnets, and from there neither Stripe nor the identity provider. */
export const needsWayOut = ({ api, stripe, identity }: Settings): boolean =>
  api === "functions" && Boolean(stripe ?? identity);

/** @throws SettingsError where another stage's network would leave the functions without one */
export const requireWayOut = async (settings: Settings): Promise<void> => {
  const { shared } = settings;
  if (!shared || !needsWayOut(settings)) return;
  const { ids } = await aws.ec2.getNatGateways({
    vpcId: shared.vpc,
    filters: [{ name: "state", values: ["available"] }],
  });
  if (ids.length > 0) return;
  throw new SettingsError([
    `STAMPEDE_API=functions can't reach ${settings.stripe ? "Stripe" : "the identity provider"} from ${shared.vpc}, which has no NAT ` +
      "gateway: use STAMPEDE_API=container, or share the network of a stage of functions that has one",
  ]);
};
