import { TABLE_KEYS, type TableKey } from "../core/tables.ts";
import { GRANTS, type Grants, type Principal } from "./permissions.ts";
import { tables } from "./storage.ts";

/** Every table's name: the shop opens with all of them, whatever it may do to each. */
export const tableLinks = TABLE_KEYS.map((key) => tables[key]);

/** The statements of a principal's grants. */
export const statementsOf = (principal: Principal) =>
  Object.entries(GRANTS[principal] as Grants).map(([target, actions = []]) => {
    const [key, index] = target.split("/") as [TableKey, string | undefined];
    const { arn } = tables[key];
    return {
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [index ? $interpolate`${arn}/index/${index}` : arn],
    };
  });

/** The same as a policy of its own, for roles that SST would give more than that. */
export const policyOf = (statements: { actions: string[]; resources: $util.Input<string>[] }[]) => [
  { name: "inline", policy: aws.iam.getPolicyDocumentOutput({ statements }).json },
];
