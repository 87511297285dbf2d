import { z } from "zod";

/** Programs that the launcher owns and the console may take down; `second` is the shop's second process. */
const PROGRAMS = ["redis", "dynamodb", "second"] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** `kill`: as `kill -9`, and it is started again at once. `stop`: it stays down until `start`. `freeze`: it hangs. */
const PROGRAM_ACTIONS = ["kill", "stop", "start", "freeze"] as const;
export type ProgramAction = (typeof PROGRAM_ACTIONS)[number];

/** Headers that say who asks. */
export const CREDENTIALS = ["authorization", "x-api-key"] as const;
export type LoadCredentials = Readonly<Partial<Record<(typeof CREDENTIALS)[number], string>>>;

/** Bounded, since the load shares the machine with the shop. */
const loadSchema = z.strictObject({
  readsPerSecond: z.int().min(0).max(3_000),
  shoppers: z.int().min(0).max(50),
  seconds: z.int().min(5).max(120),
  spike: z.boolean(),
  hotShare: z.number().min(0).max(1),
  saleStock: z.int().min(1).max(10_000).optional(),
});
export type LoadRequest = z.infer<typeof loadSchema>;

export const actionSchema = z.discriminatedUnion("do", [
  z.strictObject({
    do: z.literal("program"),
    program: z.enum(PROGRAMS),
    action: z.enum(PROGRAM_ACTIONS),
  }),
  z.strictObject({ do: z.literal("load"), load: loadSchema }),
  z.strictObject({ do: z.literal("stop-load") }),
]);
export type Action = z.infer<typeof actionSchema>;
