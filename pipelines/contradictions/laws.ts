/** What cannot be true together: eight laws, each asked only of the few facts that could break it. */
import { isOf, type Fact, type FactOf } from './fact.ts';

/** Kinds of contradictions: between values, between orders, between what is and what must be, in time, in means. */
export type ContradictionKind = 'data' | 'directive' | 'logical' | 'temporal' | 'resource';

export interface Law {
  readonly name: string;
  readonly kind: ContradictionKind;
  /** One sentence: what always holds. */
  readonly says: string;
  /** Facts that could break it together; a fact may stand in several groups. */
  groups(facts: readonly Fact[]): readonly (readonly Fact[])[];
  /** Whether it holds of these; of fewer of them it holds then too. */
  holds(facts: readonly Fact[]): boolean;
}

/** Shares are recorded with six digits. */
const ROUNDING = 2e-6;

const oneValue: Law = {
  name: 'one-value',
  kind: 'data',
  says: 'A thing has one value, whoever tells it.',
  groups: (facts) => [...Map.groupBy(facts.filter(isOf('value')), ({ statement }) => statement.of).values()],
  holds(facts) {
    const values = [...new Set(facts.filter(isOf('value')).map(({ statement }) => statement.value))];
    if (values.length <= 1) return true;
    // Of numbers the farthest two decide: whoever compared neighbours would let a long chain of them drift apart.
    const numbers = values.map((value) => (value === '' ? Number.NaN : Number(value)));
    return Math.max(...numbers) - Math.min(...numbers) <= ROUNDING;
  },
};

const bounds: Law = {
  name: 'bounds',
  kind: 'logical',
  says: 'What serves keeps the bounds of its channel, and bounds leave room between them.',
  groups(facts) {
    const all = facts.filter(isOf('bound'));
    const serving = facts.filter(isOf('serves'));
    const figures = Map.groupBy(facts.filter(isOf('figure')), ({ statement }) => versionOf(statement));
    const places = Map.groupBy(all, ({ statement: { model, channel, metric } }) =>
      JSON.stringify([model, channel, metric]),
    );
    return [...places.values()].flatMap((set) => {
      const [first] = set;
      if (first === undefined) return [];
      const { model, channel, metric } = first.statement;
      const here = serving.filter(({ statement: s }) => s.model === model && s.channel === channel);
      const measured = here.flatMap(({ statement }) => figures.get(versionOf(statement)) ?? []);
      return [[...set, ...here, ...measured.filter(({ statement }) => statement.metric === metric)]];
    });
  },
  holds(facts) {
    const all = facts.filter(isOf('bound'));
    const least = Math.max(...all.map(({ statement: b }) => (b.side === 'least' ? b.value : -Infinity)));
    const most = Math.min(...all.map(({ statement: b }) => (b.side === 'most' ? b.value : Infinity)));
    if (least > most) return false;
    const figures = facts.filter(isOf('figure'));
    return facts.filter(isOf('serves')).every(({ statement: serves }) => {
      const mine = figures.filter(({ statement }) => statement.version === serves.version);
      const held = all.filter(({ statement }) => !serves.waived.includes(statement.gate));
      return held.every(({ statement }) => mine.every((figure) => keeps(figure, statement)));
    });
  },
};

function keeps({ statement }: FactOf<'figure'>, { side, value }: FactOf<'bound'>['statement']): boolean {
  return side === 'least' ? statement.value >= value - ROUNDING : statement.value <= value + ROUNDING;
}

function versionOf({ model, version }: { readonly model: string; readonly version: string }): string {
  return `${model}@${version}`;
}

const gatesStand: Law = {
  name: 'gates-stand',
  kind: 'logical',
  says: 'What a gate stopped serves only where somebody overruled that gate.',
  groups: (facts) => byVersion([...facts.filter(isOf('stopped-by')), ...facts.filter(isOf('serves'))]),
  holds(facts) {
    const stopped = facts.filter(isOf('stopped-by')).map(({ statement }) => statement.gate);
    return facts
      .filter(isOf('serves'))
      .every(({ statement }) => stopped.every((gate) => statement.waived.includes(gate)));
  },
};

