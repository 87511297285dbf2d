import type { MiddlewareObj } from "@middy/core";
import httpJsonBodyParser from "@middy/http-json-body-parser";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { fieldFault, RequestError } from "./request-error.ts";

export const MAX_BODY_BYTES = 64 * 1024;

/** Levels of objects and arrays; the shop's own bodies have one. */
export const MAX_JSON_DEPTH = 16;

const TOO_DEEP = fieldFault("body", `must not be nested more than ${MAX_JSON_DEPTH} levels deep`);

const ENCODED = new RequestError("UNSUPPORTED_MEDIA_TYPE", {
  message: "The body must come as it is, without a Content-Encoding",
});

/** @throws RequestError 415 when compressed, 413 when too large */
export const checkBody = ({ body = "", headers, isBase64Encoded }: APIGatewayProxyEventV2): void => {
  const encoding = headers["content-encoding"]?.trim().toLowerCase();
  if (encoding && encoding !== "identity") throw ENCODED;
  if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") > MAX_BODY_BYTES)
    throw new RequestError("PAYLOAD_TOO_LARGE");
};

/** As it came: a signature covers it to the letter. */
export const textOf = ({ body = "", isBase64Encoded }: APIGatewayProxyEventV2): string =>
  isBase64Encoded ? Buffer.from(body, "base64").toString() : body;

/**
 * Parses a JSON body, within the size limit.
 *
 * @throws RequestError 415 when compressed, 413 when too large, 400 when missing or nested too deep; and the parser's own
 * errors
 */
export const jsonBody = ({ optional = false } = {}): MiddlewareObj<APIGatewayProxyEventV2> => {
  const parser = httpJsonBodyParser();
  return {
    before: (request) => {
      if (!request.event.body) {
        if (!optional) throw fieldFault("body", "is required");
        request.event.body = undefined;
        return;
      }
      checkBody(request.event);
      if (isDeeper(textOf(request.event), MAX_JSON_DEPTH)) throw TOO_DEEP;
      return parser.before?.(request as never);
    },
  };
};

/** Before parsing: whatever recurses over a value could otherwise run out of stack. */
const isDeeper = (text: string, most: number): boolean => {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInString && character === "\\") at += 1;
    else if (character === '"') isInString = !isInString;
    else if (isInString) continue;
    else if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    if (depth > most) return true;
  }
  return false;
};
