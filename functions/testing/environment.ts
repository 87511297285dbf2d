import { randomUUID } from "node:crypto";
import { inject } from "vitest";

/** Each test file has tables of its own, in the one engine of the run. */
process.env.DYNAMODB_ENDPOINT = inject("dynamodbEndpoint");
process.env.TABLE_PREFIX = `test-${randomUUID()}-`;
process.env.LOG_LEVEL ??= "SILENT";
