import { createSecretKey } from "node:crypto";
import { exportSPKI, importJWK, SignJWT } from "jose";
import { expect, onTestFinished, test } from "vitest";
import { startKeyServer } from "../testing/key-server.ts";
import { AUDIENCE, ISSUER, openTokenIssuer, type TokenIssuer } from "../testing/token-issuer.ts";
import { openKeySet } from "./key-set.ts";
import { openTokenVerifier } from "./token-verifier.ts";

const issuer = await openTokenIssuer();
const now = () => Math.floor(Date.now() / 1_000);

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

const openVerifier = (source: URL | TokenIssuer["keySet"], clock = { ahead: 0 }) => {
  const warnings: string[] = [];
  const at = () => Date.now() + clock.ahead;
  const keys = openKeySet({ source, now: at, warn: (message) => void warnings.push(message) });
  const verifier = openTokenVerifier({ keys, issuer: ISSUER, audience: AUDIENCE, now: at });
  return { ...verifier, warnings, clock };
};

const signedWithPublicKey = async (): Promise<string> => {
  const [jwk] = issuer.keySet.keys;
  const pem = await exportSPKI((await importJWK(jwk ?? {}, "ES256")) as CryptoKey);
  return new SignJWT({ sub: "alice", iss: ISSUER, aud: AUDIENCE, exp: now() + 600 })
    .setProtectedHeader({ alg: "HS256", kid: jwk?.kid ?? "" })
    .sign(createSecretKey(Buffer.from(pem)));
};

const unsigned = `${base64({ alg: "none" })}.${base64({ sub: "alice", iss: ISSUER, aud: AUDIENCE, exp: now() + 600 })}.`;
const critical = `${base64({ alg: "ES256", kid: "key-1", crit: ["x"], x: 1 })}.${base64({ sub: "alice" })}.AAAA`;
const stranger = await openTokenIssuer(issuer.keySet.keys[0]?.kid);
const good = await issuer.sign();

test("proves users and administrators", async () => {
  const { verify } = openVerifier(issuer.keySet);
  expect(await verify(good)).toEqual({ kind: "user", subject: "alice", isAdmin: false, isUnlimited: false });
  for (const claims of [{ scope: "read admin" }, { scp: ["admin"] }, { roles: ["admin"] }]) {
    expect(await verify(await issuer.sign(claims))).toMatchObject({ isAdmin: true });
  }
  for (const claims of [{ scope: "administrator" }, { scp: [["admin"]] }, { roles: { admin: true } }]) {
    expect(await verify(await issuer.sign(claims))).toMatchObject({ isAdmin: false });
  }
});

test.each([
  ["expired", issuer.sign({ exp: now() - 31 }), "expired"],
  ["not yet valid", issuer.sign({ nbf: now() + 60 }), "claim nbf"],
  ["from another issuer", issuer.sign({ iss: "https://elsewhere.example/" }), "claim iss"],
  ["for another audience", issuer.sign({ aud: "another" }), "claim aud"],
  ["without an expiry", issuer.sign({ exp: undefined }), "claim exp"],
  ["without a user", issuer.sign({ sub: undefined }), "claim sub"],
  ["for a user id that there can't be", issuer.sign({ sub: "../alice" }), "subject"],
  ["that claims to be a guest's", issuer.sign({ sub: "guest-alice" }), "subject"],
  ["without a signature", unsigned, "algorithm"],
  ["signed with the public key as a secret", signedWithPublicKey(), "algorithm"],
  ["of an unknown key", issuer.sign({}, { kid: "unknown" }), "unknown key"],
  ["signed by somebody else under a known key id", stranger.sign(), "signature"],
  ["that was altered", `${good.slice(0, -4)}AAAA`, "signature"],
  ["with a critical header that we don't know", critical, "malformed"],
  ["of 16 KiB", "a".repeat(16_384), "too long"],
  ["of garbage", "a.b.c", "malformed"],
])("rejects a token %s", async (_, token, reason) => {
  const { verify, recall } = openVerifier(issuer.keySet);
  const text = await token;
  await expect(verify(text)).rejects.toMatchObject({ name: "TokenRejected", reason });
  expect(recall(text)).toBeUndefined();
});

test("tolerates clocks that differ by less than half a minute", async () => {
  const { verify } = openVerifier(issuer.keySet);
  await verify(await issuer.sign({ exp: now() - 25 }));
  await verify(await issuer.sign({ nbf: now() + 25 }));
});

