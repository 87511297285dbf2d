import { randomUUID } from "node:crypto";
import { NOBODY } from "../../core/access/identity.ts";
import { isDomainError } from "../../core/errors.ts";
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

/**
 * Does what only an administrator may do, and leaves a line in the audit trail, whatever the log level: actor, action, and
 * the state before and after. Its id is its own: the caller chooses the request's, and could join other lines to it.
 * An open shop has no trail, for it knows nobody's name.
 */
export const audited = async <T>(
  shop: Shop,
  { action, target, look }: AuditedAction,
  act: () => Promise<T>,
): Promise<T> => {
  if (shop.access.isOpen) return act();
  const seen = async (): Promise<unknown> => {
    try {
      return (await look()) ?? null;
    } catch (error) {
      if (isDomainError(error)) return null;
      throw error;
    }
  };
  const before = await seen();
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
  try {
    const result = await act();
    note({ after: await seen() });
    return result;
  } catch (error) {
    note({ failed: errorCodeOf(error) });
    throw error;
  }
};
