import { expect, test } from "vitest";
import { shellLeftOut, withoutLocustOptions } from "./shell.ts";

const SHELL = {
  PATH: "/bin",
  TMPDIR: "/tmp/mine",
  PORT: "9000",
  RESILIENCE: "off",
  CACHE_TTL_MS: "5",
  SST_RESOURCE_Cache: '{"host":"elsewhere"}',
};

test("the shell's text about a shop is not measured", () => {
  expect(shellLeftOut(SHELL)).toEqual({ RESILIENCE: "", CACHE_TTL_MS: "", SST_RESOURCE_Cache: "" });
});

test("nor what it says of Locust", () => {
  expect(withoutLocustOptions({ PATH: "/bin", LOCUST_RUN_TIME: "1s" })).toEqual({ PATH: "/bin" });
});
