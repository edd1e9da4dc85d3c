/** The app as a whole: Probot behind our own ingress, events into handlers, missed comments looked for. */
import type { Probot } from 'probot';
import * as z from 'zod';
import { FettleError } from '../registry/base/fault.ts';
import type { Clock } from '../registry/base/clock.ts';
import type { GitHubApi } from '../registry/store/github-call.ts';
import { githubLog } from '../registry/store/github-log.ts';
import { pageOf } from '../registry/report/page.ts';
import type { Desk, Event, Voice } from './events/event.ts';
import { EVENTS } from './events/index.ts';
import { missedComments } from './events/missed.ts';
import type { WorkflowSource } from './events/callers.ts';
import { keepObservation } from './events/observations.ts';
import { stateIn } from './events/state.ts';
import type { Asked } from './github/place.ts';
import { openHub, type Hub, type HubOptions } from './hub.ts';
import { openDeliveryLog, type Delivery, type DeliveryLog } from './ingress/delivery-log.ts';
import { openIngress, type Ingress } from './ingress/ingress.ts';
import type { Turn } from './ingress/lanes.ts';
import { verifierFor } from './ingress/signature.ts';
import type { Journal } from './journal.ts';
import { remembered } from './web/remembered.ts';
import { serve, type Served } from './web/serve.ts';
import type { Sample } from './web/metrics.ts';

export interface AppOptions extends HubOptions {
  /** Where the delivery log lies. */
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** Repositories whose page anybody may look at, `owner/name`. */
  readonly pages: readonly string[];
  /** Where the workflows lie that a project may call; null where nobody said. */
  readonly workflows: WorkflowSource | null;
  readonly voice: Voice;
  readonly journal: Journal;
  readonly now: Clock;
  /** How often missed comments are looked for; 0 for never. */
  readonly lookEveryMs: number;
}

export interface App extends Served {
  readonly ingress: Ingress;
  readonly asked: Readonly<Asked>;
}

/** Pauses before a delivery that GitHub stood in the way of is tried again. */
const AGAIN_AFTER_MS: readonly number[] = [15_000, 120_000, 900_000];

/** @throws secretMissing, deliveryLogInUse, deliveryLogDamaged */
export async function startApp(options: AppOptions): Promise<App> {
  const verify = verifierFor(options.secret);
  const { journal, now } = options;
  const log = await openDeliveryLog(options.folder);
  const hub = openHub(options);
  const desks = openDesks(options, { hub, log });
  await hub.probot.load((probot) => listen(probot, desks));
  const ingress = openIngress({
    verify,
    log,
    now,
    route: routeOf(EVENTS),
    handle: (delivery, turn) => handle(options, { hub, desks, delivery, turn }),
    failed: (error, { id, name }) => journal.wrong(error, { delivery: id, event: name }),
  });
  const page = remembered((repository) => pageFor(options, hub, repository), now);
  const served = await serve({
    ingress,
    host: options.host,
    port: options.port,
    page: async (repository) => (options.pages.includes(repository) ? page(repository) : null),
    ready: () => hub.known() !== null,
    samples: () => samplesOf(hub.asked),
    failed: (error) => journal.wrong(error, { event: 'page' }),
  });
  const stop = lookForMissed(options, { hub, ingress, since: log.lastAt });
  journal.say('listening', { url: served.url, undone: log.undone.length });
  return {
    url: served.url,
    ingress,
    asked: hub.asked,
    async drain(ms) {
      stop();
      const left = await served.drain(ms);
      await log.close();
      journal.say('drained', { left });
      return left;
    },
  };
}

// From a delivery to its handler

interface Desks {
  /** What a handler needs beside the client that Probot gives it. */
  open(delivery: string, ask: { readonly api: GitHubApi; readonly installation: number }): Promise<Desk>;
  readonly turns: Map<string, { readonly delivery: Delivery; readonly turn: Turn; error: unknown }>;
}

function openDesks(
  options: AppOptions,
  { hub, log }: { readonly hub: Hub; readonly log: DeliveryLog },
): Desks {
  const turns: Desks['turns'] = new Map();
  const { now, sleep, voice, journal, folder, workflows } = options;
  return {
    turns,
    async open(id, { api, installation }) {
      const at = turns.get(id);
      if (at === undefined) throw new TypeError(`no delivery ${id} is at work`);
      return {
        self: await hub.self(),
        now,
        sleep,
        voice,
        workflows,
        steps: log,
        turn: at.turn,
        takenAt: at.delivery.at,
        place: (repository) => hub.place(api, { installation, ...repository }),
        observe: (observation) => keepObservation(folder, observation),
        remark: (says) => journal.say('remark', { delivery: id, says }),
      };
    },
  };
}

