import { useState } from "preact/hooks";
import type { ProgramAction, ProgramName } from "../../live/action-schema.ts";
import { hasEffect } from "../../live/program-actions.ts";
import { fetchAsBearer } from "../ui/session.ts";
import { answerOf } from "../ui/shop.ts";
import { attempt } from "./attempt.ts";
import { Slider } from "./fault-control.tsx";
import { moments } from "./stream.ts";

/** Asks the launcher. @throws Failure */
export const ask = (action: object): Promise<unknown> =>
  answerOf(
    fetchAsBearer("/console/actions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(action),
    }).then(async (response) => {
      const body = await response.json().catch(() => undefined);
      return response.ok ? { data: body, response } : { error: body, response };
    }),
  );

const act = (program: ProgramName, action: ProgramAction) =>
  attempt(() => ask({ do: "program", program, action }));

const PROGRAMS = [
  ["redis", "Redis"],
  ["dynamodb", "DynamoDB"],
] as const;
const ACTIONS = ["kill", "stop", "freeze", "start"] as const;

export const ProgramControl = () => {
  const programs = moments.value.at(-1)?.world?.programs ?? {};
  return (
    <div class="programs">
      {PROGRAMS.filter(([program]) => program in programs).map(([program, name]) => (
        <fieldset key={program} class="choice">
          <legend>
            {name} process: {programs[program]}
          </legend>
          {ACTIONS.map((action) => (
            <button
              key={action}
              type="button"
              class="button small"
              disabled={!hasEffect(action, programs[program] ?? "down")}
              aria-label={`${action} ${name}`}
              onClick={() => act(program, action)}
            >
              {action}
            </button>
          ))}
        </fieldset>
      ))}
      <SecondControl />
    </div>
  );
};

/** Starts and stops the shop's second process, on the same port. */
const SecondControl = () => {
  const state = moments.value.at(-1)?.world?.programs.second;
  if (!state) return null;
  return (
    <fieldset class="choice">
      <legend>Second process: {state === "down" ? "none" : state}</legend>
      {state === "down" ? (
        <button type="button" class="button" onClick={() => act("second", "start")}>
          Start a second process
        </button>
      ) : (
        <>
          <button type="button" class="button" onClick={() => act("second", "stop")}>
            Stop the second process
          </button>
          <button
            type="button"
            class="button small"
            aria-label="kill the second process"
            onClick={() => act("second", "kill")}
          >
            kill
          </button>
          <button
            type="button"
            class="button small"
            disabled={!hasEffect(state === "frozen" ? "start" : "freeze", state)}
            aria-label={state === "frozen" ? "thaw the second process" : "freeze the second process"}
            onClick={() => act("second", state === "frozen" ? "start" : "freeze")}
          >
            {state === "frozen" ? "thaw" : "freeze"}
          </button>
        </>
      )}
    </fieldset>
  );
};

export const LoadControl = () => {
  const [readsPerSecond, setReads] = useState(200);
  const [shoppers, setShoppers] = useState(5);
  const [seconds, setSeconds] = useState(30);
  const [spike, setSpike] = useState(false);
  const [isHot, setHot] = useState(false);
  const running = moments.value.at(-1)?.world?.load;
  const left = running ? Math.max(0, Math.round((running.endsAt - Date.now()) / 1_000)) : 0;
  const load = { readsPerSecond, shoppers, seconds, spike, hotShare: isHot ? 0.9 : 0 };
  return (
    <form
      class="load"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(() => ask({ do: "load", load }));
      }}
    >
      <h2>Load</h2>
      <Slider
        label="Reads a second"
        value={readsPerSecond}
        unit="/s"
        max={3_000}
        step={50}
        onInput={setReads}
      />
      <Slider label="Shoppers" value={shoppers} unit="" max={50} step={1} onInput={setShoppers} />
      <Slider label="For" value={seconds} unit="s" min={5} max={120} step={5} onInput={setSeconds} />
      <label class="check">
        <input type="checkbox" checked={spike} onChange={(event) => setSpike(event.currentTarget.checked)} />
        Four times the reads in the middle
      </label>
      <label class="check">
        <input type="checkbox" checked={isHot} onChange={(event) => setHot(event.currentTarget.checked)} />
        Nine reads in ten of one product
      </label>
      <div class="buttons">
        <button type="submit" class="button primary" disabled={running !== undefined}>
          {running ? (left > 0 ? `Running, ${left} s left` : "Judging …") : "Start the load"}
        </button>
        <button
          type="button"
          class="button"
          disabled={running !== undefined}
          onClick={() =>
            attempt(() => ask({ do: "load", load: { ...load, shoppers: 30, seconds: 20, saleStock: 100 } }))
          }
        >
          Flash sale
        </button>
        <button
          type="button"
          class="button"
          disabled={left === 0}
          onClick={() => attempt(() => ask({ do: "stop-load" }))}
        >
          Stop
        </button>
      </div>
    </form>
  );
};
