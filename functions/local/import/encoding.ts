import { open } from "node:fs/promises";

/** The encodings of spreadsheets' exports. */
export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** Thrown for a file that is no text at all; the message ends a sentence that starts with the file's name. */
export class NotTextError extends Error {
  override readonly name = "NotTextError";
}

/**
 * The encoding that the first bytes of a file show: UTF-16 by its byte order mark or by the zero byte beside
 * the first ASCII character, else UTF-8.
 *
 * @throws NotTextError for a spreadsheet or an archive
 */
export const sniffEncoding = async (file: string): Promise<Encoding> => {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const [first = 0, second = 0] = buffer;
    if (buffer.toString("latin1").startsWith("PK\u0003\u0004"))
      throw new NotTextError('is a spreadsheet or an archive: save it as "CSV UTF-8" and import that');
    if (first === 0x1f && second === 0x8b) throw new NotTextError("is compressed: unpack it first");
    if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "utf-16le";
    if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return "utf-16be";
    return "utf-8";
  } finally {
    await handle.close();
  }
};

/** The chunks of a text in another encoding as UTF-8. */
export async function* toUtf8(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array> {
  if (encoding === "utf-8") {
    yield* chunks;
    return;
  }
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  for await (const chunk of chunks) yield encoder.encode(decoder.decode(chunk, { stream: true }));
  yield encoder.encode(decoder.decode());
}
