export type StageKind = "personal" | "production";

const PRODUCTION = "production";

/**
 * Sixteen characters: SST puts the stage into names, and cuts off what AWS has no room for, so that of a longer
 * one less and less could be seen. No hyphen beside another: SST puts one after the stage, and ElastiCache
 * refuses names with two in a row.
 */
const PERSONAL_STAGE = /^(?=.{1,16}$)[a-z](-?[a-z0-9])*$/;

/** Names that someone would take for the production stage, which has one name only. */
const LOOKS_LIKE_PRODUCTION = /^(prod.*|prd|live|main|master|release)$/i;

export const kindOf = (stage: string): StageKind => (stage === PRODUCTION ? "production" : "personal");

export const stageProblems = (stage: string): string[] => {
  if (stage === PRODUCTION) return [];
  if (LOOKS_LIKE_PRODUCTION.test(stage)) {
    return [`Stage "${stage}" is unknown: the production stage is called "${PRODUCTION}"`];
  }
  if (PERSONAL_STAGE.test(stage)) return [];
  return [
    `Stage "${stage}" is unknown: use "${PRODUCTION}", or a name of your own of at most 16 lower-case letters, ` +
      "digits and single hyphens that starts with a letter and ends with none",
  ];
};