function byVersion(
  facts: readonly FactOf<'stopped-by' | 'serves' | 'taken-back'>[],
): readonly (readonly Fact[])[] {
  return [...Map.groupBy(facts, ({ statement }) => versionOf(statement)).values()];
}

const takenBack: Law = {
  name: 'taken-back',
  kind: 'temporal',
  says: 'What was taken back serves no more.',
  groups: (facts) => byVersion([...facts.filter(isOf('taken-back')), ...facts.filter(isOf('serves'))]),
  holds: (facts) => !(facts.some(isOf('taken-back')) && facts.some(isOf('serves'))),
};

const oneSwitch: Law = {
  name: 'one-switch',
  kind: 'directive',
  says: 'A gate is on or off.',
  groups: (facts) => [
    ...Map.groupBy(facts.filter(isOf('gate')), ({ statement: { model, gate } }) =>
      JSON.stringify([model, gate]),
    ).values(),
  ],
  holds: (facts) => new Set(facts.filter(isOf('gate')).map(({ statement }) => statement.on)).size <= 1,
};

const openWays: Law = {
  name: 'open-ways',
  kind: 'directive',
  says: 'Nothing new is wanted where everything is closed.',
  groups(facts) {
    const closed = facts.filter(isOf('closed'));
    return facts.filter(isOf('wants')).map((wish) => [
      wish,
      ...closed.filter(({ statement: { model, channel } }) => {
        const mine = model === null || model === wish.statement.model;
        return mine && (channel === null || channel === wish.statement.channel);
      }),
    ]);
  },
  holds: (facts) => !(facts.some(isOf('closed')) && facts.some(isOf('wants'))),
};

const enoughPeople: Law = {
  name: 'enough-people',
  kind: 'resource',
  says: 'There are as many people who may agree as must.',
  groups(facts) {
    const needs = Map.groupBy(facts.filter(isOf('needs')), ({ statement }) => statement.what);
    return [...needs].flatMap(([what, all]) => {
      const about = (fact: Fact): boolean => 'what' in fact.statement && fact.statement.what === what;
      const rules = [...facts.filter(isOf('only')), ...facts.filter(isOf('lapsed'))].filter(about);
      const made = facts.filter(isOf('made')).filter(about);
      const models = new Set(all.map(({ statement }) => statement.model));
      const ofModel = (model: string | null): readonly Fact[] =>
        all.filter(({ statement }) => statement.model === null || statement.model === model);
      return [
        ...[...models].map((model) => [...ofModel(model), ...rules]),
        ...made.map((one) => [...ofModel(one.statement.model), ...rules, one]),
      ];
    });
  },
  holds(facts) {
    const most = Math.max(0, ...facts.filter(isOf('needs')).map(({ statement }) => statement.people));
    if (most === 0) return true;
    if (facts.some(isOf('lapsed'))) return false;
    const lists = facts.filter(isOf('only')).map(({ statement }) => new Set(statement.accounts));
    if (lists.length === 0) return true;
    const may = lists.reduce((both, list) => both.intersection(list));
    const authors = facts.filter(isOf('made')).map(({ statement }) => statement.account);
    const left = may.difference(new Set(authors));
    // One of them may be the author where nobody can tell.
    return left.size >= most + (authors.includes(null) ? 1 : 0);
  },
};

const enoughMinutes: Law = {
  name: 'enough-minutes',
  kind: 'resource',
  says: 'A month’s minutes are enough for one run.',
  groups: (facts) => [
    ...Map.groupBy(
      [...facts.filter(isOf('allowance')), ...facts.filter(isOf('takes'))],
      ({ statement }) => statement.model,
    ).values(),
  ],
  holds(facts) {
    const takes = Math.max(0, ...facts.filter(isOf('takes')).map(({ statement }) => statement.ms));
    return facts.filter(isOf('allowance')).every(({ statement }) => statement.ms >= takes);
  },
};

export const LAWS: readonly Law[] = [
  oneValue,
  bounds,
  gatesStand,
  takenBack,
  oneSwitch,
  openWays,
  enoughPeople,
  enoughMinutes,
];
