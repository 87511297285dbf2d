/** A way to set up a shop. The other arms each leave a setting out, which shows what it earns. */
export interface ArmSetting {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
}

export const ALL: ArmSetting = { name: "all", environment: { RESILIENCE: "on" } };
export const ACCEPTING: ArmSetting = {
  name: "all, accept",
  environment: { RESILIENCE: "on", PAYMENT_OUTAGE: "accept" },
};
export const NOTHING: ArmSetting = { name: "nothing", environment: { RESILIENCE: "off" } };

/** The first is compared with the last. */
export const FULL_ARMS: readonly ArmSetting[] = [
  ALL,
  ACCEPTING,
  { name: "retries only", environment: { RESILIENCE: "retries" } },
  { name: "breakers only", environment: { RESILIENCE: "breakers" } },
  NOTHING,
];
export const QUICK_ARMS: readonly ArmSetting[] = [ALL, ACCEPTING, NOTHING];

/** Whether circuits of such a shop open at all. */
export const hasBreakers = ({ environment }: ArmSetting): boolean =>
  environment.RESILIENCE === "on" || environment.RESILIENCE === "breakers";
