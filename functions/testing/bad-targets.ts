import {
  type BadRequest,
  details,
  JSON_TYPE,
  NO_PRODUCT,
  OTHER_PRODUCT,
  PRODUCT,
  USER,
} from "./bad-request.ts";

const encoded = (values: string[]) => values.map(encodeURIComponent);
const NO_PRODUCT_IDS = encoded([
  "",
  "0",
  "-1",
  "1e99",
  "1;drop",
  "2147483648",
  "99999999999999999999",
  "1.0",
  "x",
]);
NO_PRODUCT_IDS.push(
  ...encoded([" 1", "+1", "0x1", "１", "🐂", "1\u0000", "__proto__", "constructor", "1/stock"]),
);
const NO_USER_IDS = encoded([
  "a/b",
  "/",
  "a..b",
  "🐂",
  "a\u0000",
  "a\nb",
  "\u007f",
  "a b",
  " ",
  ".a",
  "a%2Fb",
]);
NO_USER_IDS.push(
  ...["x".repeat(300), "x".repeat(129), "__proto__", "constructor", "prototype", "%C3%A9", "a'--"],
);

const paths = [
  ...NO_PRODUCT_IDS.flatMap((id) =>
    [
      ["GET", `/products/${id}`],
      ["GET", `/products/${id}/stock`],
      ["PUT", `/products/${id}/stock`, '{"available":1}'],
      ["POST", `/products/${id}/details`, details()],
      ["PUT", `/cart/${USER}/items/${id}`, '{"quantity":1}'],
      ["DELETE", `/cart/${USER}/items/${id}`],
    ].map(([method = "", path = "", body]) => inPath(method, path, body, "path.productId")),
  ),
  ...NO_USER_IDS.flatMap((id) =>
    [
      ["GET", `/cart/${id}`],
      ["POST", `/cart/${id}/items`, `{"product_id":${PRODUCT},"quantity":1}`],
      ["PUT", `/cart/${id}/items/${PRODUCT}`, '{"quantity":1}'],
      ["DELETE", `/cart/${id}/items/${PRODUCT}`],
      ["POST", `/cart/${id}/checkout`],
    ].map(([method = "", path = "", body]) => inPath(method, path, body, "path.userId")),
  ),
  ...NO_USER_IDS.map((id) => inQuery(`/orders?user_id=${id}`, "query.user_id")),
];

function inPath(method: string, path: string, body: string | undefined, names: string): BadRequest {
  return { name: "", method, path, body, ...(body && { headers: JSON_TYPE }), status: 400, names };
}

const cursorOf = (json: string): string => Buffer.from(json).toString("base64url");
const NO_CURSORS = [
  ...["", "x", "%25%25", "%00", "bnVsbA", "x".repeat(1_001)],
  ...["{}", "[]", "7", "null", '"x"', '{"product_id":"1"}', '{"product_id":null}', '{"x":1}'].map(cursorOf),
  ...['{"product_id":1e400}', '{"product_id":1e200}', '{"product_id":1.5}', '{"product_id":0}'].map(cursorOf),
  ...['{"product_id":1e400,"category":"Lamps"}', '{"product_id":1,"category":"Other"}'].map(cursorOf),
  ...[`{"order_id":"x","user_id":"${USER}"}`, `{"order_id":"\\ud800","user_id":"${USER}"}`].map(cursorOf),
  ...['{"product_id":1,"x":1}', '{"__proto__":1}', '{"product_id":1', '{"product_id":{}}'].map(cursorOf),
];

const queries = [
  ...NO_CURSORS.flatMap((cursor) =>
    ["/products?", "/products?category=Lamps&", `/orders?user_id=${USER}&`].map((listing) =>
      inQuery(`${listing}cursor=${cursor}`, "query.cursor"),
    ),
  ),
  ...["0", "-1", "101", "1.5", "1e1", "x", "", "99999999999999999999", "1&limit=2"].flatMap((limit) =>
    ["/products?", "/products/search?q=lamp&", `/orders?user_id=${USER}&`].map((listing) =>
      inQuery(`${listing}limit=${limit}`, "query.limit"),
    ),
  ),
  inQuery("/products?category=", "query.category"),
  inQuery(`/products?category=${"x".repeat(201)}`, "query.category"),
  ...["", "?q=", "?q=%20%20", `?q=${"x".repeat(201)}`].map((q) => inQuery(`/products/search${q}`, "query.q")),
  inQuery("/orders", "query.user_id"),
];

function inQuery(path: string, names: string): BadRequest {
  return { name: "", method: "GET", path, status: 400, names };
}

const keys = ["", "x".repeat(256), "x".repeat(300), "a\tb", "gr\u00fc\u00dfe"].map((key) => ({
  name: `the Idempotency-Key ${JSON.stringify(key).slice(0, 40)}`,
  method: "POST",
  path: `/cart/${USER}/checkout`,
  headers: { "idempotency-key": key },
  status: 400,
  names: "headers.idempotency-key",
}));

const unknown = (
  [
    ["GET", `/products/${NO_PRODUCT}`, 404, "product"],
    ["GET", `/products/${NO_PRODUCT}/stock`, 404, "product"],
    ["PUT", `/products/${NO_PRODUCT}/stock`, 404, "product", '{"available":1}'],
    ["POST", `/cart/${USER}/items`, 404, "product", `{"product_id":${NO_PRODUCT},"quantity":1}`],
    ["PUT", `/cart/${USER}/items/${OTHER_PRODUCT}`, 404, "Product", '{"quantity":2}'],
    ["PUT", `/cart/${USER}/items/${OTHER_PRODUCT}`, 404, "Product", '{"quantity":0}'],
    ["DELETE", `/cart/${USER}/items/${OTHER_PRODUCT}`, 404, "Product"],
    ["DELETE", `/cart/nobody/items/${PRODUCT}`, 404, "Product"],
    ["POST", "/cart/nobody/checkout", 400, "cart"],
    ["GET", "/orders/ORD-01JD8Z7V5N9QK3T2W4X6Y8ZABC", 404, "order"],
    ["GET", "/orders/ord-1", 404, "order"],
    ["GET", "/orders/__proto__", 404, "order"],
    ["GET", "/orders/%F0%9F%90%82%00", 404, "order"],
    ["GET", `/orders/${"x".repeat(300)}`, 400, "path.orderId"],
    ["POST", "/resilience/simulate/stripe", 400, "path.service", '{"enable":true}'],
    ["POST", "/resilience/simulate/__proto__", 400, "path.service", '{"enable":true}'],
    ["POST", "/resilience/reset/everything", 400, "path.service"],
    ["POST", `/products/${PRODUCT}`, 405, "GET", details()],
    ["POST", "/orders", 405, "GET", "{}"],
    ["DELETE", `/cart/${USER}`, 405, "GET"],
    ["GET", `/cart/${USER}/checkout`, 405, "POST"],
    ["GET", "/cart/a/b", 404, "route"],
    ["GET", "/cart/../nothing", 404, "route"],
  ] as const
).map(([method, path, status, names, body]) => ({
  ...inPath(method, path, body, names),
  status,
}));

/** Every way a path, a query or a header can be wrong, and what does not exist. */
export const BAD_TARGETS: readonly BadRequest[] = [...paths, ...queries, ...keys, ...unknown];
