import type { Action, CartSeen, Completion, HistoryEvent } from "../checker/history.ts";

const PATIENCE_MS = 4_000;

export interface RecordingClientOptions {
  /** Where the shop is, as soon as it is open; it moves with every restart. */
  readonly url: () => Promise<string>;
  /** Of every request: credentials for a shop that asks for some. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly record: (event: HistoryEvent) => void;
}

export type RecordingClient = ReturnType<typeof openRecordingClient>;

/** A client of the shop that writes down its requests and the answers. */
export const openRecordingClient = ({ url, headers = {}, record }: RecordingClientOptions) => {
  let calls = 0;
  return {
    async perform(action: Action): Promise<Completion> {
      const at = await url();
      const call = ++calls;
      record({ type: "invoke", call, time: Date.now(), action });
      const seen = await send(at, headers, action);
      const completion = { ...seen, call, time: Date.now() };
      record(completion);
      return completion;
    },
    /** A request that changes nothing and is not recorded. @returns its status, if there is an answer */
    async browse(path: string): Promise<number | undefined> {
      const response = await ask((await url()) + path, { method: "GET", headers }).catch(() => undefined);
      return response?.status;
    },
  };
};

type Seen = Omit<Completion, "call" | "time">;

const send = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  action: Action,
): Promise<Seen> => {
  const { path, ...request } = requestFor(action);
  try {
    const { status, body, isOfAnotherMoment } = await ask(url + path, {
      ...request,
      headers: { ...headers, ...request.headers },
    });
    const { cart, ...seen } = seenIn(status, body, action);
    return isOfAnotherMoment || !cart ? seen : { ...seen, cart };
  } catch (error) {
    // Even a refused connection is unknown: an earlier attempt inside the HTTP client may have got through.
    return { type: "info", error: error instanceof Error ? error.name : String(error) };
  }
};

/** Without keep-alive: on a connection that was used before, an HTTP client may send a request twice. */
const ask = async (
  url: string,
  init: RequestInit,
): Promise<{ status: number; body: Body; isOfAnotherMoment: boolean }> => {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(url, { ...init, keepalive: false, signal });
  // A stale cart is an earlier one than the present, and that of a replayed change may be a later one than it made.
  const isOfAnotherMoment =
    (response.headers.get("cache-status")?.includes("stale-if-error") ?? false) ||
    response.headers.has("idempotency-replayed");
  return { status: response.status, body: ((await response.json()) ?? {}) as Body, isOfAnotherMoment };
};

interface Line {
  readonly product_id: number;
  readonly quantity: number;
}

/** The fields of the answers that are looked into. */
interface Body {
  readonly error?: string;
  readonly version?: number;
  readonly items?: readonly Line[];
  readonly order?: {
    readonly order_id: string;
    readonly status: string;
    readonly total: number;
    readonly items: readonly Line[];
  };
  readonly details?: { readonly order_id?: string; readonly order_status?: string };
}

const requestFor = (action: Action): RequestInit & { path: string; headers?: Record<string, string> } => {
  const json = (body: object) => ({
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  switch (action.f) {
    case "set-stock":
      return {
        path: `/products/${action.product}/stock`,
        method: "PUT",
        ...json({ available: action.available, ...(action.shards && { shards: action.shards }) }),
      };
    case "add": {
      const { user, product: product_id, quantity } = action;
      return { path: `/cart/${user}/items`, method: "POST", ...json({ product_id, quantity }) };
    }
    case "put": {
      const { user, product, quantity } = action;
      return { path: `/cart/${user}/items/${product}`, method: "PUT", ...json({ quantity }) };
    }
    case "remove":
      return { path: `/cart/${action.user}/items/${action.product}`, method: "DELETE" };
    case "read-cart":
      return { path: `/cart/${action.user}`, method: "GET" };
    case "checkout": {
      const { user, payment_method, key } = action;
      const { headers, body } = json({ payment_method });
      const own: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
      return { path: `/cart/${user}/checkout`, method: "POST", headers: { ...headers, ...own }, body };
    }
  }
};

/** Refusals of a 503 that come before anything is done. */
const REFUSALS = ["PAYMENT_UNAVAILABLE", "SHUTTING_DOWN"];

/** The meaning of an answer: done, certainly not done, or unknown. */
const seenIn = (status: number, body: Body, action: Action): Seen => {
  const { error, details } = body;
  if (status < 300) {
    if (action.f === "checkout") return { type: "ok", status, ...orderIn(body) };
    return { type: "ok", status, ...(action.f !== "set-stock" && { cart: cartIn(body) }) };
  }
  const failure = { status, ...(error && { error }) };
  if (status === 402 && details?.order_id) {
    const order = { order_id: details.order_id, status: details.order_status ?? "" };
    return { type: "ok", ...failure, order };
  }
  const isRefused = status < 500 || (error !== undefined && REFUSALS.includes(error));
  // The holder of the key may still be at work for this very request's earlier attempt.
  return { type: isRefused && error !== "IDEMPOTENCY_IN_FLIGHT" ? "fail" : "info", ...failure };
};

const cartIn = ({ version = 0, items = [] }: Body): CartSeen => ({
  version,
  quantities: quantitiesIn(items),
});

const orderIn = ({ order }: Body): Pick<Seen, "order"> => {
  if (!order) return {};
  const { order_id, status, total, items } = order;
  return {
    order: { order_id, status, total_cents: Math.round(total * 100), quantities: quantitiesIn(items) },
  };
};

const quantitiesIn = (lines: readonly Line[]): Record<string, number> =>
  Object.fromEntries(lines.map(({ product_id, quantity }) => [String(product_id), quantity]));
