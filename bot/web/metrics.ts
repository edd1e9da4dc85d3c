/** What the app counts, as Prometheus reads it. */

export interface Sample {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

export function prometheusText(samples: readonly Sample[]): string {
  return samples
    .flatMap(({ name, help, kind, values }) => [
      `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE ${name} ${kind}`,
      ...values.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Durations in buckets, as a histogram needs them. */
export interface Histogram {
  observe(seconds: number): void;
  text(): string;
}

const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function openHistogram({ name, help }: Pick<Sample, 'name' | 'help'>): Histogram {
  const counts = BOUNDS.map(() => 0);
  let [count, sum] = [0, 0];
  return {
    observe(seconds) {
      count++;
      sum += seconds;
      const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
      if (bucket >= 0) counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
    text() {
      let upTo = 0;
      const lines = BOUNDS.map((bound, index) => {
        upTo += counts[index] ?? 0;
        return `${name}_bucket{le="${bound}"} ${upTo}\n`;
      });
      return [
        `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`,
        ...lines,
        `${name}_bucket{le="+Inf"} ${count}\n${name}_sum ${sum}\n${name}_count ${count}\n`,
      ].join('');
    },
  };
}
