import { z } from "zod";
import { EXAMPLES } from "./examples.ts";

export type Json = Record<string, unknown>;

/** Turns zod schemas into JSON Schema; those with an id become components that are referred to. */
export interface SchemaWriter {
  readonly write: (schema: z.ZodType, io: "input" | "output") => Json;
  /** Every component written so far, by name. */
  readonly components: () => Json;
}

export const openSchemaWriter = (): SchemaWriter => {
  const components = new Map<string, Json>();

  const addComponent = (name: string, { id: _, ...definition }: Json): void => {
    const example = EXAMPLES[name];
    components.set(name, relinked({ ...definition, ...(example !== undefined && { examples: [example] }) }));
  };

  return {
    write: (schema, io) => {
      const settings = { io, target: "draft-2020-12", override: withoutNoise } as const;
      const { $schema, $defs = {}, ...json } = z.toJSONSchema(schema, settings) as Json;
      for (const [name, definition] of Object.entries($defs as Record<string, Json>)) {
        addComponent(name, definition);
      }
      if (typeof json.id !== "string") return relinked(json);
      addComponent(json.id, json);
      return { $ref: `#/components/schemas/${json.id}` };
    },
    components: () => Object.fromEntries([...components].sort(([a], [b]) => a.localeCompare(b))),
  };
};

/** Leaves away what zod adds and no reader gains by: a format's pattern, the bounds of exact integers. */
const withoutNoise = ({ jsonSchema }: { jsonSchema: Json }): void => {
  if (jsonSchema.format) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
};

/** Points references at the document's components instead of the schema's own definitions. */
const relinked = (value: Json): Json =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
