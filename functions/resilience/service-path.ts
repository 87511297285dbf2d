import { z } from "zod";
import { SERVICES } from "../../core/resilience/services.ts";

export const serviceSchema = z
  .enum(SERVICES)
  .meta({ description: "A dependency of the shop", example: "payment" });

export const circuitStateSchema = z.enum(["closed", "open", "half_open"]);
