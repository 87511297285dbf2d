import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { ROUTES } from "../../functions/routes.ts";
import { bundleProgram, PLATFORM } from "../synth/bundle.ts";
import type { Synthesis, SynthesizedResource } from "../synth/synthesis.ts";
import { runProgram } from "../synth/synthesize.ts";
import { STAGES } from "./stage-requests.ts";

const ROOT = join(import.meta.dirname, "../..");
const CACHE = join(ROOT, ".sst/synthesized");

type StageName = keyof typeof STAGES;
export const DEPLOYED = [
  "personal",
  "production",
  "plainProduction",
  "functions",
] as const satisfies StageName[];

/**
 * The stacks' resources for a stage. Kept between test files and runs for as long as the program is the same:
 * every file would otherwise run it again.
 */
export const synthesized = (name: StageName): Promise<Deployment> => {
  const known = deployments.get(name) ?? synthesizeOnce(name).then(deploymentOf);
  deployments.set(name, known);
  return known;
};

/** Of all test files that run in this thread, as is the program. */
const deployments = new Map<StageName, Promise<Deployment>>();
let program: ReturnType<typeof bundleToText> | undefined;

/** Threads that want the same stage run the program for it once: the others wait for its file. */
const synthesizeOnce = async (name: StageName): Promise<Synthesis> => {
  program ??= bundleToText();
  const { text, key } = await program;
  const file = join(CACHE, key, `${name}.json`);
  const turn = join(inject("runFolder"), `synthesis-${name}`);
  while (!existsSync(file)) {
    if (await mkdir(turn).catch(() => "taken")) {
      await sleep(20);
      continue;
    }
    try {
      const synthesis = await synthesize(name, text);
      await keep(key, file, JSON.stringify(synthesis));
      return synthesis;
    } finally {
      await rmdir(turn);
    }
  }
  return JSON.parse(await readFile(file, "utf8")) as Synthesis;
};

const synthesize = async (name: StageName, text: Uint8Array): Promise<Synthesis> => {
  const { request, settings } = STAGES[name];
  const path = join(PLATFORM, `synth.${randomUUID()}.mjs`);
  try {
    await writeFile(path, text);
    return await runProgram(path, request, settings);
  } finally {
    await rm(path, { force: true });
  }
};

/** In the order of the names. */
export const synthesizedAll = async <const N extends readonly StageName[]>(...names: N) =>
  (await Promise.all(names.map(synthesized))) as { -readonly [I in keyof N]: Deployment };

const bundleToText = async () => {
  const path = await bundleProgram();
  const text = await readFile(path);
  await rm(path);
  const key = createHash("sha256")
    .update(text)
    .update(JSON.stringify([ROUTES, STAGES]))
    .digest("hex");
  return { text, key };
};

const keep = async (key: string, file: string, text: string): Promise<void> => {
  await mkdir(join(CACHE, key), { recursive: true });
  for (const other of await readdir(CACHE)) {
    if (other !== key) await rm(join(CACHE, other), { recursive: true, force: true });
  }
  // Written whole or not at all: another test file may be reading.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text);
  await rename(draft, file);
};

export type Resource = Omit<SynthesizedResource, "inputs"> & {
  /** Untyped, as the engine gets them: a test that reads a wrong field fails by what it expects of it. */
  // biome-ignore lint/suspicious/noExplicitAny: the shapes of some sixty types of resources
  readonly inputs: any;
};

export interface Deployment extends Synthesis {
  readonly all: readonly Resource[];
  /** Resources of a provider by the last part of their type, or all of it: `Table`, `ecs/service:Service`. */
  readonly ofType: (type: string) => Resource[];
  /** @throws Error when there is none of that name, or several */
  readonly one: (type: string, name?: string) => Resource;
}

const deploymentOf = (synthesis: Synthesis): Deployment => {
  const all = (synthesis.resources as readonly Resource[]).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const ofType = (type: string): Resource[] =>
    all.filter(
      (resource) =>
        resource.isCustom && (resource.type === `aws:${type}` || resource.type.split(":").at(-1) === type),
    );
  return {
    ...synthesis,
    all,
    ofType,
    one: (type, name) => {
      const found = ofType(type).filter((resource) => name === undefined || resource.name === name);
      const [resource] = found;
      if (!resource || found.length > 1) throw new Error(`${found.length} resources ${type} ${name ?? ""}`);
      return resource;
    },
  };
};

export interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** The statements of a role's own policies. */
export const statementsOf = ({ inputs }: Resource): Statement[] =>
  (inputs.inlinePolicies ?? []).flatMap(
    ({ policy }: { policy: string }) => JSON.parse(policy).Statement as Statement[],
  );

/** The shop's container as ECS gets it. */
export const containerOf = (deployment: Deployment) => {
  const [container] = JSON.parse(deployment.one("TaskDefinition").inputs.containerDefinitions);
  return container;
};

export type Variables = Record<string, string>;

/** The environment of the shop's container. */
export const containerVariables = (deployment: Deployment): Variables => {
  const { environment, secrets } = containerOf(deployment);
  // ECS puts the value of a secret into its variable.
  const kept = (secrets as { name: string }[]).map(({ name }) => {
    const version = `${name.replace("SST_RESOURCE_", "")}LinkVersion`;
    return [name, deployment.one("SecretVersion", version).inputs.secretString];
  });
  const pairs = (environment as { name: string; value: string }[]).map(({ name, value }) => [name, value]);
  return Object.fromEntries([...pairs, ...kept]);
};
