import type { Action, LoadCredentials } from "./action-schema.ts";
import type { KeptMoment } from "./moment-log.ts";
import type { Refusal } from "./perform.ts";
import type { Reading } from "./reading.ts";

/** From the first server process to the second. */
export type ToSecond =
  | { readonly type: "moments"; readonly run: string; readonly moments: readonly KeptMoment[] }
  | { readonly type: "read" }
  | { readonly type: "performed"; readonly id: number; readonly refusal?: Refusal | undefined };

/** From the second to the first. */
export type ToFirst =
  | { readonly type: "join" }
  | { readonly type: "serving" }
  | { readonly type: "reading"; readonly reading: Reading }
  | {
      readonly type: "perform";
      readonly id: number;
      readonly action: Action;
      readonly credentials: LoadCredentials;
    };

/** A way between the two, which nobody else can use. A message to a process that is gone is lost. */
export interface Link<Out, In> {
  readonly send: (message: Out) => void;
  readonly onMessage: (listener: (message: In) => void) => void;
  /** Called once the other process is gone. */
  readonly onClosed: (listener: () => void) => void;
}

/** As far as `node:child_process` and `process` agree on it. */
interface ChannelEnd {
  readonly connected?: boolean;
  readonly send?: (message: object, done: () => void) => unknown;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "disconnect", listener: () => void): unknown;
}

export const linkOver = <Out extends object, In>(end: ChannelEnd): Link<Out, In> => ({
  send: (message) => {
    // Without a callback, a write that fails would be an error of the process itself.
    if (end.connected) end.send?.(message, () => undefined);
  },
  onMessage: (listener) => void end.on("message", (message) => listener(message as In)),
  onClosed: (listener) => void end.on("disconnect", listener),
});
