import type { ComponentChildren } from "preact";
import type { Failure } from "./shop.ts";

export const Notice = ({ kind, children }: { kind: "bad" | "warn" | "ok"; children: ComponentChildren }) => (
  <div class={`notice ${kind}`} role={kind === "ok" ? "status" : "alert"}>
    {children}
  </div>
);

/** A failure as a person needs it, with another attempt where that may help. */
export const FailureNotice = ({ failure, again }: { failure: Failure; again?: () => void }) => (
  <Notice kind="bad">
    <p>{failure.message}</p>
    {again && (
      <button type="button" class="button" onClick={again}>
        Try again
      </button>
    )}
  </Notice>
);
