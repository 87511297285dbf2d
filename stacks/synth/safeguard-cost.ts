import type { CostLine } from "./cost-line.ts";
import { PRICES } from "./prices.ts";
import type { Synthesis } from "./synthesis.ts";

const lines = (count: number, what: string, assumption: string, month: number): CostLine[] =>
  count > 0 ? [{ what, assumption, month }] : [];

/** Cost of the firewall, the backups and the logs that a stage's settings ask for, in US dollars a month. */
export const safeguardCosts = ({ resources }: Synthesis): CostLine[] => {
  const inputsOf = (type: string) => resources.filter((one) => one.type === type).map(({ inputs }) => inputs);
  const { aclMonth, ruleMonth, million } = PRICES.waf;
  const firewalls = inputsOf("aws:wafv2/webAcl:WebAcl").map(({ rules }) => {
    const count = (rules as unknown[]).length;
    return {
      what: "Firewall",
      assumption: `${count} rules; and ${million} a million requests`,
      month: aclMonth + count * ruleMonth,
    };
  });
  const areKept = inputsOf("aws:dynamodb/table:Table").some(
    ({ pointInTimeRecovery }) => (pointInTimeRecovery as { enabled: boolean }).enabled,
  );
  const backups = { what: "Backups", assumption: "1 GB in the tables", month: PRICES.backupGbMonth };
  const logs = inputsOf("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").length;
  const flows = inputsOf("aws:ec2/flowLog:FlowLog").length;
  return [
    ...firewalls,
    ...(areKept ? [backups] : []),
    ...lines(logs - flows, "Access logs", "1 GB kept", PRICES.s3GbMonth),
    ...lines(flows, "Flow logs", "1 GB delivered and kept", PRICES.flowLogGb + PRICES.s3GbMonth),
  ];
};
