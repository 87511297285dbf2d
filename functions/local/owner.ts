import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { commandOf, startOf } from "./processes.ts";

const pid = z.int().positive();

const servicesSchema = z.object({
  engine: z.object({ pid, endpoint: z.url() }).optional(),
  limits: z.object({ pid, endpoint: z.url() }).optional(),
  redis: z.object({ pid, url: z.url() }).optional(),
});

/** Which process has a data directory, and what runs beside it. */
const ownerSchema = servicesSchema.extend({ pid, started: z.string() });

/** Services beside the process that claimed a data directory. */
export type Services = z.infer<typeof servicesSchema>;
export type Owner = z.infer<typeof ownerSchema>;

/** Tells others who has the directory. The lock decides that: the file only says it. */
export const openOwnerFile = (root: string) => {
  const file = join(root, "owner.json");
  let owner: Owner = { pid: process.pid, started: startOf(process.pid) ?? "" };
  const write = async (): Promise<void> => {
    // Renaming is atomic: nobody reads half of it.
    await writeFile(`${file}.next`, JSON.stringify(owner));
    await rename(`${file}.next`, file);
  };
  return {
    write,
    note: (services: Services): Promise<void> => {
      owner = { ...owner, ...services };
      return write();
    },
    remove: () => rm(file, { force: true }),
  };
};

/** The living process that the directory's file names; undefined when it names none, or one that has ended. */
export const ownerOf = async (root: string): Promise<Owner | undefined> => {
  try {
    const owner = ownerSchema.parse(JSON.parse(await readFile(join(root, "owner.json"), "utf8")));
    return startOf(owner.pid) === owner.started ? owner : undefined;
  } catch {
    return undefined;
  }
};

/** The services of the shop that runs on a data directory; nothing when none runs there. */
export const runningServices = async (dir: string): Promise<Services> => {
  const owner = await ownerOf(resolve(dir));
  return owner && commandOf(owner.pid).includes("local/launcher") ? owner : {};
};
