/** A quantum computer by the book: complex amplitudes, one gate at a time, nothing clever. */

import type { Gate } from '../../pipelines/quantum/circuit.ts';

export type Complex = readonly [number, number];

/** Qubit q is bit q of the index. */
export class Register {
  amplitudes: Complex[];

  /** All in the state of one index. */
  constructor(n: number, index = 0) {
    this.amplitudes = Array.from({ length: 2 ** n }, (_, x) => (x === index ? [1, 0] : [0, 0]));
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

  /** The root of X that has ½·(1 + i) and ½·(1 − i). */
  sx(q: number): void {
    const [same, other]: [Complex, Complex] = [
      [0.5, 0.5],
      [0.5, -0.5],
    ];
    this.apply(q, [same, other, other, same]);
  }

  x(q: number): void {
    this.amplitudes = this.amplitudes.map((_, x) => this.amplitudes[x ^ (1 << q)]!);
  }

  cz(a: number, b: number): void {
    this.amplitudes = this.amplitudes.map(([re, im], x) =>
      ((x >> a) & (x >> b) & 1) === 1 ? [-re, -im] : [re, im],
    );
  }

  swap(a: number, b: number): void {
    const swapped = (x: number): number => (((x >> a) ^ (x >> b)) & 1) * ((1 << a) | (1 << b));
    this.amplitudes = this.amplitudes.map((_, x) => this.amplitudes[x ^ swapped(x)]!);
  }

  perform(gates: readonly Gate[]): this {
    for (const gate of gates) {
      const [a, b = a] = gate.qubits;
      const { name } = gate;
      if (name === 'rx') this.rx(a, gate.angle);
      else if (name === 'rz' || name === 'zz') this.rotateZ(gate.qubits, gate.angle);
      else if (name === 'h') this.hadamard(a);
      else if (name === 'x') this.x(a);
      else if (name === 'sx') this.sx(a);
      else if (name === 'cz') this.cz(a, b);
      else this.swap(a, b);
    }
    return this;
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

/** ⟨a|b⟩ of two states. */
export function productOf(a: readonly Complex[], b: readonly Complex[]): Complex {
  return a.reduce<Complex>((total, [re, im], x) => plus(total, times([re, -im], b[x]!)), [0, 0]);
}
