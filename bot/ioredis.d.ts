/** Probot's types name a package that it would fetch by itself when it were asked for, which it never is here. */
declare module 'ioredis' {
  export type Redis = never;
  export type RedisOptions = never;
}
