import { named, settings } from "./stage.ts";

/** AWS evaluates the rate every few seconds over this window (AWS WAF Developer Guide, "Rate-based rule statements"). */
const WINDOW_SECONDS = 60;

const visible = (metricName: string) => ({
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
  metricName,
});

/** As the shop itself answers a client above its limit; a firewall's own answer would be a 403. */
const tooMany = {
  block: {
    customResponse: {
      responseCode: 429,
      responseHeaders: [{ name: "Retry-After", value: `${WINDOW_SECONDS}` }],
    },
  },
};

/** The shop has its own limit for bodies; this rule's of 8 KB would refuse a product with many details. */
const LEFT_TO_THE_SHOP = ["SizeRestrictions_BODY"];

/**
 * A firewall in front of the load balancer: a rate rule by address, then AWS's common rule set (AWS WAF Developer Guide, "Core
 * rule set (CRS) managed rule group"). In `count` mode both let everything pass and only count what they match.
 */
export const protectByWaf = ({ arn }: aws.lb.LoadBalancer): void => {
  const { waf } = settings;
  if (!waf) return;
  const isBlocking = waf.mode === "block";
  const { arn: webAclArn } = new aws.wafv2.WebAcl("Waf", {
    name: named("Waf"),
    scope: "REGIONAL",
    defaultAction: { allow: {} },
    visibilityConfig: visible(named("Waf")),
    rules: [
      {
        name: "Rate",
        priority: 0,
        action: isBlocking ? tooMany : { count: {} },
        statement: {
          rateBasedStatement: {
            aggregateKeyType: "IP",
            limit: waf.rate,
            evaluationWindowSec: WINDOW_SECONDS,
          },
        },
        visibilityConfig: visible("Rate"),
      },
      {
        name: "Common",
        priority: 1,
        overrideAction: isBlocking ? { none: {} } : { count: {} },
        statement: {
          managedRuleGroupStatement: {
            vendorName: "AWS",
            name: "AWSManagedRulesCommonRuleSet",
            ruleActionOverrides: LEFT_TO_THE_SHOP.map((name) => ({ name, actionToUse: { count: {} } })),
          },
        },
        visibilityConfig: visible("Common"),
      },
    ],
  });
  new aws.wafv2.WebAclAssociation("WafAssociation", { resourceArn: arn, webAclArn });
};
