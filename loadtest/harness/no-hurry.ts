/** Settings of a shop that neither gives up nor refuses anything because its machine is slow. */
export const NO_HURRY = {
  REQUEST_DEADLINE_MS: "60000",
  DYNAMODB_TIMEOUT_MS: "30000",
  REDIS_TIMEOUT_MS: "10000",
  OBJECTIVE_READ_MS: "60000",
  OBJECTIVE_WRITE_MS: "60000",
  OBJECTIVE_CHECKOUT_MS: "60000",
};

/** The same, for a payment service that does not hang: a slow charge is waited for too. */
export const NO_HURRY_TO_PAY = { ...NO_HURRY, PAYMENT_TIMEOUT_MS: "30000" };
