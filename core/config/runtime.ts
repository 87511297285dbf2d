/**
 * Whether this process is a copy of a Lambda function. A copy is frozen between invocations: no timer runs there, and
 * nothing goes on after the answer.
 */
export const isLambda = (): boolean => Boolean(process.env.AWS_LAMBDA_FUNCTION_NAME);

/** Lambda's trace of the invocation at hand; undefined elsewhere. */
export const invocationTrace = (): string | undefined =>
  isLambda() ? process.env._X_AMZN_TRACE_ID || undefined : undefined;
