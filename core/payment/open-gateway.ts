import type { Logger } from "@aws-lambda-powertools/logger";
import type { paymentSettings } from "../config/payment-settings.ts";
import type { Database } from "../storage/database.ts";
import type { PaymentGateway } from "./gateway.ts";
import { openSimulatedGateway } from "./simulated-gateway.ts";
import { openStripeGateway } from "./stripe/stripe-gateway.ts";

interface GatewayOptions {
  readonly settings: ReturnType<typeof paymentSettings>;
  readonly db: Database;
  /** Of the gateway's books. */
  readonly table: string;
  readonly log: Logger;
  readonly now: () => number;
}

/** The processor that the settings name. */
export const openGateway = ({ settings, ...rest }: GatewayOptions): PaymentGateway => {
  const { stripe, latency, timeout } = settings;
  return stripe
    ? openStripeGateway({ settings: stripe, timeout, ...rest })
    : openSimulatedGateway({ latency, ...rest });
};
