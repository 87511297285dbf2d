/**
 * Keeps a text where only those who are given its ARN read it.
 *
 * @returns the ARN, once the text is there
 */
export const keepSecret = (
  name: string,
  description: string,
  text: $util.Input<string>,
): $util.Output<string> => {
  const secret = new aws.secretsmanager.Secret(name, {
    namePrefix: `${$app.name}-${$app.stage}-${name}-`,
    description,
    recoveryWindowInDays: 0,
  });
  const version = new aws.secretsmanager.SecretVersion(`${name}Version`, {
    secretId: secret.id,
    secretString: text,
  });
  return $resolve([secret.arn, version.id]).apply(([arn]) => arn);
};
