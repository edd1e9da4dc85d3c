"""Transpiles OpenQASM 3 programs for a machine with Qiskit, and prints the cz and the depth in cz of the best of five.

Asked on standing input as JSON: {"links": pairs of qubits, "programs": sources}.
"""
import json
import sys

from qiskit import qasm3, transpile
from qiskit.transpiler import CouplingMap, Target

asked = json.load(sys.stdin)
links = CouplingMap([pair for a, b in asked["links"] for pair in ((a, b), (b, a))])
target = Target.from_configuration(basis_gates=["rz", "sx", "x", "cz", "measure"], coupling_map=links)
found = []
for source in asked["programs"]:
    circuit = qasm3.loads(source)
    tries = []
    for seed in range(5):
        native = transpile(circuit, target=target, optimization_level=3, seed_transpiler=seed)
        depth = native.depth(lambda gate: gate.operation.name == "cz")
        tries.append((native.count_ops().get("cz", 0), depth))
    cz, depth = min(tries)
    found.append({"cz": cz, "depth": depth})
print(json.dumps(found))
