import { openRetryBudget, type RetryBudget, type RetryBudgetSettings } from "../resilience/retry-budget.ts";
import type { DocumentCommand } from "./client.ts";

/** In place of a table's name: transactions and batches lead to several, any of which may be the one in trouble. */
const SEVERAL = "";

const tableOf = ({ input }: DocumentCommand): string => {
  const { TableName, RequestItems } = input as { TableName?: string; RequestItems?: object };
  if (TableName !== undefined) return TableName;
  const [table = SEVERAL, ...others] = Object.keys(RequestItems ?? {});
  return others.length === 0 ? table : SEVERAL;
};

/**
 * A retry budget for each table, and one for calls of several. Most throttling is of one table: with one budget for all, a
 * hot table would leave the calls to every other one without retries.
 */
export const openRetryBudgets = (settings: RetryBudgetSettings) => {
  const budgets = new Map<string, RetryBudget>();
  return {
    of(command: DocumentCommand): RetryBudget {
      const table = tableOf(command);
      const known = budgets.get(table);
      if (known) return known;
      const budget = openRetryBudget(settings);
      budgets.set(table, budget);
      return budget;
    },
  };
};
