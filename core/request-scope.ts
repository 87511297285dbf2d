import { AsyncLocalStorage } from "node:async_hooks";
import type { Identity } from "./access/identity.ts";
import type { Priority } from "./resilience/priorities.ts";

/**
 * State shared by every call made for one request: the id on its log lines, and the signal that aborts
 * outgoing calls at the deadline.
 */
export interface RequestScope {
  readonly requestId: string;
  /** Of the trace that the request belongs to, if that is kept. */
  readonly traceId?: string | undefined;
  /** `performance.now()` at the request's arrival. */
  readonly arrivedAt?: number;
  /** Absent for what no customer waits for. */
  readonly priority?: Priority;
  /** `performance.now()` when the request was there in full: from then on its waiting is ours. */
  readonly readyAt?: number;
  /** On whose behalf it is made. Absent where everything is open to everybody, and for work that nobody asked for. */
  identity?: Identity;
  signal?: AbortSignal;
  /** Milliseconds for which calls wait for items in other transactions; the storage's own choice when absent. */
  readonly conflictPatience?: number;
  /** Whether storage has been called: from then on something may have been written. */
  hasAskedStorage?: boolean;
}

const storage = new AsyncLocalStorage<RequestScope>();

export const runInRequestScope = <T>(scope: RequestScope, work: () => T): T => storage.run(scope, work);

export const currentRequest = (): RequestScope | undefined => storage.getStore();
