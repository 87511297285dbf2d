import type { Priority } from "../../core/resilience/priorities.ts";
import type { Route } from "./route.ts";

/**
 * How important a route's requests are when the process can't answer all of them. Operations are never refused:
 * overload is when they are needed.
 */
export const priorityOf = ({ tag, method, path }: Route): Priority => {
  if (tag === "Operations" || tag === "Resilience") return "operations";
  if (path === "/cart/{userId}/checkout") return "checkout";
  if (path === "/products/search") return "search";
  return method === "GET" ? "read" : "write";
};
