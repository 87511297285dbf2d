// cspell:ignore fulfill -- Playwright's

import { expect, test } from "vitest";
import { launchBrowser } from "../../../loadtest/harness/browser.ts";
import { describeWithBrowser } from "../../../loadtest/harness/describe-with.ts";
import { animatedWebp } from "./animated-webp.ts";

describeWithBrowser("an animated picture", () => {
  test("a browser shows its frames, each for its time", async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 61, height: 40 } });
      // Decoders are there for pages of this machine only.
      await page.route("http://127.0.0.1/", (route) => route.fulfill({ body: "" }));
      await page.goto("http://127.0.0.1/");
      const cdp = await page.context().newCDPSession(page);
      const frames = [];
      for (const [at, colour] of ["#ff0000", "#00ff00", "#0000ff"].entries()) {
        await page.setContent(`<body style="background:${colour}">`);
        const { data } = await cdp.send("Page.captureScreenshot", { format: "webp", quality: 90 });
        frames.push({ file: Buffer.from(data, "base64"), milliseconds: 100 * (at + 1) });
      }
      const file = animatedWebp(frames).toString("base64");
      const seen = await page.evaluate<{ colour: string; ms: number; size: string }[]>(`(async () => {
        const bytes = Uint8Array.from(atob("${file}"), (char) => char.charCodeAt(0));
        const decoder = new ImageDecoder({ data: bytes, type: "image/webp" });
        await decoder.tracks.ready;
        const seen = [];
        for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack.frameCount; frameIndex++) {
          const { image } = await decoder.decode({ frameIndex });
          const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight).getContext("2d");
          canvas.drawImage(image, 0, 0);
          const colour = [...canvas.getImageData(30, 20, 1, 1).data].slice(0, 3).map((part) => (part > 127 ? 1 : 0));
          seen.push({ colour: colour.join(""), ms: image.duration / 1000, size: image.displayWidth + "x" + image.displayHeight });
        }
        return seen;
      })()`);
      expect(seen).toEqual([
        { colour: "100", ms: 100, size: "61x40" },
        { colour: "010", ms: 200, size: "61x40" },
        { colour: "001", ms: 300, size: "61x40" },
      ]);
    } finally {
      await browser.close();
    }
  });
});
