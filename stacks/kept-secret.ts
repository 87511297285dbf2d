export interface KeptSecret {
  /** For permissions. */
  readonly arn: $util.Output<string>;
  /**
   * The one version that was made for this deployment, in the form that ECS reads (ECS Developer Guide, "Pass Secrets
   * Manager secrets through environment variables"). By its ARN alone a changed text would start no deployment, and a
   * roll-back would start the old tasks with the new text.
   */
  readonly version: $util.Output<string>;
}

/** Keeps a text where only those who are given its ARN read it. */
export const keepSecret = (name: string, description: string, text: $util.Input<string>): KeptSecret => {
  const secret = new aws.secretsmanager.Secret(name, {
    namePrefix: `${$app.name}-${$app.stage}-${name}-`,
    description,
    recoveryWindowInDays: 0,
  });
  const version = new aws.secretsmanager.SecretVersion(`${name}Version`, {
    secretId: secret.id,
    secretString: text,
  });
  return { arn: secret.arn, version: $interpolate`${secret.arn}:::${version.versionId}` };
};
