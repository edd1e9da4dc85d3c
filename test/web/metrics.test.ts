/** Metrics as Prometheus reads them. */
import { describe, expect, it } from 'vitest';
import { openHistogram, prometheusText } from '../../bot/web/metrics.ts';

describe('metrics', () => {
  it('are written as the text format has them', () => {
    const values = [{ labels: { why: 'a "quoted"\nline\\' }, value: 2 }];
    expect(prometheusText([{ name: 'x_total', help: 'What\nhappened.', kind: 'counter', values }])).toBe(
      '# HELP x_total What\\nhappened.\n# TYPE x_total counter\nx_total{why="a \\"quoted\\"\\nline\\\\"} 2\n',
    );
  });

  it('count durations into buckets that hold all shorter ones', () => {
    const histogram = openHistogram({ name: 'd', help: 'Durations.' });
    for (const seconds of [0.0005, 0.02, 0.021, 100]) histogram.observe(seconds);
    const text = histogram.text();
    expect(text).toContain('d_bucket{le="0.001"} 1\n');
    expect(text).toContain('d_bucket{le="0.02"} 2\n');
    expect(text).toContain('d_bucket{le="0.05"} 3\n');
    expect(text).toContain('d_bucket{le="60"} 3\nd_bucket{le="+Inf"} 4\n');
    expect(text).toContain('d_count 4\n');
  });
});
