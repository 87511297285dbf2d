import { shortType } from "./inventory.ts";
import type { Synthesis, SynthesizedResource } from "./synthesis.ts";

export interface Change {
  readonly what: string;
  /** Path of the field; empty for a resource that only one of them has. */
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

type Fields = Map<string, string>;

/** The value that JSON text stands for; other text is itself. */
const parsed = (value: unknown): unknown => {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

const isVariable = (part: unknown): part is { name: string; value: string } =>
  typeof part === "object" && part !== null && Object.keys(part).sort().join() === "name,value";

/**
 * The label of a line of a dashboard's graph, such as `AWS/ECS CPUUtilization … Average`; undefined for
 * anything else.
 */
const shownBy = (part: unknown): string | undefined => {
  if (!Array.isArray(part) || typeof part[0] !== "string" || typeof part.at(-1) !== "object")
    return undefined;
  return [...part.slice(0, -1), part.at(-1)?.stat].join(" ");
};

/** The folder that a synthesis builds in. */
const WORK_FOLDER = /\/\S*stampede-synth-\w+/g;

/**
 * A value without the stage's own name, which SST puts before names, cutting off the app's where room is
 * short, and without the synthesis's own folder.
 */
const neutral = (value: string, stage: string): string =>
  value
    .replaceAll(WORK_FOLDER, "<build>")
    .replaceAll(stage, "<stage>")
    .replaceAll(/\bs[tampede]*-<stage>/g, "<app>-<stage>");

/** Every leaf of a value by its path; JSON inside of text is looked into as well. */
const leaves = (value: unknown, path: string, into: Fields, stage: string): Fields => {
  const structured = parsed(value);
  if (typeof structured === "object" && structured !== null) {
    for (const [key, part] of Object.entries(structured)) {
      const at = path ? `${path}.${key}` : key;
      const shown = shownBy(part);
      // A list of variables is keyed by their names, and a graph by its lines, not by their places in it.
      if (isVariable(part)) into.set(`${path}.${part.name}`, part.value);
      else if (shown) into.set(`${path}.${neutral(shown, stage)}`, "shown");
      else leaves(part, at, into, stage);
    }
  } else if (structured !== undefined) into.set(path, String(structured));
  return into;
};

/** A resource's fields. That the names of stages differ is no difference. */
const fieldsOf = ({ inputs, protect, retainOnDelete }: SynthesizedResource, stage: string): Fields => {
  const fields = leaves(inputs, "", new Map(), stage);
  for (const [path, value] of fields) fields.set(path, neutral(value, stage));
  if (protect) fields.set("(protected)", "true");
  if (retainOnDelete) fields.set("(kept on removal)", "true");
  return fields;
};

/** Names come first, for they say more; the type keeps apart those that share one. */
const keyOf = ({ type, name }: SynthesizedResource): string => `${name} (${shortType(type)})`;

/** Differences of the second of two stages. */
export const differences = (
  first: { stage: string; synthesis: Synthesis },
  second: { stage: string; synthesis: Synthesis },
): Change[] => {
  const custom = ({ synthesis, stage }: typeof first): Map<string, Fields> =>
    new Map(
      synthesis.resources
        .filter(({ isCustom }) => isCustom)
        .map((resource) => [keyOf(resource), fieldsOf(resource, stage)]),
    );
  const [before, after] = [custom(first), custom(second)];
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((what): Change[] => {
    const [from, to] = [before.get(what), after.get(what)];
    if (!from) return [{ what, field: "", from: "-", to: "created" }];
    if (!to) return [{ what, field: "", from: "created", to: "-" }];
    return [...new Set([...from.keys(), ...to.keys()])]
      .filter((field) => from.get(field) !== to.get(field))
      .map((field) => ({ what, field, from: from.get(field) ?? "-", to: to.get(field) ?? "-" }));
  });
};
