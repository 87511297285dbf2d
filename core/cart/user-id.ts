import { z } from "zod";

/**
 * The ids identity providers hand out: letters, digits and `_ - . : @ + |`, e.g. `auth0|5f7c8e` or an address. Names that
 * mean something to JavaScript objects are reserved: no user is called that, only attempts to break in are. All of it is
 * said in patterns, so that the API's document says it too.
 */
export const userIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9_-][A-Za-z0-9_.:@+|-]{0,127}$/,
    "must be 1 to 128 letters, digits or _ - . : @ + | and start with a letter, digit, _ or -",
  )
  .regex(/^(?!.*\.\.)/, "must not contain ..")
  .regex(/^(?!(?:__proto__|constructor|prototype)$)/, "is a reserved name")
  .meta({ description: "User id", example: "alice" });
