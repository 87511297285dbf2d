import { readFile, rename, writeFile } from "node:fs/promises";

/** How far each shard of a stream has been read, kept in a file across restarts. */
export interface Positions {
  readonly get: (shardId: string) => string | undefined;
  readonly set: (shardId: string, sequenceNumber: string) => Promise<void>;
}

interface Stored {
  readonly streamArn: string;
  readonly shards: Record<string, string>;
}

/** Opens the positions of a stream; those of another stream (a database made anew) are dropped. */
export const openPositions = async (file: string, streamArn: string): Promise<Positions> => {
  const stored = await read(file);
  const shards = stored?.streamArn === streamArn ? stored.shards : {};
  return {
    get: (shardId) => shards[shardId],
    set: async (shardId, sequenceNumber) => {
      shards[shardId] = sequenceNumber;
      // Renaming is atomic: a crash leaves the old file or the new one, never half of one.
      await writeFile(`${file}.next`, JSON.stringify({ streamArn, shards } satisfies Stored));
      await rename(`${file}.next`, file);
    },
  };
};

const read = async (file: string): Promise<Stored | undefined> => {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Stored;
  } catch {
    // No file, or one that a crash of the machine left unreadable: records are read again, which does no harm.
    return undefined;
  }
};
