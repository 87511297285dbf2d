import type { Synthesis, SynthesizedResource } from "./synthesis.ts";

export interface InventoryRow {
  /** File in `stacks/`. */
  readonly stack: string;
  /** As AWS and Pulumi call it, without what every type has: `dynamodb Table`. */
  readonly type: string;
  readonly names: readonly string[];
}

/** The stack of a resource: its own, or that of the component it is a part of. */
export const stackOf = (synthesis: Synthesis): ((resource: SynthesizedResource) => string) => {
  const byUrn = new Map(synthesis.resources.map((resource) => [resource.urn, resource]));
  const find = (resource: SynthesizedResource): string => {
    if (resource.stack) return resource.stack;
    const parent = byUrn.get(resource.parent);
    return parent ? find(parent) : "-";
  };
  return find;
};

/** `dynamodb Table` of `aws:dynamodb/table:Table`. */
export const shortType = (type: string): string => {
  const [provider = "", module = "", name = ""] = type.split(":");
  return `${provider === "aws" ? module.split("/")[0] : provider} ${name}`;
};

/**
 * The resources that would be created, by stack and type; components, which only group others, are left out.
 */
export const inventory = (synthesis: Synthesis): InventoryRow[] => {
  const find = stackOf(synthesis);
  const rows = new Map<string, { stack: string; type: string; names: string[] }>();
  for (const resource of synthesis.resources.filter(({ isCustom }) => isCustom)) {
    const row = { stack: find(resource), type: shortType(resource.type), names: [] as string[] };
    const key = `${row.stack} ${row.type}`;
    const known = rows.get(key) ?? row;
    known.names.push(resource.name);
    rows.set(key, known);
  }
  return [...rows.values()]
    .map((row) => ({ ...row, names: row.names.toSorted() }))
    .toSorted((a, b) => `${a.stack} ${a.type}`.localeCompare(`${b.stack} ${b.type}`));
};