test("knows a verified token again, until it expires", async () => {
  const { verify, recall, clock } = openVerifier(issuer.keySet);
  expect(recall(good)).toBeUndefined();
  const identity = await verify(good);
  expect(recall(good)).toBe(identity);
  clock.ahead = 631_000;
  expect(recall(good)).toBeUndefined();
});

test("survives a rotation of keys, and forgets what a revoked key had signed", async () => {
  const next = await openTokenIssuer();
  const server = await startKeyServer(issuer.keySet);
  const { verify, recall, clock } = openVerifier(server.url);
  await verify(good);
  server.text = JSON.stringify({ keys: [...issuer.keySet.keys, ...next.keySet.keys] });
  clock.ahead = 31_000; // Past the pause between two fetches.
  const token = await next.sign();
  await verify(token);
  expect(server.requests).toBe(2);
  await verify(good);
  server.text = JSON.stringify(next.keySet);
  clock.ahead = 400_000; // Past the age at which keys are refreshed in the background.
  recall(good);
  await expect.poll(() => recall(good)).toBeUndefined();
  await expect(verify(good)).rejects.toMatchObject({ reason: "unknown key" });
  await verify(token);
});

test("an unknown key id costs the issuer one fetch a pause, however many tokens name one", async () => {
  const server = await startKeyServer(issuer.keySet);
  const { verify } = openVerifier(server.url);
  const tokens = await Promise.all(
    Array.from({ length: 50 }, (_, at) => issuer.sign({}, { kid: `unknown-${at}` })),
  );
  await Promise.allSettled(tokens.map((token) => verify(token)));
  expect(server.requests).toBe(1);
});

test("survives an issuer that is away or answers garbage, on the keys it has, for a day", async () => {
  const server = await startKeyServer(issuer.keySet);
  const { verify, clock, warnings } = openVerifier(server.url);
  await verify(good);
  let failures = 0;
  for (const [status, text] of [
    [500, "{}"],
    [200, "garbage"],
    [200, '{"keys":[]}'],
    [200, '{"keys":[{"kty":"oct","k":"AAAA"}]}'],
    [200, "x".repeat(300_000)],
  ] as const) {
    Object.assign(server, { status, text });
    clock.ahead += 360_000;
    const token = await issuer.sign({ exp: now() + 100_000 });
    await verify(token);
    failures += 1;
    await expect.poll(() => [server.requests, warnings.length]).toEqual([failures + 1, failures]);
    await verify(token);
  }
  clock.ahead = 25 * 3_600_000;
  const late = await issuer.sign({ exp: now() + 100_000 });
  await expect(verify(late)).rejects.toMatchObject({ name: "KeysUnavailable" });
});

test("blames no token while no keys can be fetched, and fetches them no more often than once a pause", async () => {
  const server = await startKeyServer("garbage");
  const { verify, clock } = openVerifier(server.url);
  for (let at = 0; at < 20; at++) {
    await expect(verify(good)).rejects.toMatchObject({
      name: "KeysUnavailable",
      retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds >= 29 && seconds <= 30),
    });
  }
  expect(server.requests).toBe(1);
  server.text = JSON.stringify(issuer.keySet);
  clock.ahead = 31_000;
  await verify(good);
});

test("a clock that is set back does not keep the keys from being fetched", async () => {
  const server = await startKeyServer("garbage");
  const { verify, clock } = openVerifier(server.url);
  await expect(verify(good)).rejects.toMatchObject({ name: "KeysUnavailable" });
  clock.ahead = -3_600_000;
  server.text = JSON.stringify(issuer.keySet);
  await verify(await issuer.sign({ iat: now() - 4_000, exp: now() + 600 }));
  expect(server.requests).toBe(2);
});

test("reads no more of an endless key set than the limit", async () => {
  let sent = 0;
  let isCancelled = false;
  const server = Bun.serve({
    port: 0,
    fetch: () =>
      new Response(
        new ReadableStream({
          pull: async (controller) => {
            sent += 64 * 1_024;
            controller.enqueue(new Uint8Array(64 * 1_024));
            await Bun.sleep(1); // Leaves the reader its turn.
          },
          cancel: () => {
            isCancelled = true;
          },
        }),
      ),
  });
  onTestFinished(() => server.stop(true));
  const { verify, warnings } = openVerifier(new URL(server.url));
  await expect(verify(good)).rejects.toMatchObject({ name: "KeysUnavailable" });
  expect(warnings).toHaveLength(1);
  await expect.poll(() => isCancelled).toBe(true);
  expect(sent).toBeLessThan(100 * 1_024 * 1_024);
});
