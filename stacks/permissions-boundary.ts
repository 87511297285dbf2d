import { settings } from "./stage.ts";

const { permissionsBoundary } = settings;

/** Of every role, SST's own included: none of them may do more than the boundary allows, whatever its policies say. */
if (permissionsBoundary) {
  $transform(aws.iam.Role, (role) => {
    role.permissionsBoundary = permissionsBoundary;
  });
}
