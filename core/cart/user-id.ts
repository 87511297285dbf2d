import { z } from "zod";

/** Names that mean something to JavaScript objects; no user is called that, only attempts to break in are. */
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

/** The ids identity providers hand out: letters, digits and `_ - . : @ + |`, e.g. `auth0|5f7c8e` or an address. */
export const userIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9_-][A-Za-z0-9_.:@+|-]{0,127}$/,
    "must be 1 to 128 letters, digits or _ - . : @ + | and start with a letter, digit, _ or -",
  )
  .refine((id) => !id.includes(".."), "must not contain ..")
  .refine((id) => !RESERVED.has(id), "is a reserved name")
  .meta({ description: "User id", example: "alice" });
