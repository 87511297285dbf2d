import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, gzip, constants as zlib } from "node:zlib";
import { etagMatches } from "../products/etag.ts";
import { type Encoding, preferredEncoding } from "./accept-encoding.ts";

/** Of Swagger UI, 7 makes 396 KB in 50 ms; 11 makes 359 KB in 2,300 ms. */
const BROTLI_QUALITY = 7;

/** In the name of a file: 64 bits tell apart every version there will be. */
const HASH_DIGITS = 16;

export const IMMUTABLE = "public, max-age=31536000, immutable";

/** Content in one encoding. */
interface Variant {
  readonly etag: string;
  readonly encoding: Encoding;
  /** Bun sends a Blob from the memory it is in; of a string or a buffer each slow reader holds a copy. */
  readonly body: Blob;
}

/** Content that stays the same as long as the process lives. */
export interface StaticFile {
  readonly contentType: string;
  /** Hexadecimal digits that change with the content. */
  readonly hash: string;
  /** Made when first asked for, and kept. */
  readonly variant: (encoding: Encoding) => Promise<Variant>;
}

/** One file in answer to one request. */
export interface Served {
  readonly file: StaticFile;
  readonly cacheControl: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StaticAnswer {
  readonly status: 200 | 304;
  readonly headers: Record<string, string>;
  readonly variant: Variant;
}

export const staticFile = (contentType: string, content: string | Buffer): StaticFile => {
  const original = Buffer.from(content);
  const hash = createHash("sha256").update(original).digest("hex").slice(0, HASH_DIGITS);
  const variantOf = (encoding: Encoding, bytes: Buffer): Variant => ({
    etag: encoding === "identity" ? `"${hash}"` : `"${hash}-${encoding}"`,
    encoding,
    body: new Blob([new Uint8Array(bytes)]),
  });
  const variants = {
    br: once(async () => variantOf("br", await compressBrotli(original))),
    gzip: once(async () => variantOf("gzip", await promisify(gzip)(original))),
    identity: once(async () => variantOf("identity", original)),
  } satisfies Record<Encoding, unknown>;
  return { contentType, hash, variant: (encoding) => variants[encoding]() };
};

const compressBrotli = (bytes: Buffer): Promise<Buffer> =>
  promisify(brotliCompress)(bytes, { params: { [zlib.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });

/** Makes a value when it is first asked for, and keeps it unless that fails. */
export const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
};

/** The answer to a conditional, negotiated GET; the same for a HEAD, which leaves the body away. */
export const staticAnswer = async (
  { file, cacheControl, headers }: Served,
  acceptEncoding: string | null | undefined,
  ifNoneMatch: string | null | undefined,
): Promise<StaticAnswer> => {
  const variant = await file.variant(preferredEncoding(acceptEncoding));
  // Its own headers on a 304, too: browsers put those of a 304 in the place of the ones they have kept.
  const common = { etag: variant.etag, "cache-control": cacheControl, vary: "accept-encoding", ...headers };
  if (etagMatches(ifNoneMatch ?? undefined, variant.etag)) return { status: 304, headers: common, variant };
  return {
    status: 200,
    variant,
    headers: {
      "content-type": file.contentType,
      ...(variant.encoding !== "identity" && { "content-encoding": variant.encoding }),
      "x-content-type-options": "nosniff",
      ...common,
    },
  };
};
