import { randomUUID } from "node:crypto";
import { NOBODY } from "../../core/access/identity.ts";
import { currentRequest } from "../../core/request-scope.ts";
import type { Shop } from "../../core/shop.ts";
import { METRIC_SERVICE } from "../../core/telemetry/metrics.ts";
import { errorCodeOf } from "./error-result.ts";

export interface AuditedAction {
  /** Such as `stock.set`. */
  readonly action: string;
  readonly target: string;
  /** Shows what the action changes; called before and after it. */
  readonly look: () => unknown;
}

/** State that an action changes, as far as it can be read: a failed look must not hide that the action was done. */
const seenBy = async (look: AuditedAction["look"]): Promise<unknown> => {
  try {
    return (await look()) ?? null;
  } catch (error) {
    const code = errorCodeOf(error);
    return code.endsWith("_NOT_FOUND") ? null : { unknown: code };
  }
};

/**
 * Runs an administrator's action and writes a line to the audit trail, whatever the log level: actor, action, and the
 * state before and after. The line has an id of its own: callers choose the request's id, so it proves nothing.
 * An open shop has no trail, because it knows no names.
 */
export const audited = async <T>(
  shop: Shop,
  { action, target, look }: AuditedAction,
  act: () => Promise<T>,
): Promise<T> => {
  if (shop.access.isOpen) return act();
  const before = await seenBy(look);
  const note = (outcome: Record<string, unknown>): void => {
    const { kind, subject } = currentRequest()?.identity ?? NOBODY;
    const line = {
      timestamp: new Date(shop.now()).toISOString(),
      level: "INFO",
      message: "audit",
      service: METRIC_SERVICE,
      audit_id: randomUUID(),
      actor: `${kind}:${subject}`,
      action,
      target,
      before,
      ...outcome,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
  let result: T;
  try {
    result = await act();
  } catch (error) {
    note({ failed: errorCodeOf(error) });
    throw error;
  }
  note({ after: await seenBy(look) });
  return result;
};
