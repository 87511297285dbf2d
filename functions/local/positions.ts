import { readFile, rename, writeFile } from "node:fs/promises";
import { z } from "zod";

/** How far each shard of a stream has been read, kept in a file across restarts. */
export interface Positions {
  readonly get: (shardId: string) => string | undefined;
  readonly set: (shardId: string, sequenceNumber: string) => Promise<void>;
  readonly drop: (shardId: string) => Promise<void>;
}

/** Sequence numbers are decimal, of at most 40 digits (the streams API reference). */
const storedSchema = z.object({
  streamArn: z.string(),
  shards: z.record(z.string(), z.string().regex(/^\d{1,40}$/)),
});

type Stored = z.infer<typeof storedSchema>;

/** Opens the positions of a stream; those of another stream (a database made anew) are dropped. */
export const openPositions = async (file: string, streamArn: string): Promise<Positions> => {
  const stored = await read(file);
  const shards = new Map(stored?.streamArn === streamArn ? Object.entries(stored.shards) : []);
  const save = async (): Promise<void> => {
    const next: Stored = { streamArn, shards: Object.fromEntries(shards) };
    // Renaming is atomic: a crash leaves the old file or the new one, never half of one.
    await writeFile(`${file}.next`, JSON.stringify(next));
    await rename(`${file}.next`, file);
  };
  return {
    get: (shardId) => shards.get(shardId),
    set: (shardId, sequenceNumber) => {
      shards.set(shardId, sequenceNumber);
      return save();
    },
    drop: (shardId) => {
      shards.delete(shardId);
      return save();
    },
  };
};

/** Without a usable file every record is read again, which does no harm: fulfilment is idempotent. */
const read = async (file: string): Promise<Stored | undefined> => {
  try {
    return storedSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      console.error(`${file} is damaged: reading the orders stream from its oldest record`);
    }
    return undefined;
  }
};
