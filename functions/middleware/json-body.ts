import type { MiddlewareObj } from "@middy/core";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { fieldFault, RequestError } from "./request-error.ts";

export const MAX_BODY_BYTES = 64 * 1024;

/**
 * Parses a JSON body, within the size limit.
 *
 * @throws RequestError 413 when too large, 400 when missing; and the parser's own errors
 */
export const jsonBody = ({ optional = false } = {}): MiddlewareObj<APIGatewayProxyEventV2> => {
  const parser = httpJsonBodyParser();
  return {
    before: (request) => {
      const { body, isBase64Encoded } = request.event;
      if (!body) {
        if (!optional) throw fieldFault("body", "is required");
        request.event.body = undefined;
        return;
      }
      if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") > MAX_BODY_BYTES)
        throw new RequestError("PAYLOAD_TOO_LARGE");
      return parser.before?.(request as never);
    },
  };
};
