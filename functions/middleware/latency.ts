import { z } from "zod";

/** A measured time as older clients read it, e.g. `"0.412ms"`. */
export const latencySchema = z
  .string()
  .regex(/^\d+\.\d{3}ms$/)
  .meta({ example: "0.412ms" });

export const inMilliseconds = (ms: number): string => `${ms.toFixed(3)}ms`;
