/** GitHub as the app sees it: who the app is, and a client per installation, counted and held to a budget. */
import { Octokit } from '@octokit/core';
import { Probot, ProbotOctokit } from 'probot';
import * as z from 'zod';
import type { GitHubApi } from '../registry/store/github-call.ts';
import { CONTENT_BUDGET, openBudget, type Budget } from './github/budget.ts';
import { rememberingApi, type Memo } from './github/memo.ts';
import { renewingApi } from './github/renewing.ts';
import { countedApi, type Asked, type Place, type Repository, type Self } from './github/place.ts';

export interface HubOptions {
  readonly appId: number;
  readonly privateKey: string;
  readonly secret: string | undefined;
  /** GitHub's API, as `https://api.github.com`. */
  readonly apiUrl: string;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface Hub {
  readonly probot: Probot;
  readonly asked: Asked;
  /** Who the app is, asked once; null while GitHub does not answer. */
  known(): Self | null;
  self(): Promise<Self>;
  place(api: GitHubApi, ask: { readonly installation: number } & Pick<Repository, 'owner' | 'name'>): Place;
  api(installation?: number): Promise<GitHubApi>;
}

const Token = z.object({ data: z.object({ token: z.string() }) });
const AppAnswer = z.object({ data: z.object({ slug: z.string() }) });

export function openHub(options: HubOptions): Hub {
  const { sleep } = options;
  const probot = new Probot({
    appId: options.appId,
    privateKey: options.privateKey,
    secret: options.secret ?? '',
    baseUrl: options.apiUrl,
    // Probot's own lines hold whole payloads; what goes wrong is told by the journal.
    logLevel: 'fatal',
    Octokit: ProbotOctokit.defaults((given: Readonly<Record<string, unknown>>) => ({
      ...given,
      // Retries and pauses are those of the calls themselves, which know what may be sent twice.
      retry: { enabled: false },
      throttle: { enabled: false },
    })),
  });
  const asked: Asked = { calls: 0, writes: 0 };
  const budgets = new Map<number, Budget>();
  const memo: Memo = { answers: new Map() };
  let self: Self | null = null;
  const api = async (installation?: number): Promise<GitHubApi> => probot.auth(installation);
  const renewals = new Map<number, GitHubApi>();
  const renew = async (installation: number): Promise<GitHubApi> => {
    const route = 'POST /app/installations/{installation_id}/access_tokens';
    const told = await (await api()).request(route, { installation_id: installation });
    const client = new Octokit({ auth: Token.parse(told).data.token, baseUrl: options.apiUrl });
    renewals.set(installation, client);
    return client;
  };
  return {
    probot,
    asked,
    api,
    known: () => self,
    async self() {
      if (self !== null) return self;
      const { data } = AppAnswer.parse(await (await api()).request('GET /app', {}));
      self = { slug: data.slug, login: `${data.slug}[bot]` };
      return self;
    },
    place(client, { installation, owner, name }) {
      const budget =
        budgets.get(installation) ?? openBudget({ ...CONTENT_BUDGET, sleep, nowMs: () => Date.now() });
      budgets.set(installation, budget);
      const renewed = renewingApi(client, {
        known: () => renewals.get(installation) ?? null,
        renew: () => renew(installation),
      });
      const counted = countedApi(renewed, { asked, budget });
      return { api: rememberingApi(counted, memo), owner, name, sleep };
    },
  };
}
