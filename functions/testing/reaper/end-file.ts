import { afterAll } from "vitest";
import { endAll } from "../../../loadtest/harness/end-with-tests.ts";

// In a setup file, because test files that share their modules import the harness once.
afterAll(endAll);
