"""Runs OpenQASM 3 programs: one a line of standard input, as JSON; prints for each what it showed, index by index.

Asked: {"dialect", "source", "shots", "machine"}, where the machine is {"links", "fractional"} or null.
Told: {"probabilities", "counts", "foreign"}: exact shares, shots by index, and the gates that the machine has not got.
Bit k of an index, the least significant first, is bit k of the classical register.
"""
import json
import math
import sys

import numpy


def braket(asked):
    from braket.default_simulator import StateVectorSimulator
    from braket.ir.openqasm import Program

    source, shots = asked["source"], asked["shots"]
    simulator = StateVectorSimulator()
    numpy.random.seed(1)
    taken = simulator.run(Program(source=source), shots=shots)
    qubits = taken.measuredQubits
    indices = [sum(int(bit) << qubit for qubit, bit in zip(qubits, row)) for row in taken.measurements]
    counts = numpy.bincount(indices, minlength=2 ** len(qubits))
    # Its exact distribution is asked for in place of measuring.
    lines = [line for line in source.split("\n") if "measure" not in line and not line.startswith("bit[")]
    exactly = "\n".join(lines) + "#pragma braket result probability\n"
    big_endian = list(simulator.run(Program(source=exactly), shots=0).resultTypes[0].value)
    n = len(big_endian).bit_length() - 1
    shares = [big_endian[int(format(x, f"0{n}b")[::-1], 2)] for x in range(2**n)]
    return {"probabilities": [float(share) for share in shares], "counts": counts.tolist(), "foreign": []}


RZZ = "gate rzz(t) a, b { cx a, b; rz(t) b; cx a, b; }\n"
INCLUDE = 'include "stdgates.inc";\n'


def foreign(circuit, machine):
    """What a target with these links refuses."""
    from qiskit.transpiler import CouplingMap, Target

    links = CouplingMap([pair for a, b in machine["links"] for pair in ((a, b), (b, a))])
    names = ["rz", "sx", "x", "cz", "measure", *(["rx", "rzz"] if machine["fractional"] else [])]
    target = Target.from_configuration(basis_gates=names, coupling_map=links)
    found = []
    for gate in circuit.data:
        qubits = tuple(circuit.find_bit(qubit).index for qubit in gate.qubits)
        fits = target.instruction_supported(gate.operation.name, qubits)
        if gate.operation.name == "rzz":
            fits = fits and 0 < float(gate.operation.params[0]) <= math.pi / 2
        if not fits:
            found.append(f"{gate.operation.name} {qubits}")
    return found


def qiskit(asked):
    from qiskit import QuantumCircuit, QuantumRegister, qasm3
    from qiskit.primitives import StatevectorSampler
    from qiskit.quantum_info import Statevector

    machine = asked["machine"]
    # The importer does not know rzz, which IBM's machines do.
    source = asked["source"].replace(INCLUDE, INCLUDE + RZZ) if machine else asked["source"]
    circuit = qasm3.loads(source)
    refused = foreign(circuit, machine) if machine else []
    used = sorted({circuit.find_bit(qubit).index for gate in circuit.data for qubit in gate.qubits})
    small = QuantumCircuit(QuantumRegister(len(used)), *circuit.cregs)
    measured = {}
    for gate in circuit.data:
        qubits = [used.index(circuit.find_bit(qubit).index) for qubit in gate.qubits]
        bits = [circuit.find_bit(bit).index for bit in gate.clbits]
        small.append(gate.operation, qubits, bits)
        if gate.operation.name == "measure":
            measured[bits[0]] = qubits[0]
    sampled = StatevectorSampler(seed=1).run([small], shots=asked["shots"]).result()[0].data
    counts = [0] * 2 ** len(measured)
    for index, times in next(iter(sampled.values())).get_int_counts().items():
        counts[index] = times
    small.remove_final_measurements()
    shares = Statevector(small).probabilities([measured[bit] for bit in sorted(measured)])
    return {"probabilities": shares.tolist(), "counts": counts, "foreign": refused}


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(braket(asked) if asked["dialect"] == "braket" else qiskit(asked)))
