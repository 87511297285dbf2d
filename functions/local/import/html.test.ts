import { expect, test } from "vitest";
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
  ["&unknown; &#0; &#xd800; &#x110000; AT&T", "&unknown; &#0; &#xd800; &#x110000; AT&T"],
  ["", ""],
])("%j reads %j", (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});

test("a very long text without an end of a tag takes no time to speak of", () => {
  const html = `<${"a".repeat(100_000)}${'<a "'.repeat(25_000)}`;
  const startedAt = performance.now();
  textOfHtml(html);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
