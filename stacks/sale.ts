import type { SettingsReader } from "./settings-reader.ts";

/** Tasks that a stage has at least and at most. */
export interface TaskRange {
  readonly min: number;
  readonly max: number;
}

/** A time for which more tasks are kept than traffic asks for: scaling by load would come minutes too late. */
export interface Sale {
  readonly start: Date;
  readonly end: Date;
  readonly tasks: number;
}

/** Targets that a target group takes (Elastic Load Balancing, "Quotas for your Application Load Balancers"). */
const MOST_TASKS = 1_000;

/**
 * Tasks are there this long before the doors open: what they need to start (docs/deploy.md has the steps), and then
 * some for the load balancer's new nodes, and for a person to look.
 */
const LEAD_MINUTES = 30;
const MINUTE_MS = 60_000;

const INSTANT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)`;
const INTERVAL = new RegExp(`^(${INSTANT})/(${INSTANT})$`);

export const readTasks = (reader: SettingsReader, fallback: TaskRange): TaskRange => {
  const given = reader.value("STAMPEDE_TASKS");
  if (!given) return fallback;
  const [, min = 0, max = 0] = (/^(\d{1,4})-(\d{1,4})$/.exec(given) ?? []).map(Number);
  if (min >= 1 && max >= min && max <= MOST_TASKS) return { min, max };
  reader.report(
    `STAMPEDE_TASKS must be the least and the greatest number of tasks, such as 2-16, from 1 to ${MOST_TASKS}, not "${given}"`,
  );
  return fallback;
};

export const readSale = (reader: SettingsReader, { min, max }: TaskRange): Sale | undefined => {
  reader.together(["STAMPEDE_SALE", "STAMPEDE_SALE_TASKS"]);
  const given = reader.value("STAMPEDE_SALE");
  const tasks = reader.wholeNumber("STAMPEDE_SALE_TASKS", { min: 1, max: MOST_TASKS });
  const [start, end] = (INTERVAL.exec(given ?? "") ?? []).slice(1).map((instant) => new Date(instant));
  const isInterval = start && end && Number.isFinite(+start) && Number.isFinite(+end);
  if (given && !isInterval) {
    reader.report(
      `STAMPEDE_SALE must be START/END with their time zone, such as 2026-11-27T18:00Z/2026-11-28T00:00Z, not "${given}"`,
    );
  }
  if (!isInterval || !tasks) return undefined;
  if (start >= end) reader.report(`STAMPEDE_SALE ends before it starts: "${given}"`);
  if (tasks < min || tasks > max) {
    reader.report(
      `STAMPEDE_SALE_TASKS=${tasks} is outside of the stage's ${min} to ${max} tasks: STAMPEDE_TASKS sets them`,
    );
  }
  if (tasks === max && min < max) {
    reader.report(
      `STAMPEDE_SALE_TASKS=${tasks} is as many as STAMPEDE_TASKS allows: scaling could add none in the sale, and the alarm ` +
        "TasksAtMaximum would be on throughout. Raise the greatest number in STAMPEDE_TASKS",
    );
  }
  return { start, end, tasks };
};

/** A line for who deploys, where a sale's settings have been left behind; undefined where there is nothing to say. */
export const saleNotice = (sale: Sale | undefined, now: Date): string | undefined =>
  sale && sale.end <= now
    ? `STAMPEDE_SALE ended at ${sale.end.toISOString()} and changes nothing any more: remove it and STAMPEDE_SALE_TASKS`
    : undefined;

/** Time from which the tasks of a sale are kept. */
export const warmUpStart = ({ start }: Sale): Date => new Date(+start - LEAD_MINUTES * MINUTE_MS);

/**
 * The least number of tasks now. While a sale is on it is the sale's: a deployment in the middle of one would
 * otherwise take the tasks away that its start has brought.
 */
export const leastTasks = ({ min }: TaskRange, sale: Sale | undefined, now: Date): number =>
  sale && now >= warmUpStart(sale) && now < sale.end ? sale.tasks : min;

/** Changes that a sale still has ahead, scheduled in UTC: Application Auto Scaling refuses a time that is past. */
export const saleSteps = (
  { min, max }: TaskRange,
  sale: Sale | undefined,
  now: Date,
): { name: "Start" | "End"; schedule: string; min: number; max: number }[] => {
  if (!sale) return [];
  const step = (name: "Start" | "End", at: Date, least: number) => ({
    name,
    at,
    schedule: `at(${at.toISOString().slice(0, 19)})`,
    min: least,
    max,
  });
  return [step("Start", warmUpStart(sale), sale.tasks), step("End", sale.end, min)]
    .filter(({ at }) => at > now)
    .map(({ at: _, ...rest }) => rest);
};
