import type { Config } from "../../core/config/config.ts";
import { dynamodbClientSettings } from "../../core/storage/client-settings.ts";

/** Milliseconds: far longer than an answer takes. */
const ANSWER_MS = 3_000;

/**
 * Settings of the SDK's clients that follow streams. By themselves they would wait for ever where a connection goes mute without
 * being closed, and nothing would be read any more.
 */
export const pollingSettings = (dynamodb: Config["dynamodb"]) => ({
  ...dynamodbClientSettings(dynamodb),
  requestHandler: { connectionTimeout: ANSWER_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
});
