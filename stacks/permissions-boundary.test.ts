import { beforeAll, expect, test } from "vitest";
import { readSettings } from "./settings.ts";
import { deployerPolicy } from "./synth/deployer-policy.ts";
import { BOUNDARY } from "./testing/stage-requests.ts";
import { type Deployment, synthesizedAll } from "./testing/stages.ts";

let trial: Deployment;
let functions: Deployment;
let production: Deployment;
beforeAll(async () => {
  [trial, functions, production] = await synthesizedAll("trial", "stripeFunctions", "production");
});

test.each([
  "stampede-boundary",
  "arn:aws:iam::123456789012:role/stampede",
  "arn:aws:iam::1234:policy/stampede",
  "arn:aws:iam::123456789012:policy/",
])("%j is refused", (boundary) => {
  expect(() => readSettings("alice", { STAMPEDE_PERMISSIONS_BOUNDARY: boundary })).toThrow(
    `STAMPEDE_PERMISSIONS_BOUNDARY must be the ARN of an IAM policy, such as ${BOUNDARY}, not "${boundary}"`,
  );
});

test.each([BOUNDARY, "arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws-cn:iam::123456789012:policy/a/b"])(
  "%s is a boundary",
  (boundary) => {
    const { permissionsBoundary } = readSettings("alice", { STAMPEDE_PERMISSIONS_BOUNDARY: boundary });
    expect(permissionsBoundary).toBe(boundary);
  },
);

/** The boundaries of a stage's roles, by the roles' names. */
const boundaries = (deployment: Deployment) =>
  Object.fromEntries(deployment.ofType("Role").map(({ name, inputs }) => [name, inputs.permissionsBoundary]));

test("every role has the boundary, those of tasks, functions and schedules, and none without the setting", () => {
  const bounded = boundaries(trial);
  expect(Object.keys(bounded)).toEqual(
    expect.arrayContaining([
      "ShopTaskRole",
      "ShopExecutionRole",
      "CanaryHandlerRole",
      "CanaryRole",
      "RecoveryRole",
    ]),
  );
  expect(functions.ofType("Role").length).toBeGreaterThan(20);
  for (const boundary of Object.values({ ...bounded, ...boundaries(functions) }))
    expect(boundary).toBe(BOUNDARY);
  for (const boundary of Object.values(boundaries(production))) expect(boundary).toBeUndefined();
});

test("the deployer's policy makes no role, and gives none a policy, without the boundary", () => {
  const { Statement } = deployerPolicy("stampede", "erin", [trial]);
  const ofRoles = Statement.filter(({ Action }) => [...Action].includes("iam:CreateRole"));
  expect(ofRoles).toMatchObject([
    {
      Action: expect.arrayContaining([
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:PutRolePermissionsBoundary",
      ]),
      Condition: { StringEquals: { "iam:PermissionsBoundary": BOUNDARY } },
    },
  ]);
  const actions = Statement.flatMap(({ Action }) => [...Action]);
  for (const action of actions) {
    // Patterns would match more than they name, PassRole and DeleteRolePermissionsBoundary among it.
    if (action.startsWith("iam:") && action.includes("*"))
      expect(action).toMatch(/^iam:(Get|List|Update|\*Tag)/);
  }
  expect(actions).not.toContain("iam:DeleteRolePermissionsBoundary");
});
