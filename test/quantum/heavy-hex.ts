/** The links of a machine of 156 qubits in heavy hexagons, numbered as IBM numbers its Heron processors. */

/** Eight rows of sixteen; four bridges between two rows, by turns below columns 3, 7, 11, 15 and 1, 5, 9, 13. */
export const HEAVY_HEX: readonly (readonly [number, number])[] = Array.from({ length: 8 }, (_, row) => {
  const first = 20 * row;
  const along = Array.from({ length: 15 }, (__, column) => [first + column, first + column + 1] as const);
  const across = Array.from({ length: row === 7 ? 0 : 4 }, (__, k) => {
    const column = (row % 2 === 0 ? 3 : 1) + 4 * k;
    const bridge = first + 16 + k;
    return [[first + column, bridge] as const, [bridge, first + 20 + column] as const];
  });
  return [...along, ...across.flat()];
}).flat();
