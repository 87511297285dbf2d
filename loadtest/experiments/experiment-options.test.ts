import { expect, test } from "vitest";
import { parseOptions, UsageError } from "./experiment-options.ts";
import { planOf } from "./lab.ts";

const read = (line: string, env = {}) => parseOptions(line.split(" ").filter(Boolean), env);

test("a name alone, and everything said", () => {
  expect(read("cache --seed 3")).toEqual({ names: ["cache"], isQuick: false, seed: 3 });
  expect(read("all --quick --users 50 --duration 5 --repeat 2 --out x --baseline y.json")).toMatchObject({
    names: ["load", "cache", "recovery", "hot", "flash"],
    isQuick: true,
    users: 50,
    duration: 5,
    repeat: 2,
    out: "x",
    baseline: "y.json",
  });
});

test("a shop on this machine, or on another one when that is said", () => {
  expect(read("hot --url http://localhost:8080/").url).toBe("http://localhost:8080");
  expect(read("hot --url http://[::1]:8080").url).toBe("http://[::1]:8080");
  expect(read("hot --url https://shop.example --allow-remote").url).toBe("https://shop.example");
});

test("defaults keep to the bounds for other machines too", () => {
  const plan = { users: 5_000, duration: 90, repeat: 3 };
  const plansOf = (line: string) => planOf({ plans: { full: plan, quick: plan } }, read(line));
  expect(plansOf("load")).toEqual(plan);
  expect(plansOf("load --users 70 --repeat 2")).toEqual({ users: 70, duration: 90, repeat: 2 });
  expect(plansOf("load --url http://localhost:1")).toEqual(plan);
  expect(plansOf("load --url https://shop.example --allow-remote")).toEqual({
    users: 2_000,
    duration: 60,
    repeat: 3,
  });
});

test("the administrator's token, from the command line or the environment", () => {
  expect(read("hot --admin-token secret").adminToken).toBe("secret");
  expect(read("hot", { STAMPEDE_ADMIN_TOKEN: "secret" }).adminToken).toBe("secret");
  expect(read("hot", { STAMPEDE_ADMIN_TOKEN: "" })).not.toHaveProperty("adminToken");
});

test.each([
  ["", /Which experiment\?[\s\S]*Usage/],
  ["sale", /no experiment "sale": load, cache, recovery, hot, flash, all/],
  ["load cache", /One experiment at a time, or all/],
  ["load --fast", /--fast[\s\S]*Usage/],
  ["load --users", /--users[\s\S]*Usage/],
  ["load --users 0", /--users must be an integer from 2 to 5000, got "0"/],
  ["load --users 1e3", /--users must be an integer/],
  ["load --users 5001", /--users must be an integer from 2 to 5000/],
  ["load --duration 0", /--duration must be an integer from 1 to 120/],
  ["load --duration 1.5", /--duration must be an integer/],
  ["load --repeat 21", /--repeat must be an integer from 1 to 20/],
  ["load --seed -1", /--seed/],
  ["load --url localhost:8080", /--url must be the http\(s\) URL of a shop/],
  ["load --url ftp://localhost", /--url must be the http\(s\) URL of a shop/],
  ["load --url http://ann:pw@localhost", /--url takes no password/],
  ["load --url https://shop.example", /shop.example is another machine[\s\S]*--allow-remote/],
  ["load --url https://localhost.example", /is another machine/],
  [
    "load --url https://shop.example --allow-remote --users 3000",
    /--users must be an integer from 2 to 2000/,
  ],
  [
    "load --url https://shop.example --allow-remote --duration 61",
    /--duration must be an integer from 1 to 60/,
  ],
])("refused with its reason: %s", (line, message) => {
  expect(() => read(line)).toThrow(UsageError);
  expect(() => read(line)).toThrow(message);
});

test("some kinds of trouble only", () => {
  expect(read("recovery --only ^payment").only?.test("Payment fails")).toBe(true);
  expect(() => read("recovery --only (")).toThrow(UsageError);
});
