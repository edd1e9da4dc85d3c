"""Runs an OpenQASM 3 program from standard input, and prints the probability of every index as JSON."""
import json
import sys

dialect, source = sys.argv[1], sys.stdin.read()

if dialect == "braket":
    from braket.default_simulator import StateVectorSimulator
    from braket.ir.openqasm import Program

    simulator = StateVectorSimulator()
    # The program as it stands must be taken; its distribution is then asked for in place of measuring.
    taken = simulator.run(Program(source=source), shots=10)
    assert len(taken.measurements) == 10
    lines = [line for line in source.split("\n") if "measure" not in line and not line.startswith("bit[")]
    asked = "\n".join(lines) + "#pragma braket result probability\n"
    big_endian = list(simulator.run(Program(source=asked), shots=0).resultTypes[0].value)
    qubits = len(big_endian).bit_length() - 1
    found = [big_endian[int(format(x, f"0{qubits}b")[::-1], 2)] for x in range(2**qubits)]
else:
    from qiskit import qasm3
    from qiskit.quantum_info import Statevector

    circuit = qasm3.loads(source)
    circuit.remove_final_measurements()
    found = list(Statevector(circuit).probabilities())

print(json.dumps([float(probability) for probability in found]))
