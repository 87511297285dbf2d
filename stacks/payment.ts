import { paymentEnvironment } from "./environment.ts";
import { keepSecret } from "./kept-secret.ts";
import { settings } from "./stage.ts";

const link = (): $util.Output<string> => {
  /** A secret key, or a restricted one: `sst secret set StripeSecretKey rk_live_…`. */
  const secretKey = new sst.Secret("StripeSecretKey");
  /** Of the webhook endpoint, once Stripe knows its URL: `sst secret set StripeWebhookSecret whsec_…`. */
  const webhookSecret = new sst.Secret("StripeWebhookSecret", "");
  return $jsonStringify({ secretKey: secretKey.value, webhookSecret: webhookSecret.value });
};

/** As the shop reads it. */
const paymentLink = settings.stripe && link();

export const paymentSecret =
  paymentLink && !$dev ? keepSecret("PaymentLink", "How the shop charges by Stripe", paymentLink) : undefined;

/** Variables of a function that charges. */
export const payment = {
  ...paymentEnvironment(settings),
  ...(paymentLink && { SST_RESOURCE_Payment: paymentLink }),
};
