import { afterAll, expect, test } from "vitest";
import { type ExperimentName, UsageError } from "./experiment-options.ts";
import { requireShop } from "./preflight.ts";

type Answers = Readonly<Record<string, () => Response>>;

const open: ReturnType<typeof Bun.serve>[] = [];
afterAll(() => Promise.all(open.map((server) => server.stop(true))));

/** A shop as far as it is asked, with answers of its own by method and path. */
const shopWith = (answers: Answers = {}): string => {
  const sound: Answers = {
    "GET /health": () => Response.json({ status: "healthy" }),
    "PUT /cache": () => Response.json({ error: "VALIDATION_FAILED" }, { status: 400 }),
    "POST /resilience/simulate/dynamodb": () => Response.json({ enabled: false }),
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: ({ method, url }) => {
      const call = `${method} ${new URL(url).pathname}`;
      return (answers[call] ?? sound[call] ?? (() => new Response(null, { status: 404 })))();
    },
  });
  open.push(server);
  return `http://127.0.0.1:${server.port}`;
};

const expectRefused = async (names: ExperimentName[], answers: Answers, message: RegExp): Promise<void> => {
  const required = requireShop({ url: shopWith(answers), names, isQuick: true, seed: 1 });
  await expect(required).rejects.toThrow(UsageError);
  await expect(required).rejects.toThrow(message);
};

test("a shop that lets itself be measured", async () => {
  const names: ExperimentName[] = ["load", "cache", "recovery", "hot", "flash"];
  await requireShop({ url: shopWith(), names, isQuick: true, seed: 1 });
});

test("reports the answer of an unhealthy shop", () =>
  expectRefused(
    ["load"],
    {
      "GET /health": () =>
        Response.json({ status: "unhealthy", reason: "warming the cache" }, { status: 503 }),
    },
    /not fit to be measured: GET \/health answered 503: .*warming the cache/,
  ));

test.each([() => Response.json({ status: "UP" }), () => new Response("It works!")])(
  "something else on its port",
  (health) => expectRefused(["load"], { "GET /health": health }, /is not a Stampede shop/),
);

test.each([401, 403])("a wrong token, answered with %d, for what turns switches only", async (status) => {
  const answers = { "PUT /cache": () => new Response("no", { status }) };
  await expectRefused(["load", "cache"], answers, /does not take the administrator's token.*--admin-token/);
  await requireShop({ url: shopWith(answers), names: ["load"], isQuick: true, seed: 1 });
});

test("faults that are off, for what injects some only", async () => {
  const off = () => Response.json({ error: "FAULTS_DISABLED", message: "…" }, { status: 403 });
  const answers = { "POST /resilience/simulate/dynamodb": off };
  await expectRefused(
    ["flash", "recovery", "hot"],
    answers,
    /recovery and hot can't do without: start it with FAULTS=on/,
  );
  await requireShop({ url: shopWith(answers), names: ["flash"], isQuick: true, seed: 1 });
});
