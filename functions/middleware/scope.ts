import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import type { RequestScope } from "../../core/request-scope.ts";
import { WorkContext } from "../http/event.ts";
import { requestIdOf } from "./request-id.ts";

const ofInvocations = new WeakMap<APIGatewayProxyEventV2, RequestScope>();

/** The scope of an event's handling: the server's own, or one for this invocation of a Lambda. */
export const scopeOf = (event: APIGatewayProxyEventV2, context: Context): RequestScope => {
  if (context instanceof WorkContext) return context.scope;
  let scope = ofInvocations.get(event);
  if (!scope) {
    scope = { requestId: requestIdOf(event), arrivedAt: performance.now() };
    ofInvocations.set(event, scope);
  }
  return scope;
};
