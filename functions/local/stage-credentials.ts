type Environment = Record<string, string | undefined>;

/**
 * `sst dev` hands over temporary credentials of the task's role, but passes on `AWS_PROFILE` too, which the SDK
 * prefers: the shop would then work with the developer's rights, and a missing permission would show in production
 * only. The profile is set aside where there is something in its place.
 *
 * @returns whose rights the calls to AWS have, for a person
 */
export const useTaskRole = (env: Environment = process.env): string => {
  const isHandedOver = Boolean(env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY && env.AWS_SESSION_TOKEN);
  const profile = env.AWS_PROFILE;
  if (!isHandedOver) {
    return `Calls to AWS have your own rights${profile ? ` (profile ${profile})` : ""}, not the task's: \`sst dev\` handed over no role.`;
  }
  delete env.AWS_PROFILE;
  return "Calls to AWS have the rights of the task's role.";
};
