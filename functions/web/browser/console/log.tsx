import { clock } from "./format.ts";
import { marksOf, moments } from "./stream.ts";

const SHOWN = 40;

/** Events, the latest first, each with where to look. */
export const Log = () => {
  const marks = marksOf(moments.value).slice(0, SHOWN);
  return (
    <section class="panel log">
      <h2>What happened</h2>
      {marks.length === 0 && <p class="none">Nothing yet. Break something, or switch the cache.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <ol aria-label="Events" tabIndex={0}>
        {marks.map(({ at, title, look, kind }) => (
          <li key={`${at} ${title}`} class={kind}>
            <time>{clock(at)}</time>
            <p>
              <b>{title}</b> {look}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
};
