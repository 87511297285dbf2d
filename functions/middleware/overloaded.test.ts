import { expect, test } from "vitest";
import { errorResult } from "./error-result.ts";
import { OVERLOADED, overloadedResult } from "./overloaded.ts";

test.each(["4be1d2a6-9f1c", 'a"b\\c'])("answers request %j as any failure is answered", (requestId) => {
  expect(overloadedResult(requestId)).toEqual(errorResult(OVERLOADED, requestId));
});
