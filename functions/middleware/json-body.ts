import type { MiddlewareObj } from "@middy/core";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { fieldFault, RequestError } from "./request-error.ts";

export const MAX_BODY_BYTES = 64 * 1024;

const ENCODED = new RequestError("UNSUPPORTED_MEDIA_TYPE", {
  message: "The body must come as it is, without a Content-Encoding",
});

/**
 * Parses a JSON body, within the size limit.
 *
 * @throws RequestError 415 when compressed, 413 when too large, 400 when missing; and the parser's own errors
 */
export const jsonBody = ({ optional = false } = {}): MiddlewareObj<APIGatewayProxyEventV2> => {
  const parser = httpJsonBodyParser();
  return {
    before: (request) => {
      const { body, headers, isBase64Encoded } = request.event;
      if (!body) {
        if (!optional) throw fieldFault("body", "is required");
        request.event.body = undefined;
        return;
      }
      const encoding = headers["content-encoding"]?.trim().toLowerCase();
      if (encoding && encoding !== "identity") throw ENCODED;
      if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") > MAX_BODY_BYTES)
        throw new RequestError("PAYLOAD_TOO_LARGE");
      return parser.before?.(request as never);
    },
  };
};
