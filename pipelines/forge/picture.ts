/** Long courses as series of a plot: as many points as an eye can tell apart. */

const POINTS = 60;

/** A course over steps, each point the mean of a stretch. */
export function curve(name: string, values: ArrayLike<number>) {
  const stretch = Math.max(1, Math.ceil(values.length / POINTS));
  const points: [number, number][] = [];
  for (let from = 0; from < values.length; from += stretch) {
    const part = Array.from(
      { length: Math.min(stretch, values.length - from) },
      (_, at) => values[from + at] ?? 0,
    );
    points.push([from + part.length, rounded(part.reduce((sum, value) => sum + value, 0) / part.length)]);
  }
  return { name, points };
}

/** Six digits, so that an artifact does not grow by digits that nobody reads. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
