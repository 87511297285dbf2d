import { render } from "preact";
import { Boundary } from "../ui/boundary.tsx";
import { Brand } from "../ui/brand.tsx";
import { FailureNotice } from "../ui/notice.tsx";
import { bearer, isTokenRefused } from "../ui/session.ts";
import { SignIn } from "../ui/sign-in.tsx";
import { ThemeToggle } from "../ui/theme-toggle.tsx";
import { trouble } from "./attempt.ts";
import { CacheControl } from "./cache-control.tsx";
import { span } from "./chart.tsx";
import { Charts } from "./charts.tsx";
import { FaultControl } from "./fault-control.tsx";
import { HotProducts } from "./hot.tsx";
import { LoadControl, ProgramControl } from "./launcher-control.tsx";
import { Log } from "./log.tsx";
import { Picture } from "./picture.tsx";
import { saveRun } from "./save.ts";
import { connection, follow, isReplay, type Mark, moments } from "./stream.ts";
import { Tiles } from "./tiles.tsx";
import { FirstLesson, Tours } from "./tour.tsx";

const SPANS = [
  [60, "1 min"],
  [120, "2 min"],
  [600, "10 min"],
] as const;

const CONNECTION = {
  connecting: "Connecting",
  live: "Live",
  lost: "Lost the shop, trying again",
  refused: "For administrators",
} as const;

const Head = () => (
  <header class="head">
    {/* A saved run has no shop to go to. */}
    <a class="brand" href={isReplay ? undefined : "/"}>
      <Brand />
    </a>
    <h1>Console</h1>
    <p class={`connection ${connection.value}`} role="status">
      {isReplay ? "A saved run" : CONNECTION[connection.value]}
    </p>
    <fieldset class="choice spans">
      <legend class="visually-hidden">Time on show</legend>
      {SPANS.map(([seconds, name]) => (
        <label key={seconds}>
          <input
            type="radio"
            name="span"
            checked={span.value === seconds}
            onChange={() => {
              span.value = seconds;
            }}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
    {!isReplay && (
      <>
        <button type="button" class="button quiet" onClick={() => void saveRun()}>
          Save this run
        </button>
        <a class="button quiet" href="/">
          Storefront
        </a>
        <a class="button quiet" href="/docs">
          API
        </a>
      </>
    )}
    <ThemeToggle />
  </header>
);

/** Nobody has tried anything, and nothing is wrong. Breakers open by themselves, too, such as while a slow machine starts. */
const isForNewcomers = (marks: readonly Mark[]): boolean =>
  marks.at(-1)?.kind !== "alarm" && marks.every(({ kind }) => kind === "alarm" || kind === "relief");

const Latest = () => {
  const marks = moments.value.flatMap((moment) => moment.marks);
  const latest = marks.at(-1);
  return (
    <div class={`latest panel ${latest?.kind ?? ""}`} aria-live="polite">
      {latest && (
        <p>
          <b>{latest.title}.</b> {latest.look}
        </p>
      )}
      {isForNewcomers(marks) && (
        <>
          <p>
            <b>New here?</b> Shoppers come, payment fails, and the shop protects itself: half a minute.
          </p>
          <FirstLesson />
        </>
      )}
    </div>
  );
};

const Console = () => (
  <>
    <Head />
    <main>
      {(connection.value === "refused" || isTokenRefused.value) && (
        <section class="panel controls" aria-label="Sign in">
          <p>
            {isTokenRefused.value && "The shop no longer accepts your token: it may have expired. "}
            This shop shows its console to administrators only
            {bearer.value && "; your token is not one of theirs"}.
          </p>
          <SignIn options="--user me --admin" />
        </section>
      )}
      <Boundary>
        <Tiles />
      </Boundary>
      {!isReplay && <Latest />}
      {!isReplay && <Tours />}
      <div class="stage">
        <div class="middle">
          <Boundary>
            <Picture />
          </Boundary>
          {!isReplay && (
            <section class="panel controls wide" aria-label="Load and programs">
              <LoadControl />
              <ProgramControl />
            </section>
          )}
        </div>
        {!isReplay && (
          <section class="panel controls" aria-label="Controls">
            {trouble.value && <FailureNotice failure={trouble.value} />}
            <CacheControl />
            <FaultControl />
          </section>
        )}
      </div>
      <Boundary>
        <Charts />
      </Boundary>
      <div class="below">
        {!isReplay && (
          <Boundary>
            <HotProducts />
          </Boundary>
        )}
        <Boundary>
          <Log />
        </Boundary>
      </div>
    </main>
  </>
);

render(<Console />, document.getElementById("app") as HTMLElement);
void follow();
