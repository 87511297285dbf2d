import { z } from "zod";
import { DomainError } from "../../core/errors.ts";
import { FAILURES, type FailureCode } from "./failures.ts";
import { RequestError } from "./request-error.ts";
import { type Headers, jsonResult, type Result } from "./result.ts";

export const errorSchema = z
  .object({
    error: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .meta({ description: "Code to switch on", example: "PRODUCT_NOT_FOUND" }),
    message: z.string().meta({
      description: "For a person to read",
      example: "There is no product 7",
    }),
    details: z.unknown().optional(),
    request_id: z.string().meta({ example: "4be1d2a6-9f1c-4f7b-9a55-0d6f3f6f6f5e" }),
    retryable: z.boolean().meta({ description: "Whether the same request may succeed later" }),
    circuit_breaker: z.literal("open").optional().meta({ description: "With PAYMENT_UNAVAILABLE" }),
    retry_after_secs: z.int().optional().meta({ description: "With PAYMENT_UNAVAILABLE" }),
  })
  .meta({ id: "Error" });

export type ErrorBody = z.infer<typeof errorSchema>;

interface Fault {
  readonly code: FailureCode;
  readonly message: string;
  readonly details?: unknown;
  readonly headers?: Headers;
  readonly retryAfterSeconds?: number | undefined;
}

const faultOf = (error: unknown): Fault => {
  if (error instanceof RequestError || error instanceof DomainError) return error;
  // Defects show the client nothing of their inside; the log has it.
  return parserFault(error) ?? new RequestError("INTERNAL_ERROR");
};

/** The JSON body parser's own errors, in the shop's codes. */
const parserFault = (error: unknown): Fault | undefined => {
  const cause = error instanceof Error ? (error.cause as { package?: string } | undefined) : undefined;
  if (cause?.package !== "@middy/http-json-body-parser") return undefined;
  const { statusCode, message } = error as Error & { statusCode: number };
  return statusCode === 415
    ? new RequestError("UNSUPPORTED_MEDIA_TYPE")
    : new RequestError("MALFORMED_JSON", { message: `body: ${message}` });
};

export const errorCodeOf = (error: unknown): string => faultOf(error).code;

/** @param retryAfter seconds; left out where the same request can't succeed later */
export const errorBody = (
  { code, message, details }: Pick<Fault, "code" | "message" | "details">,
  requestId: string,
  retryAfter: number | undefined,
): ErrorBody => ({
  error: code,
  message,
  ...(details !== undefined && { details }),
  request_id: requestId,
  retryable: retryAfter !== undefined,
  ...(code === "PAYMENT_UNAVAILABLE" && { circuit_breaker: "open", retry_after_secs: retryAfter ?? 1 }),
});

/** The answer to a failed request, in the shape all failures share. */
export const errorResult = (error: unknown, requestId: string, extraHeaders: Headers = {}): Result => {
  const fault = faultOf(error);
  const { status } = FAILURES[fault.code];
  const retryAfter = fault.retryAfterSeconds ?? (status === 429 || status === 503 ? 1 : undefined);
  return jsonResult(status, errorBody(fault, requestId, retryAfter), {
    ...fault.headers,
    ...extraHeaders,
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
  });
};
