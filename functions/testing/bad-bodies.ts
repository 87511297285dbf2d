import { type BadRequest, details, JSON_TYPE, OTHER_PRODUCT, PRODUCT, USER } from "./bad-request.ts";

/** Routes that take a JSON body, each with one that would be accepted. */
const WRITES = [
  ["POST", `/cart/${USER}/items`, `{"product_id":${PRODUCT},"quantity":1}`],
  ["PUT", `/cart/${USER}/items/${PRODUCT}`, '{"quantity":1}'],
  ["POST", `/cart/${USER}/checkout`, '{"payment_method":"pm_card_visa"}'],
  ["PUT", `/products/${PRODUCT}/stock`, '{"available":1}'],
  ["POST", `/products/${PRODUCT}/details`, details()],
  ["PUT", "/cache", '{"mode":"tiered"}'],
  ["POST", "/resilience/simulate/payment", '{"enable":false}'],
  ["POST", "/resilience/test-retry", '{"fail_count":0,"max_retries":0}'],
] as const;

const DEEP = 30_000;
const BODIES: [body: string, names: string][] = [
  ["{", "body"],
  ["{'quantity':1}", "body"],
  ['{"quantity":NaN}', "body"],
  ["\u0000", "body"],
  [`${"[".repeat(DEEP)}${"]".repeat(DEEP)}`, "levels deep"],
  [`${'{"quantity":'.repeat(17)}1${"}".repeat(17)}`, "levels deep"],
  [`{"quantity":"\\"${"[".repeat(20)}","unknown":${"[".repeat(15)}${"]".repeat(15)}}`, "body."],
  ["[]", "body"],
  ['[{"quantity":1}]', "body"],
  ['"quantity"', "body"],
  ['""', "body"],
  ["7", "body"],
  ["0", "body"],
  ["true", "body"],
  ["false", "body"],
  ["null", "body"],
  ['{"__proto__":{"quantity":1}}', "body"],
  ['{"quantity":{"__proto__":1}}', "body"],
  ['{"constructor":{"prototype":{"polluted":1}}}', "body"],
  ['{"quantity":[{"constructor":{"prototype":{}}}]}', "body"],
  ['{"constructor":1}', "body.constructor"],
  ['{"prototype":1}', "body.prototype"],
  ['{"toString":1}', "body.toString"],
];

const bodies = WRITES.flatMap(([method, path, good]): BadRequest[] => {
  const send = (
    name: string,
    body: string | undefined,
    status: number,
    names: string,
    headers = JSON_TYPE,
  ) => ({
    name,
    method,
    path,
    body,
    headers,
    status,
    names,
  });
  return [
    ...BODIES.map(([body, names]) => send(`the body ${JSON.stringify(body.slice(0, 60))}`, body, 400, names)),
    ...(path.endsWith("/checkout") ? [] : [send("no body", undefined, 400, "body")]),
    ...["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "json"].map(
      (type) => send(`the content type "${type}"`, good, 415, "body", { "content-type": type }),
    ),
    send("70 KB", JSON.stringify({ pad: "x".repeat(70_000) }), 413, "body"),
    send("an unknown field", good.replace("{", '{"unknown":1,'), 400, "body.unknown"),
  ];
});

/** Values that are no quantity, no level and no number of anything, as they stand in JSON. */
const NO_COUNTS = ["-1", "1.5", '"2"', "1e309", "-1e309", "2147483648", "1e99", "null", "true", "[]", "{}"];
const fields = [
  ...["0", ...NO_COUNTS].flatMap((value) => [
    {
      ...wrong(0, `{"product_id":${PRODUCT},"quantity":${value}}`, "body.quantity"),
      name: `quantity ${value}`,
    },
    { ...wrong(0, `{"product_id":${value},"quantity":1}`, "body.product_id"), name: `product_id ${value}` },
  ]),
  ...NO_COUNTS.map((value) => wrong(1, `{"quantity":${value}}`, "body.quantity")),
  ...NO_COUNTS.map((value) => wrong(3, `{"available":${value}}`, "body.available")),
  wrong(0, `{"product_id":${PRODUCT}}`, "body.quantity"),
  wrong(0, '{"quantity":1}', "body.product_id"),
  wrong(0, `{"product_id":${PRODUCT},"quantity":10001}`, "body.quantity"),
  wrong(1, "{}", "body.quantity"),
  wrong(3, "{}", "body.available"),
  ...['""', "null", "7", '"__proto__"', '"constructor"', '"toString"', '"visa"', '"pm_unknown"', "[]"].map(
    (value) => wrong(2, `{"payment_method":${value}}`, "body.payment_method"),
  ),
  ...["product_id", "sku", "manufacturer", "category_id", "weight", "some_other_id"].map((field) =>
    wrong(4, details({ [field]: undefined }), `body.${field}`),
  ),
  ...Object.entries({
    product_id: [OTHER_PRODUCT, 0, "7001"],
    sku: ["", " ", "\u00a0\u3000", "a\tb", "a\u0000", "x".repeat(101), 7],
    manufacturer: ["", "a\u001bb", "x".repeat(201)],
    category_id: [0, 1.5, 2_147_483_648],
    weight: [-1, 0.5, "1"],
    some_other_id: [0],
    name: ["a\u007fb", "a\u0085b", "x".repeat(501), null],
    category: ["a\nb", "x".repeat(201)],
    description: ["a\r\nb", "x".repeat(10_001)],
    price: [-1, 1.999, 100_000.001, 500_000.555, 9_999_999.995, 0.000_000_001, "1", 1e9, null],
  }).flatMap(([field, values]) =>
    values.map((value) => wrong(4, details({ [field]: value }), `body.${field}`)),
  ),
  ...['"fast"', '"__proto__"', "1", "null"].map((value) => wrong(5, `{"mode":${value}}`, "body.mode")),
  wrong(5, "{}", "body.mode"),
  wrong(6, '{"enable":"true"}', "body.enable"),
  wrong(6, '{"enable":true,"failure_rate":1.1}', "body.failure_rate"),
  wrong(6, '{"enable":true,"latency_ms":1e309}', "body.latency_ms"),
  wrong(6, '{"enable":true,"ttl_secs":0}', "body.ttl_secs"),
  ...NO_COUNTS.map((value) => wrong(7, `{"fail_count":${value},"max_retries":1}`, "body.fail_count")),
  wrong(7, '{"fail_count":1,"max_retries":11}', "body.max_retries"),
];

function wrong(write: number, body: string, names: string): BadRequest {
  const [method, path] = WRITES[write] ?? WRITES[0];
  return { name: body.slice(0, 80), method, path, body, headers: JSON_TYPE, status: 400, names };
}

/** Every way a body can be wrong, on every route that takes one. */
export const BAD_BODIES: readonly BadRequest[] = [...bodies, ...fields];
