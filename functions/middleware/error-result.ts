import { z } from "zod";
import { DomainError, type ErrorCode } from "../../core/errors.ts";
import { RequestError } from "./request-error.ts";
import { type Headers, jsonResult, type Result } from "./result.ts";

/** The one place where a domain error gets its HTTP status. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  VALIDATION_FAILED: 400,
  CART_EMPTY: 400,
  PAYMENT_DECLINED: 402,
  PRODUCT_NOT_FOUND: 404,
  CART_ITEM_NOT_FOUND: 404,
  ORDER_NOT_FOUND: 404,
  CART_LIMIT_EXCEEDED: 409,
  CART_CHANGED: 409,
  OUT_OF_STOCK: 409,
  IDEMPOTENCY_IN_FLIGHT: 409,
  IDEMPOTENCY_MISMATCH: 422,
  SEARCH_NOT_READY: 503,
  CACHE_UNAVAILABLE: 503,
  STORAGE_UNAVAILABLE: 503,
  STORAGE_CONFLICT: 503,
  DEADLINE_EXCEEDED: 503,
};

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
  })
  .meta({ id: "Error" });

export type ErrorBody = z.infer<typeof errorSchema>;

interface Fault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly retryAfterSeconds?: number | undefined;
}

/** Defects show the client nothing of their inside; the log has it. */
const DEFECT: Fault = {
  status: 500,
  code: "INTERNAL_ERROR",
  message: "Something went wrong on our side",
};

const faultOf = (error: unknown): Fault => {
  if (error instanceof RequestError) return error;
  if (!(error instanceof DomainError)) return parserFault(error) ?? DEFECT;
  const { code, message, details, retryAfterSeconds } = error;
  return { status: STATUS[code], code, message, details, retryAfterSeconds };
};

/** The JSON body parser's own errors, in the shop's codes. */
const parserFault = (error: unknown): Fault | undefined => {
  const cause = error instanceof Error ? (error.cause as { package?: string } | undefined) : undefined;
  if (cause?.package !== "@middy/http-json-body-parser") return undefined;
  const { statusCode, message } = error as Error & { statusCode: number };
  return statusCode === 415
    ? {
        status: 415,
        code: "UNSUPPORTED_MEDIA_TYPE",
        message: "The body must be application/json",
      }
    : { status: 400, code: "MALFORMED_JSON", message: `body: ${message}` };
};

export const errorCodeOf = (error: unknown): string => faultOf(error).code;

/** The answer to a failed request, in the shape all failures share. */
export const errorResult = (error: unknown, requestId: string, extraHeaders: Headers = {}): Result => {
  const { status, code, message, details, headers, retryAfterSeconds } = faultOf(error);
  const needsRetryAfter = status === 429 || status === 503;
  const retryAfter = retryAfterSeconds ?? (needsRetryAfter ? 1 : undefined);
  const body: ErrorBody = {
    error: code,
    message,
    ...(details !== undefined && { details }),
    request_id: requestId,
    retryable: retryAfter !== undefined,
  };
  return jsonResult(status, body, {
    ...headers,
    ...extraHeaders,
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
  });
};
