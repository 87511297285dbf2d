import { afterAll, expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";

const ID = { "x-request-id": "fixed" };
const LEVEL = {
  type: "object",
  properties: { level: { type: "integer", minimum: 0, maximum: 9 } },
  required: ["level"],
};

/** A small API with one operation for each kind of defect, and one that is right. */
const DOCUMENT = {
  openapi: "3.1.0",
  paths: Object.fromEntries(
    ["right", "crashes", "undeclared", "off-schema", "careless", "strict", "anonymous"].map((name) => [
      `/${name}`,
      {
        put: {
          parameters: [],
          requestBody: { required: true, content: { "application/json": { schema: LEVEL } } },
          responses: {
            200: { content: { "application/json": { schema: LEVEL } } },
            400: {
              content: {
                "application/json": {
                  schema: { $ref: "#/components/schemas/Error" },
                  examples: { VALIDATION_FAILED: {} },
                },
              },
            },
          },
        },
      },
    ]),
  ),
  components: {
    schemas: {
      Error: { type: "object", properties: { error: {}, request_id: {} }, required: ["error", "request_id"] },
    },
  },
};

const failure = (status: number, error: string) =>
  Response.json({ error, request_id: "fixed" }, { status, headers: { ...ID, allow: "PUT, OPTIONS" } });

const levelOf = async (request: Request): Promise<number | undefined> => {
  if (!/^application\/json(;|$)/.test(request.headers.get("content-type") ?? "")) return undefined;
  if (!["identity", null].includes(request.headers.get("content-encoding"))) return undefined;
  const body = (await request.json().catch(() => undefined)) as { level?: unknown } | undefined;
  const level = body?.level;
  return typeof level === "number" && Number.isInteger(level) && level >= 0 && level <= 9 ? level : undefined;
};

const server = Bun.serve({
  port: 0,
  fetch: async (request) => {
    const path = new URL(request.url).pathname;
    if (path === "/openapi.json") return Response.json(DOCUMENT);
    if (request.method !== "PUT") return failure(405, "METHOD_NOT_ALLOWED");
    const level = await levelOf(request);
    if (level === undefined && path !== "/careless") return failure(400, "VALIDATION_FAILED");
    if (path === "/crashes" && level === 7) return failure(500, "INTERNAL_ERROR");
    if (path === "/undeclared" && level === 7) return failure(409, "CONFLICT");
    if (path === "/off-schema" && level === 7) return Response.json({ level: 10 }, { headers: ID });
    if (path === "/strict" && level === 7) return failure(400, "VALIDATION_FAILED");
    if (path === "/anonymous") return Response.json({ level });
    return Response.json({ level: level ?? 0 }, { headers: ID });
  },
});
afterAll(() => server.stop(true));

test("finds each kind of defect, makes it small and prints it as curl", async () => {
  const { findings } = await fuzz({
    url: server.url.origin,
    requests: 1_500,
    seed: 1,
    lanes: 1,
    weather: "calm",
  });
  const found = new Map(findings.map((finding) => [`${finding.route} ${finding.what}`, finding.curl]));
  expect([...found.keys()].sort()).toEqual([
    "PUT /anonymous no X-Request-Id",
    "PUT /careless 200 for a request that the document forbids",
    "PUT /crashes 500 is not declared for PUT /crashes",
    "PUT /off-schema data/level must be <= 9",
    "PUT /strict 400 VALIDATION_FAILED for a request that the document allows",
    "PUT /undeclared 409 is not declared for PUT /undeclared",
  ]);
  const curl = found.get("PUT /off-schema data/level must be <= 9");
  expect(curl).toMatch(
    /^curl -i --path-as-is -X PUT -H 'content-type: application\/json.*' --data-binary '\{"level":7\}' /,
  );
});

test("sends the same requests for the same seed", async () => {
  const run = async () => {
    const statuses: number[] = [];
    const onAnswer = (status: number) => void statuses.push(status);
    await fuzz({ url: server.url.origin, requests: 300, seed: 7, lanes: 1, weather: "trouble", onAnswer });
    return statuses;
  };
  expect(await run()).toEqual(await run());
});
