import { moments } from "./stream.ts";

/** A file's text without what would end the element that it is put into. */
const inlined = (text: string, tag: "script" | "style"): string => text.replaceAll(`</${tag}`, `<\\/${tag}`);

const textOf = async (url: string): Promise<string> => (await fetch(url)).text();

/** The seconds on show and the page itself in one file, which opens anywhere. */
export const saveRun = async (): Promise<void> => {
  const style = document.querySelector<HTMLLinkElement>('link[rel="stylesheet"]')?.href ?? "";
  const script = document.querySelector<HTMLScriptElement>("script[src]")?.src ?? "";
  const [css, js] = await Promise.all([textOf(style), textOf(script)]);
  const data = JSON.stringify(moments.value).replaceAll("<", "\\u003c");
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>Stampede, a saved run</title><style>${inlined(css, "style")}</style></head><body><div id="app"></div>
<script type="application/json" id="saved-run">${data}</script>
<script type="module">${inlined(js, "script")}</script></body></html>`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([html], { type: "text/html" }));
  link.download = `stampede-run-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.html`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};
