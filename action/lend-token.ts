/** Lets git reach GitHub with the token that a step was given, so that no checkout has to leave one on the disk. */

/**
 * Every git that this process starts inherits it, for this one server; nothing else of the environment is changed.
 *
 * @source git, `GIT_CONFIG_COUNT` and `http.<url>.extraHeader`, whose empty value forgets the headers before it
 */
export function lendToken(environment: NodeJS.ProcessEnv): void {
  const token = environment['GITHUB_TOKEN'] ?? '';
  if (token === '' || environment['GIT_CONFIG_COUNT'] !== undefined) return;
  const server = environment['GITHUB_SERVER_URL'] ?? 'https://github.com';
  const key = `http.${server.replace(/\/$/, '')}/.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  // Two headers of the name would be refused, so what a checkout left behind is forgotten first.
  const pairs = [
    [key, ''],
    [key, `AUTHORIZATION: basic ${basic}`],
  ];
  for (const [index, [name, value]] of pairs.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = name;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  environment['GIT_CONFIG_COUNT'] = String(pairs.length);
}
