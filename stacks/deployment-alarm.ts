import { loadBalancerDoor, windowQueries } from "./burn-rates.ts";
import { named } from "./stage.ts";

/** Percent of a minute's requests, far above what the error budget allows for, so that noise stops no deployment. */
const FAILED_PERCENT = 5;

/**
 * ECS rolls a deployment back when this alarm goes off while it runs, or shortly after (ECS Developer Guide, "How
 * CloudWatch alarms detect Amazon ECS deployment failures"). An alarm that is on already when a deployment starts is not
 * looked at: a repair is not stopped by the trouble that it is for. It notifies nobody; the burn rates do.
 */
export const failDeploymentOn = (loadBalancer: aws.lb.LoadBalancer) => {
  const alarm = new aws.cloudwatch.MetricAlarm("DeploymentFailsAlarm", {
    name: named("DeploymentFails"),
    alarmDescription: `More than ${FAILED_PERCENT} % of requests end with a 5xx: a deployment that is going on is rolled back.`,
    metricQueries: loadBalancer.arnSuffix.apply((name) =>
      windowQueries(loadBalancerDoor(name), "availability", 1),
    ),
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    threshold: FAILED_PERCENT,
    comparisonOperator: "GreaterThanThreshold",
    treatMissingData: "notBreaching",
  });
  return { enable: true, rollback: true, alarmNames: [alarm.name] };
};
