import { createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The scope of a signature, beside its day. */
export interface Scope {
  readonly region: string;
  readonly service: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer | KeyObject, data: string): Buffer =>
  createHmac("sha256", key).update(data).digest();

/**
 * Signs requests by AWS Signature Version 4. The key of a day is kept: deriving it takes four of the five HMACs.
 * Source: "Create a signed AWS API request", AWS IAM User Guide.
 */
export const openSigner = (credentials: Credentials, { region, service }: Scope) => {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  let key: { readonly day: string; readonly value: KeyObject } | undefined;

  const keyOf = (day: string): KeyObject => {
    if (key?.day !== day) {
      const value = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), "aws4_request");
      key = { day, value: createSecretKey(value) };
    }
    return key.value;
  };

  /**
   * @param headers by names in lower case, all of which are signed, and without white space to fold
   * @param time epoch milliseconds
   * @returns the headers with those that prove them
   */
  return (
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
    time: number,
  ): Record<string, string> => {
    const at = new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, "");
    const day = at.slice(0, 8);
    const payload = sha256(body);
    const signed: Record<string, string> = {
      ...headers,
      "x-amz-content-sha256": payload,
      "x-amz-date": at,
      ...(sessionToken && { "x-amz-security-token": sessionToken }),
    };
    const names = Object.keys(signed).sort();
    const list = names.join(";");
    let canonical = `POST\n${path}\n\n`;
    for (const name of names) canonical += `${name}:${signed[name]}\n`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const toSign = `${ALGORITHM}\n${at}\n${scope}\n${sha256(`${canonical}\n${list}\n${payload}`)}`;
    const signature = hmac(keyOf(day), toSign).toString("hex");
    signed.authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${list}, Signature=${signature}`;
    return signed;
  };
};

export type Signer = ReturnType<typeof openSigner>;
