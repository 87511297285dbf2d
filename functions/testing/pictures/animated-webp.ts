// cspell:ignore ANMF -- the name of a frame's chunk
/**
 * Puts still WebP pictures of one size into an animated one. A container of chunks, so nothing is encoded again:
 * https://developers.google.com/speed/webp/docs/riff_container
 */

interface Chunk {
  readonly name: string;
  readonly data: Buffer;
}

const ANIMATION = 0b10;
const HEADER_BYTES = 12;

const little = (bytes: number, value: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
};

/** A chunk of odd length is followed by a byte that does not count. */
const chunk = (name: string, ...parts: readonly Buffer[]): Buffer => {
  const data = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(name), little(4, data.length), data, Buffer.alloc(data.length % 2)]);
};

const chunksOf = (file: Buffer): Chunk[] => {
  const chunks: Chunk[] = [];
  for (let at = HEADER_BYTES; at < file.length; ) {
    const size = file.readUInt32LE(at + 4);
    chunks.push({ name: file.toString("latin1", at, at + 4), data: file.subarray(at + 8, at + 8 + size) });
    at += 8 + size + (size % 2);
  }
  return chunks;
};

/** The bitstream of a still picture; its other chunks, such as colour profiles, are left out. */
const bitstreamOf = (file: Buffer): Buffer => {
  const image = chunksOf(file).find(({ name }) => name === "VP8 ");
  if (!image) throw new Error("A picture is no lossy WebP");
  return image.data;
};

/** Width and height less one, as the container has them, from the head of a key frame (RFC 6386, section 9.1). */
const sizeOf = (bitstream: Buffer): Buffer =>
  Buffer.concat([6, 8].map((at) => little(3, (bitstream.readUInt16LE(at) & 0x3fff) - 1)));

export interface Frame {
  readonly file: Buffer;
  readonly milliseconds: number;
}

/** @param frames lossy pictures of one size */
export const animatedWebp = (frames: readonly Frame[]): Buffer => {
  const images = frames.map(({ file, milliseconds }) => ({ bitstream: bitstreamOf(file), milliseconds }));
  const size = sizeOf(images[0]?.bitstream ?? Buffer.alloc(10));
  const body = Buffer.concat([
    Buffer.from("WEBP"),
    chunk("VP8X", little(4, ANIMATION), size),
    chunk("ANIM", little(4, 0xffffffff), little(2, 0)), // White behind it, and no end.
    ...images.map(({ bitstream, milliseconds }) =>
      chunk("ANMF", Buffer.alloc(6), size, little(3, milliseconds), little(1, 0), chunk("VP8 ", bitstream)),
    ),
  ]);
  return Buffer.concat([Buffer.from("RIFF"), little(4, body.length), body]);
};
