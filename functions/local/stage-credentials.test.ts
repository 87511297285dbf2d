import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { afterEach, expect, test, vi } from "vitest";
import { useTaskRole } from "./stage-credentials.ts";

afterEach(() => vi.unstubAllEnvs());

const ROLE = {
  AWS_ACCESS_KEY_ID: "of-the-role",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_SESSION_TOKEN: "session",
};

test("the SDK takes the task's role, which it would pass over for the developer's profile", async () => {
  const env = { ...ROLE, AWS_PROFILE: "nobody", AWS_CONFIG_FILE: "/dev/null" };
  for (const [name, value] of Object.entries({ ...env, AWS_SHARED_CREDENTIALS_FILE: "/dev/null" })) {
    vi.stubEnv(name, value);
  }
  const askSdk = () => defaultProvider({ maxRetries: 0 })().catch((error: Error) => error.message);
  expect(await askSdk()).not.toMatchObject({ accessKeyId: "of-the-role" });
  expect(useTaskRole()).toBe("Calls to AWS have the rights of the task's role.");
  expect(await askSdk()).toMatchObject({ accessKeyId: "of-the-role" });
});

test("without the role it says whose rights the calls have", () => {
  const env = { AWS_PROFILE: "alice", AWS_ACCESS_KEY_ID: "alice's own", AWS_SECRET_ACCESS_KEY: "secret" };
  expect(useTaskRole(env)).toContain("your own rights (profile alice), not the task's");
  expect(env.AWS_PROFILE).toBe("alice");
  expect(useTaskRole({})).toContain("your own rights, not the task's");
});
