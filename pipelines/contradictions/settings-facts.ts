/** What the settings ask for, as facts: bounds, gates, approvals, sources and minutes. */
import { minutesText } from '../../registry/report/words.ts';
import { CHANNELS, ModelName, type Channel } from '../../registry/schema/model.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { GATES } from '../gates/index.ts';
import { minutesOf } from '../settings/compute.ts';
import { criteriaAsk, gatesWith } from '../settings/criteria.ts';
import { settingsOfModel } from '../settings/people.ts';
import { SETTINGS_FILE, type ModelSettings, type Settings } from '../settings/settings.ts';
import { accountsText, factOf, type Fact, type FactOf } from './fact.ts';

type Bound = Omit<FactOf<'bound'>['statement'], 'kind' | 'model' | 'channel' | 'gate'>;

/** What gates ask of a version alone, whatever serves beside it; by gate, from its parameters. */
const BOUNDS: Readonly<Record<string, (params: Params) => readonly Bound[]>> = {
  'metric-floor': ({ metric, floor }) =>
    typeof metric === 'string' ? [{ metric, side: 'least', value: Number(floor) }] : [],
  bounds: ({ least }) =>
    Object.entries(least ?? {}).map(([metric, value]) => ({ metric, side: 'least', value: Number(value) })),
  'enough-samples': ({ least }) => [{ metric: 'items', side: 'least', value: Number(least) }],
  'size-budget': ({ most }) => [{ metric: 'size', side: 'most', value: Number(most) }],
  'latency-budget': ({ p99Ms }) => [{ metric: 'latency_p99', side: 'most', value: Number(p99Ms) }],
};

type Params = Readonly<Record<string, unknown>>;

/**
 * @param settings  as they were read
 * @param state     whose models they are held against, beside those that they name
 * @returns         facts in the order of the settings
 * @throws          never
 * @cost            one pass over the models
 * @source          definition
 */
export function factsOfSettings(settings: Settings, state: RegistryState): readonly Fact[] {
  const named = Object.keys(settings.models).map((name) => ModelName.parse(name));
  const models = [...new Set([...named, ...state.models.keys()])];
  return [
    ...CHANNELS.flatMap((channel) => channelFacts(settings, channel)),
    ...named.flatMap((model) => {
      const chosen = settings.models[model];
      return chosen === undefined ? [] : namedFacts(model, chosen);
    }),
    ...models.flatMap((model) => {
      const chosen = settingsOfModel(settings.models, model);
      return [...(chosen === null ? [] : boundFacts(model, chosen)), ...minuteFacts(settings, model)];
    }),
  ];
}

function at(path: string): string {
  return `${SETTINGS_FILE}: ${path}`;
}

function channelFacts({ bot }: Settings, channel: Channel): readonly Fact[] {
  const rule = bot.channels[channel]?.approvals ?? null;
  if (rule === null) return [];
  const told = {
    where: at(`bot.channels.${channel}.approvals`),
    rank: 'people',
    guards: true,
  } as const;
  return [
    factOf(
      { ...told, says: `the settings want ${rule.count} people to agree for ${channel}` },
      { kind: 'needs', what: channel, model: null, people: rule.count },
    ),
    ...(rule.from === null
      ? []
      : [
          factOf(
            { ...told, says: `the settings count ${accountsText(rule.from)} for ${channel}` },
            { kind: 'only', what: channel, accounts: [...rule.from] },
          ),
        ]),
  ];
}

function namedFacts(model: ModelName, chosen: ModelSettings): readonly Fact[] {
  const { from, promote, criteria, gates } = chosen;
  const asked = criteriaAsk(criteria);
  const [channel, path] = [promote ?? 'production', `models.${model}`];
  const off = GATES.filter(({ name, standard }) => standard && gates[name] === null).map(({ name }) =>
    factOf(
      {
        says: `the settings turn ${name} off for ${model}`,
        where: at(`${path}.gates.${name}`),
        rank: 'people',
      },
      { kind: 'gate', model, gate: name, on: false },
    ),
  );
  const on = Object.keys(asked.gates).map((name) =>
    factOf(
      {
        says: `the criteria of ${model} ask ${name}: ${criteria ?? ''}`,
        where: at(`${path}.criteria`),
        rank: 'people',
        guards: true,
      },
      { kind: 'gate', model, gate: name, on: true },
    ),
  );
  const needs =
    asked.approvals === 0
      ? []
      : [
          factOf(
            {
              says: `the criteria of ${model} want ${asked.approvals} people to agree`,
              where: at(`${path}.criteria`),
              rank: 'people',
              guards: true,
            },
            { kind: 'needs', what: channel, model, people: asked.approvals },
          ),
        ];
  const fed =
    from === null
      ? []
      : [
          factOf(
            {
              says: `the settings train ${model} from ${from}`,
              where: at(`${path}.from`),
              rank: 'people',
            },
            { kind: 'wants', model, channel: null },
          ),
        ];
  return [...off, ...on, ...needs, ...fed];
}

/** As a candidate would be judged today, the criteria over the parameters of the gates. */
function boundFacts(model: ModelName, { gates, criteria, promote }: ModelSettings): readonly Fact[] {
  return Object.entries(gatesWith(gates, criteria)).flatMap(([gate, params]) => {
    if (params === null) return [];
    const read = BOUNDS[gate]?.({ ...params }) ?? [];
    return read.map((bound) =>
      factOf(
        {
          says: `${gate} wants ${bound.metric} of ${model} at ${bound.side} ${bound.value}`,
          where: at(`models.${model}.gates.${gate}`),
          rank: 'people',
          guards: true,
        },
        { kind: 'bound', model, channel: promote ?? 'production', gate, ...bound },
      ),
    );
  });
}

function minuteFacts({ compute }: Settings, model: ModelName): readonly Fact[] {
  const minutes = minutesOf(compute, model);
  if (minutes === null) return [];
  const own = Object.hasOwn(compute.budgets, model);
  const ms = Math.round(minutes * 60_000);
  return [
    factOf(
      {
        says: `${model} may take ${minutesText(ms)} a month`,
        where: at(own ? `compute.budgets.${model}` : 'compute.minutes'),
        rank: 'people',
        guards: true,
      },
      { kind: 'allowance', model, ms },
    ),
  ];
}