/** What of Probot's context is used. */
const Heard = z.object({
  name: z.string(),
  id: z.string(),
  octokit: z.custom<GitHubApi>((value) => typeof value === 'function' || typeof value === 'object'),
  payload: z.looseObject({ installation: z.object({ id: z.int() }) }),
});

/** What a handler throws goes past Probot, which would tell it with the whole payload. */
function listen(probot: Probot, desks: Desks): void {
  probot.onAny(async (context) => {
    const at = desks.turns.get(context.id);
    if (at === undefined) return;
    try {
      const { id, name, octokit, payload } = Heard.parse(context);
      const event = EVENTS.find((one) => one.name === name);
      const desk = await desks.open(id, { api: octokit, installation: payload.installation.id });
      await event?.handle(desk, payload);
    } catch (error) {
      at.error = error;
    }
  });
}

function routeOf(events: readonly Event[]) {
  const byName = new Map(events.map((event) => [event.name, event]));
  return (name: string, payload: unknown) => byName.get(name)?.read(payload) ?? null;
}

interface Handling {
  readonly hub: Hub;
  readonly desks: Desks;
  readonly delivery: Delivery;
  readonly turn: Turn;
}

/** Again after a while where GitHub was what stood in the way; others of the repository go on meanwhile. */
async function handle(options: AppOptions, handling: Handling): Promise<void> {
  const { delivery, turn } = handling;
  for (let tries = 0; ; tries++) {
    const error = await handleOnce(handling);
    if (error === undefined) return;
    const pause = AGAIN_AFTER_MS[tries];
    if (pause === undefined || !(error instanceof FettleError && error.retry === 'later')) throw error;
    options.journal.wrong(error, { delivery: delivery.id, event: delivery.name });
    await turn.aside(() => options.sleep(pause));
  }
}

/** Probot's types know every payload of GitHub; handlers parse theirs again. */
const Received = z.custom<Parameters<Probot['receive']>[0]>();

async function handleOnce({ hub, desks, delivery, turn }: Handling): Promise<unknown> {
  const at: { delivery: Delivery; turn: Turn; error: unknown } = { delivery, turn, error: undefined };
  desks.turns.set(delivery.id, at);
  try {
    await hub.probot.receive(
      Received.parse({ id: delivery.id, name: delivery.name, payload: delivery.payload }),
    );
  } catch (error) {
    at.error ??= error;
  } finally {
    desks.turns.delete(delivery.id);
  }
  return at.error;
}

// Beside the deliveries

function lookForMissed(
  options: AppOptions,
  { hub, ingress, since }: { readonly hub: Hub; readonly ingress: Ingress; readonly since: string | null },
): () => void {
  if (options.lookEveryMs === 0) return () => undefined;
  let from = since ?? options.now();
  let stopped = false;
  const look = async (): Promise<void> => {
    while (!stopped) {
      const begun = options.now();
      try {
        await hub.self();
        await missedComments({ api: hub.api, place: hub.place, since: from, now: begun }, ingress.take);
        from = begun;
      } catch (error) {
        options.journal.wrong(error, { event: 'look' });
      }
      await options.sleep(options.lookEveryMs);
    }
  };
  void look();
  return () => (stopped = true);
}

async function pageFor(options: AppOptions, hub: Hub, repository: string): Promise<string | null> {
  const [owner = '', name = ''] = repository.split('/');
  const app = await hub.api();
  const { data } = z
    .object({ data: z.object({ id: z.int() }) })
    .parse(await app.request('GET /repos/{owner}/{repo}/installation', { owner, repo: name }));
  const log = githubLog(hub.place(await hub.api(data.id), { installation: data.id, owner, name }));
  const state = await stateIn(log);
  const head = (await log.read([]))?.head;
  if (state === null || head === undefined) return null;
  return pageOf(state, { title: repository, origin: head.origin, size: head.size, madeAt: options.now() });
}

function samplesOf({ calls, writes }: Asked): readonly Sample[] {
  return [
    {
      name: 'fettle_github_calls_total',
      help: 'Calls to GitHub.',
      kind: 'counter',
      values: [{ value: calls }],
    },
    {
      name: 'fettle_github_content_writes_total',
      help: 'Calls to GitHub that made content.',
      kind: 'counter',
      values: [{ value: writes }],
    },
  ];
}
