/** The secret of the tests' webhooks. */

export const SECRET = 'a secret that nobody can guess';
