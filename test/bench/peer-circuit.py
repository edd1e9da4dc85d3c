"""Times one layer of QAOA for a cut, gate by gate, in simulators that are there, and prints milliseconds of CPU as JSON.

A layer is what three more of them take, divided by three: opening, closing and reading the state cost the same.
"""
import json
import sys
import time

n, repeats = int(sys.argv[1]), int(sys.argv[2])
edges = [(int(a), int(b)) for a, b in (edge.split("-") for edge in sys.argv[3].split(","))]
gamma, beta = 0.3, 0.4


def least(run):
    """Of processor time, since others may use the machine too."""
    taken = []
    for _ in range(repeats):
        started = time.process_time()
        run()
        taken.append(time.process_time() - started)
    return min(taken)


def layer_ms(prepared):
    shallow, deep = prepared(1), prepared(4)
    return (least(deep) - least(shallow)) / 3 * 1000


def aer(precision):
    from qiskit import QuantumCircuit
    from qiskit_aer import AerSimulator

    simulator = AerSimulator(method="statevector", precision=precision, max_parallel_threads=1)

    def prepared(depth):
        circuit = QuantumCircuit(n)
        circuit.h(range(n))
        for _ in range(depth):
            for a, b in edges:
                circuit.rzz(gamma, a, b)
            circuit.rx(2 * beta, range(n))
        circuit.save_amplitudes_squared([0])
        return lambda: simulator.run(circuit).result().data(0)

    return layer_ms(prepared)


def lightning(precision):
    import numpy as np
    import pennylane as qml

    kind = np.complex64 if precision == "single" else np.complex128
    device = qml.device("lightning.qubit", wires=n, c_dtype=kind)

    def prepared(depth):
        @qml.qnode(device, diff_method=None)
        def circuit():
            for q in range(n):
                qml.Hadamard(q)
            for _ in range(depth):
                for a, b in edges:
                    qml.IsingZZ(gamma, wires=[a, b])
                for q in range(n):
                    qml.RX(2 * beta, wires=q)
            return qml.expval(qml.PauliZ(0))

        return circuit

    return layer_ms(prepared)


told = {}
for name, time_of in (("aer", aer), ("lightning", lightning)):
    try:
        told[name] = {precision: time_of(precision) for precision in ("single", "double")}
    except ImportError:
        told[name] = None
print(json.dumps(told))
