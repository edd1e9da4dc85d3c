/** The private keys of an environment, taken out of it: what this process starts afterwards does not inherit them. */

export function takeKeys(environment: NodeJS.ProcessEnv): string | null {
  const keys = environment['FETTLE_KEYS'] ?? null;
  delete environment['FETTLE_KEYS'];
  return keys;
}
