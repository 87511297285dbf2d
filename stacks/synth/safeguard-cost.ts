import type { CostLine } from "./cost-line.ts";
import { PRICES } from "./prices.ts";
import type { Synthesis } from "./synthesis.ts";

/** Cost of the firewall and the backups that a stage's settings ask for, in US dollars a month. */
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
  return [...firewalls, ...(areKept ? [backups] : [])];
};
