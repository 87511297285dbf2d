import { leastTasks, saleNotice, saleSteps } from "./sale.ts";
import { named, settings } from "./stage.ts";

const now = new Date();

const notice = saleNotice(settings.sale, now);
if (notice) console.log(notice);

export const scalingLimits = { min: leastTasks(settings.tasks, settings.sale, now), max: settings.tasks.max };

/** Application Auto Scaling keeps more tasks from before a sale until after it. */
export const scheduleSale = ({
  resourceId,
  scalableDimension,
  serviceNamespace,
}: aws.appautoscaling.Target): void => {
  for (const { name, schedule, min, max } of saleSteps(settings.tasks, settings.sale, now)) {
    new aws.appautoscaling.ScheduledAction(`Sale${name}`, {
      name: named(`Sale-${name}`),
      resourceId,
      scalableDimension,
      serviceNamespace,
      schedule,
      scalableTargetAction: { minCapacity: min, maxCapacity: max },
    });
  }
};
