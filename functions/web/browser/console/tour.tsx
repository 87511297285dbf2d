import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { attempt, trouble } from "./attempt.ts";
import { LESSONS, type Lesson, PACE } from "./lessons.ts";
import { type Moment, moments, pause } from "./stream.ts";

/** A step that waits for a condition goes on after this long without it. */
const GIVE_UP_MS = 90_000;
const POLL_MS = 200;

interface Progress {
  readonly lesson: Lesson;
  readonly step: number;
  /** There once the lesson is over. */
  readonly ending?: string;
}

const progress = signal<Progress | undefined>(undefined);

const since = (at: number): readonly Moment[] => moments.value.filter((moment) => moment.at > at);
const latest = (): number => moments.value.at(-1)?.at ?? 0;

/** Drives the page through a lesson. One that fails on its way leaves the others free to be taken. */
const take = async (lesson: Lesson): Promise<void> => {
  try {
    progress.value = await taught(lesson);
  } catch (error) {
    progress.value = undefined;
    throw error;
  }
};

/** @returns undefined when a step's action failed, which the page shows */
const taught = async (lesson: Lesson): Promise<Progress | undefined> => {
  const parts: (readonly Moment[])[] = [];
  for (const [at, { act, seconds, until }] of lesson.steps.entries()) {
    progress.value = { lesson, step: at };
    const from = latest();
    if (act) await attempt(act);
    if (trouble.value) return undefined;
    const begun = Date.now();
    await pause((seconds * 1_000) / PACE);
    while (until && !until(since(from)) && Date.now() - begun < GIVE_UP_MS) await pause(POLL_MS);
    parts.push(since(from));
  }
  return { lesson, step: lesson.steps.length, ending: lesson.ending(parts) };
};

const isRunning = (): boolean => progress.value !== undefined && progress.value.ending === undefined;

/** For a newcomer: the one thing to press before anything has happened. */
export const FirstLesson = () => {
  const lesson = LESSONS.find(({ id }) => id === "breaker");
  if (!lesson || progress.value) return null;
  return (
    <button type="button" class="button primary" onClick={() => void take(lesson)}>
      Watch a breaker open
    </button>
  );
};

export const Tours = () => {
  const now = progress.value;
  return (
    <section class="panel tours">
      <h2>Lessons</h2>
      <ol>
        {LESSONS.map((lesson) => (
          <li key={lesson.id}>
            <button
              type="button"
              class="button"
              disabled={isRunning()}
              aria-pressed={now?.lesson === lesson}
              onClick={() => void take(lesson)}
            >
              {lesson.title}
            </button>
          </li>
        ))}
      </ol>
      {now && <Words {...now} />}
    </section>
  );
};

/** The words of a lesson. On a phone they begin below the fold, and the last ones would go unseen. */
const Words = ({ lesson, step, ending }: Progress) => {
  const box = useRef<HTMLDivElement>(null);
  const isOver = ending !== undefined;
  useEffect(() => box.current?.scrollIntoView({ block: "nearest" }), [lesson, isOver]);
  return (
    <div ref={box} class="step" role="status" data-lesson={lesson.id} data-over={isOver}>
      {isOver ? (
        <p>
          <b>You just saw:</b> {ending}
        </p>
      ) : (
        <p>
          <b>
            {step + 1} of {lesson.steps.length}.
          </b>{" "}
          {lesson.steps[step]?.say}
        </p>
      )}
    </div>
  );
};
