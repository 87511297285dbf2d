import { LogFormatter, Logger, LogItem } from "@aws-lambda-powertools/logger";
import type { LogAttributes, UnformattedAttributes } from "@aws-lambda-powertools/logger/types";
import type { Config } from "../config/config.ts";
import { currentRequest } from "../request-scope.ts";
import { activeSpan } from "../tracing/span.ts";
import { METRIC_SERVICE } from "./metrics.ts";

/** Puts the ids of request and trace on every line, so that no caller has to hand a logger around. */
class RequestLogFormatter extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, additional: LogAttributes): LogItem {
    const { requestId, traceId = activeSpan()?.context.traceId } = currentRequest() ?? {};
    return new LogItem({
      attributes: {
        timestamp: this.formatTimestamp(attributes.timestamp),
        level: attributes.logLevel,
        message: attributes.message,
        service: attributes.serviceName,
        ...(requestId && { request_id: requestId }),
        ...(traceId && { trace_id: traceId }),
      },
    }).addAttributes(additional);
  }
}

export const openLogger = (config: Config): Logger =>
  new Logger({
    serviceName: METRIC_SERVICE,
    logLevel: config.telemetry.logLevel,
    logFormatter: new RequestLogFormatter(),
  });
