import * as openapi from "../operations/openapi.ts";
import { DESCRIBED_ENDPOINTS, type Endpoint } from "./described-endpoints.ts";

/** Every endpoint of the shop. */
export const ENDPOINTS: readonly Endpoint[] = [...DESCRIBED_ENDPOINTS, openapi];
