import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { invalid, StripeRefusal } from "./stripe-error.ts";
import { type Answer, openIdempotency } from "./stripe-idempotency.ts";
import type { Intent } from "./stripe-intent.ts";
import { newId, openIntents, type Parameters } from "./stripe-intents.ts";
import { eventOf, type StripeEvent } from "./stripe-messages.ts";
import { openRefunds } from "./stripe-refunds.ts";

export type Operation = "create" | "retrieve" | "confirm" | "cancel" | "refund" | "list refunds" | "list";

/** A trouble of the next request of an operation. */
export interface Trouble {
  readonly on: Operation;
  readonly kind: /** The connection ends without an answer: before anything was done, or after all was. */
    | "cut before"
    | "cut after"
    /** A refusal for the state of the shop's account, and an internal error: kept for the idempotency key. */
    | "400 before"
    | "500 before"
    | "500 after"
    | "rate limit"
    | "lock timeout"
    | "silence";
}

export const TEST_KEY = "sk_test_stand_in";

const formOf = (body: string): Parameters => {
  const form: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const [, outer = name, inner] = /^([^[]+)(?:\[([^\]]*)\])?$/.exec(name) ?? [];
    if (inner === undefined) form[outer] = value;
    else form[outer] = { ...(form[outer] as object | undefined), [inner]: value };
  }
  return form;
};

const balanceTooLow = () =>
  new StripeRefusal(
    400,
    {
      type: "invalid_request_error",
      code: "balance_insufficient",
      message: "Insufficient funds in your account.",
    },
    true,
  );

const internalError = () =>
  new StripeRefusal(500, { type: "api_error", message: "An error occurred on our end." }, true);

/** A server with as much of Stripe's API as the shop needs, by its documentation. */
export const startStripe = async () => {
  const events: StripeEvent[] = [];
  const troubles: Trouble[] = [];
  const requests: { operation: Operation; key: string | undefined }[] = [];
  const state = {
    latencyMs: 0,
    secretKey: TEST_KEY,
    /** Holds back requests, and answers to confirmations, until it is fulfilled. */
    gate: undefined as Promise<unknown> | undefined,
    confirmations: undefined as Promise<unknown> | undefined,
  };
  const idempotency = openIdempotency();
  const intents = openIntents((intent) => {
    const event = eventOf(intent);
    if (event) events.push(event);
  });
  const refunds = openRefunds(intents, (event) => void events.push(event));

  const intentsOf = (orderId: string): Intent[] =>
    intents.all().filter(({ metadata }) => metadata.order_id === orderId);

  const operationOf = (method: string, path: string): [Operation, run: (form: Parameters) => object] => {
    const [, id = "", act = ""] = /^\/v1\/payment_intents\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
    if (method === "POST" && path === "/v1/payment_intents") return ["create", intents.create];
    if (method === "GET" && path === "/v1/payment_intents")
      return ["list", () => ({ object: "list", data: [], has_more: false, url: path })];
    if (method === "POST" && path === "/v1/refunds") return ["refund", refunds.create];
    if (method === "GET" && path === "/v1/refunds") return ["list refunds", refunds.list];
    if (method === "GET" && id && !act) return ["retrieve", () => intents.retrieve(id)];
    if (method === "POST" && act === "confirm") return ["confirm", (form) => intents.confirm(id, form)];
    if (method === "POST" && act === "cancel") return ["cancel", () => intents.cancel(id)];
    throw new StripeRefusal(404, {
      type: "invalid_request_error",
      message: `Unrecognized request URL (${method}: ${path}).`,
    });
  };

  const answerOf = (refusal: StripeRefusal): Answer => ({
    status: refusal.status,
    body: { error: refusal.body },
  });

  const execute = async (run: () => object, kind: Trouble["kind"] | undefined) => {
    try {
      if (kind === "400 before") throw balanceTooLow();
      if (kind === "500 before") throw internalError();
      const body = run();
      if (kind === "500 after") throw internalError();
      return { answer: { status: 200, body }, isExecuted: true };
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      return { answer: answerOf(error), isExecuted: error.isExecuted };
    }
  };

  /** @returns undefined for no answer at all */
  const respond = async (request: IncomingMessage): Promise<Answer | "cut" | "silence"> => {
    const { method = "", url = "", headers } = request;
    const body = await text(request);
    if (headers.authorization !== `Bearer ${state.secretKey}`)
      throw new StripeRefusal(401, { type: "invalid_request_error", message: "Invalid API Key provided" });
    const { pathname, search } = new URL(url, "http://stripe");
    const [operation, run] = operationOf(method, pathname);
    if (method === "POST" && headers["content-type"] !== "application/x-www-form-urlencoded")
      throw invalid(`Invalid request: the content type ${headers["content-type"]} is not supported`);
    const key = method === "POST" ? (headers["idempotency-key"] as string | undefined) : undefined;
    requests.push({ operation, key });
    const at = troubles.findIndex(({ on }) => on === operation);
    const kind = at === -1 ? undefined : troubles.splice(at, 1)[0]?.kind;
    await pause(state.latencyMs);
    await state.gate;
    if (kind === "cut before") return "cut";
    if (kind === "silence") return "silence";
    if (kind === "rate limit" || kind === "lock timeout") {
      const code = kind === "rate limit" ? "rate_limit" : "lock_timeout";
      throw new StripeRefusal(429, { type: "invalid_request_error", code, message: "Too many requests" });
    }
    const fingerprint = JSON.stringify([method, pathname, body]);
    const answer = await idempotency.once(key, fingerprint, () =>
      execute(() => run(formOf(body || search)), kind),
    );
    if (operation === "confirm") await state.confirmations;
    return kind === "cut after" ? "cut" : answer;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await respond(request).catch((error: unknown) => {
      if (error instanceof StripeRefusal) return answerOf(error);
      throw error;
    });
    if (answer === "silence") return;
    if (answer === "cut") return void request.socket.destroy();
    const headers = { "content-type": "application/json", "request-id": newId("req"), ...answer.headers };
    response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.writeHead(500).end("{}"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    intents,
    refunds,
    /** Messages for the shop's webhook, oldest first. */
    events,
    troubles,
    requests,
    pruneKeys: idempotency.prune,
    intentsOf,
    statusesOf: (orderId: string): string[] => intentsOf(orderId).map(({ status }) => status),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
};

export type StripeStandIn = Awaited<ReturnType<typeof startStripe>>;
