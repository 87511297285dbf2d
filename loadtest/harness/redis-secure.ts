import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../functions/local/ports.ts";
import { endWithTests } from "./end-with-tests.ts";
import { startRedis } from "./redis-process.ts";

/** A certificate for localhost that nobody trusts yet. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Makes files that end with the tests. @throws Error where there is no openssl */
export const makeCertificate = (): Certificate => {
  const folder = mkdtempSync(join(tmpdir(), "stampede-tls-"));
  endWithTests(() => rmSync(folder, { recursive: true, force: true }));
  const [certificate, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const openssl = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"],
    ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
  ]);
  if (openssl.status !== 0) throw new Error(`openssl is needed (apt-get install openssl): ${openssl.stderr}`);
  return { certificate, key };
};

/** Starts a Redis that asks for a password; the port on which it speaks TLS, and nothing else. */
export const startTlsRedis = async ({ certificate, key }: Certificate, password: string): Promise<number> => {
  const port = await freePort();
  await startRedis({
    ...{ "tls-port": String(port), "tls-auth-clients": "no", requirepass: password },
    ...{ "tls-cert-file": certificate, "tls-key-file": key },
  });
  return port;
};
