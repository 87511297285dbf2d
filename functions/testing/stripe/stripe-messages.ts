import { createHmac } from "node:crypto";
import type { Intent } from "./stripe-intent.ts";
import { newId } from "./stripe-intents.ts";

export const WEBHOOK_SECRET = "whsec_stand_in";

/** https://docs.stripe.com/api/events/object */
export interface StripeEvent {
  readonly id: string;
  readonly object: "event";
  readonly type: string;
  readonly created: number;
  readonly livemode: false;
  readonly data: { readonly object: object };
}

const TYPES: Readonly<Partial<Record<Intent["status"], string>>> = {
  succeeded: "payment_intent.succeeded",
  requires_payment_method: "payment_intent.payment_failed",
  requires_action: "payment_intent.requires_action",
  canceled: "payment_intent.canceled",
};

/** The message about a status that an intent has got, with the intent as it was then. */
export const eventOf = (intent: Intent): StripeEvent | undefined => {
  const type = TYPES[intent.status];
  return type ? messageOf(type, { ...intent }) : undefined;
};

export const messageOf = (type: string, object: object): StripeEvent => ({
  id: newId("evt"),
  object: "event",
  type,
  created: Math.floor(Date.now() / 1000),
  livemode: false,
  data: { object },
});

export interface Signing {
  readonly secret?: string;
  /** Epoch seconds. */
  readonly at?: number;
}

/** The `Stripe-Signature` header (https://docs.stripe.com/webhooks#verify-manually). */
export const signatureOf = (body: string, { secret = WEBHOOK_SECRET, at }: Signing = {}): string => {
  const time = at ?? Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  return `t=${time},v1=${signature},v0=${"0".repeat(64)}`;
};
