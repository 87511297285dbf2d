import { type Grant, named } from "./grant.ts";

/** AWS makes these roles once in an account, at the first use of a service. */
const SERVICES_WITH_A_ROLE = [
  "ecs.amazonaws.com",
  "ecs.application-autoscaling.amazonaws.com",
  "elasticache.amazonaws.com",
  "elasticloadbalancing.amazonaws.com",
];

const ROLES = "arn:aws:iam::ACCOUNT:role/NAME";

/** Actions that decide what a role may do: those that IAM lets depend on the role's boundary. */
const EMPOWERING = [
  "iam:CreateRole",
  "iam:AttachRolePolicy",
  "iam:DetachRolePolicy",
  "iam:PutRolePolicy",
  "iam:DeleteRolePolicy",
  "iam:PutRolePermissionsBoundary",
];

/**
 * Grants for the roles of a stage. With a boundary, none can be made, or given a policy, that does not have it, and nobody
 * but an administrator takes it off: what the deployer hands on ends there (IAM User Guide, "Permissions boundaries for IAM
 * entities").
 */
export const roleGrants = (boundary: string | undefined): Grant[] => [
  {
    ...named(["iam:CreateServiceLinkedRole"], "arn:aws:iam::ACCOUNT:role/aws-service-role/*"),
    condition: { StringEquals: { "iam:AWSServiceName": SERVICES_WITH_A_ROLE } },
  },
  {
    ...named(EMPOWERING, ROLES),
    ...(boundary && { condition: { StringEquals: { "iam:PermissionsBoundary": boundary } } }),
  },
  named(
    [
      "iam:GetRole*",
      "iam:List*Role*",
      "iam:DeleteRole",
      "iam:UpdateRole*",
      "iam:UpdateAssumeRolePolicy",
      "iam:*Tag*",
    ],
    ROLES,
  ),
  {
    ...named(["iam:PassRole"], ROLES),
    condition: {
      StringEquals: {
        "iam:PassedToService": ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com", "scheduler.amazonaws.com"],
      },
    },
  },
];
