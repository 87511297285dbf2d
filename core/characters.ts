import { z } from "zod";

/** Text of limited length, counted in characters as JSON Schema does: those outside the basic plane are one, not two. */
export const characters = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .refine((text) => text.length <= max || [...text].length <= max, `must have at most ${max} characters`)
    .meta({ maxLength: max });
