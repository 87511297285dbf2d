import { openApiDocument } from "../../http/openapi.ts";
import { route } from "../../webhooks/stripe.ts";
import { type OpenApiDocument, openDocumentValidator } from "../openapi-checks.ts";
import { type Signing, signatureOf } from "./stripe-messages.ts";

const validate = openDocumentValidator(
  JSON.parse(JSON.stringify(openApiDocument([route]))) as OpenApiDocument,
);
/** Checks that the document declares an answer. */
const checked = <T>(status: number, body: T): T => {
  const at = ["responses", `${status}`, "content", "application/json", "schema"];
  validate(["paths", route.path, "post", ...at], body);
  return body;
};

let lastAddress = 0;
/** Of a client that nobody else is. */
export const newAddress = (): string => `203.0.113.${(lastAddress += 1)}`;

/** Sends messages as Stripe does, each from an address of its own unless said otherwise. */
export const openDelivery =
  (url: string) =>
  async (
    message: object,
    {
      signing,
      from = newAddress(),
      sent = JSON.stringify(message),
      headers,
    }: {
      signing?: Signing;
      headers?: Readonly<Record<string, string>>;
      from?: string;
      /** In the place of what was signed. */
      sent?: string;
    } = {},
  ) => {
    const response = await fetch(`${url}/webhooks/stripe`, {
      method: "POST",
      headers: {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signatureOf(JSON.stringify(message), signing),
        "x-forwarded-for": from,
        ...headers,
      },
      body: sent,
    });
    const { status } = response;
    return {
      status,
      body: checked(status, (await response.json()) as { error?: string; received?: boolean }),
    };
  };

export const RECEIVED = { status: 200, body: { received: true } };
