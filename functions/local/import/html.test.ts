import { expect, test } from "vitest";
import { leastOf } from "../../../loadtest/harness/least-of.ts";
import { textOfHtml } from "./html.ts";

test.each([
  ["plain text, 2 < 3 and 4 > 3", "plain text, 2 < 3 and 4 > 3"],
  ["  spaces\n\tand   lines ", "spaces and lines"],
  ["<p>One.</p><p>Two.</p>", "One. Two."],
  ["a<br>b<br/>c", "a b c"],
  ["<ul><li>oak</li><li>steel</li></ul>", "oak steel"],
  ["<b>H</b><sub>2</sub>O", "H2O"],
  ['<img alt="a > b" src=x>after', "after"],
  ["<a href='it's'>odd quotes</a>", "odd quotes"],
  ["<style>p { color: red }</style><p>x</p><script>alert('<b>')</script>", "x"],
  ["a<!-- <p>hidden</p> -->b", "a b"],
  ["Fish &amp; chips&nbsp;&ndash; 5&nbsp;&euro;", "Fish & chips – 5 €"],
  ["caf&eacute; &Eacute;t&eacute; &yuml;&nbsp;&iexcl;", "café Été ÿ ¡"],
  ["&#8220;quoted&#x201D; it&#39;s", "“quoted” it's"],
  ["&amp;lt;b&amp;gt; decoded once", "&lt;b&gt; decoded once"],
  ["&lt;b&gt; is text", "<b> is text"],
  ["&unknown; AT&T", "&unknown; AT&T"],
  ["&#0; &#xd800; &#x110000;", "\ufffd \ufffd \ufffd"],
  ["<p>Don&#146;t &#150; 5&#151;10 &rarr; &check;</p>", "Don’t – 5—10 → ✓"],
  ["&#x80;&#x99;&#x9f; &#7;x &#10;y", "€™Ÿ x y"],
  ["Don\u0092t", "Don’t"],
  ["a<!-- never closed <p>b</p>", "a"],
  ["a<script>never closed", "a"],
  ["a<script/>b", "a b"],
  ["", ""],
])("%j reads %j", (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});

/** Milliseconds. */
const timeOf = (html: string): number => {
  const startedAt = performance.now();
  textOfHtml(html);
  return performance.now() - startedAt;
};

// Sixteen times the text: 16 times as long when linear, 256 times when quadratic (29 s for 400 KB).
test.each([
  "<!-- x",
  "<!--",
  "<a",
  '<a "',
  "<b>",
  "</b>",
  "<script>",
  "<style>",
  "<![CDATA[",
  "&",
  "&#",
  "<",
  "<?",
])("reads a text full of %j in time linear in its length", async (piece) => {
  const html = (length: number): string => piece.repeat(length / piece.length);
  textOfHtml(html(100_000));
  const short = Math.max(5, await leastOf(0, () => timeOf(html(100_000))));
  expect(await leastOf(100 * short, () => timeOf(html(1_600_000)))).toBeLessThan(100 * short);
});
