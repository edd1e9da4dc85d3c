/** A quantum computer by the book: complex amplitudes, one gate at a time, nothing clever. */

export type Complex = readonly [number, number];

/** Qubit q is bit q of the index. */
export class Register {
  amplitudes: Complex[];

  constructor(n: number) {
    this.amplitudes = Array.from({ length: 2 ** n }, (_, x) => (x === 0 ? [1, 0] : [0, 0]));
  }

  /** A gate of one qubit, by its four entries. */
  apply(q: number, [a, b, c, d]: readonly [Complex, Complex, Complex, Complex]): void {
    const before = this.amplitudes;
    this.amplitudes = before.map((own, x) => {
      const other = before[x ^ (1 << q)]!;
      return ((x >> q) & 1) === 0
        ? plus(times(a, own), times(b, other))
        : plus(times(c, other), times(d, own));
    });
  }

  hadamard(q: number): void {
    const h: Complex = [Math.SQRT1_2, 0];
    this.apply(q, [h, h, h, [-Math.SQRT1_2, 0]]);
  }

  /** e^(−i·angle/2·X). */
  rx(q: number, angle: number): void {
    const [c, s]: [Complex, Complex] = [
      [Math.cos(angle / 2), 0],
      [0, -Math.sin(angle / 2)],
    ];
    this.apply(q, [c, s, s, c]);
  }

  /** e^(−i·angle/2·Z…Z) over some qubits. */
  rotateZ(qubits: readonly number[], angle: number): void {
    this.amplitudes = this.amplitudes.map((own, x) => {
      const sign = qubits.reduce((product, q) => (((x >> q) & 1) === 1 ? -product : product), 1);
      return times(own, [Math.cos(angle / 2), -sign * Math.sin(angle / 2)]);
    });
  }

  probabilities(): readonly number[] {
    return this.amplitudes.map(([re, im]) => re * re + im * im);
  }
}

function times([a, b]: Complex, [c, d]: Complex): Complex {
  return [a * c - b * d, a * d + b * c];
}

function plus([a, b]: Complex, [c, d]: Complex): Complex {
  return [a + c, b + d];
}
