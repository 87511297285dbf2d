/**
 * The limits layer as a process of its own: `bun functions/local/limits/limits-main.ts --endpoint URL --rules aws
 * [--scale 0.1] [--port N]`. Prints its endpoint.
 */
import { parseArgs } from "node:util";
import { LIMIT_NAMES, rulesOf } from "../../../core/storage/limit-rules.ts";
import { serveLimits } from "./limits-server.ts";

const { values } = parseArgs({
  options: {
    endpoint: { type: "string", default: "http://127.0.0.1:8000" },
    rules: { type: "string", default: "" },
    scale: { type: "string", default: "1" },
    port: { type: "string", default: "0" },
    "ends-with-input": { type: "boolean", default: false },
  },
});
const refuse = (problem: string): never => {
  console.error(problem);
  process.exit(2);
};
const named = values.rules.split(",");
for (const name of named) {
  if (!LIMIT_NAMES.some((known) => known === name)) {
    refuse(`There is no rule "${name}": rules are ${LIMIT_NAMES.join(", ")}`);
  }
}
if (!(Number(values.scale) > 0)) refuse(`A scale is a number above 0, got "${values.scale}"`);
const rules = new Set(rulesOf(LIMIT_NAMES.filter((name) => named.includes(name))));
const { endpoint } = serveLimits(
  { endpoint: values.endpoint, rules, scale: Number(values.scale) },
  Number(values.port),
);
console.log(endpoint);

// Ctrl-C reaches a terminal's whole process group; this one has to outlive the drain of the server.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => process.exit(0));
// Started with its standard input open, it ends with the process that started it, however that ended.
if (values["ends-with-input"]) process.stdin.on("end", () => process.exit(0)).resume();
