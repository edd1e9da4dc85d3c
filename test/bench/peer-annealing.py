"""Anneals a graph of the Gset with dwave-samplers, and prints the CPU seconds and the mean cut as JSON."""
import json
import sys
import time

import dimod
from dwave.samplers import SimulatedAnnealingSampler

file, reads, sweeps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rows = [line.split() for line in open(file, encoding="utf8")][1:]
couplings = {(int(i) - 1, int(j) - 1): float(weight) for i, j, weight in rows}
problem = dimod.BinaryQuadraticModel.from_ising({}, couplings)
sampler = SimulatedAnnealingSampler()
started = time.process_time()
found = sampler.sample(problem, num_reads=reads, seed=1, beta_range=[0.05, 1.0], num_sweeps=sweeps)
cpu = time.process_time() - started
cuts = (sum(couplings.values()) - found.record.energy) / 2
print(json.dumps({"cpuS": cpu, "cutMean": float(cuts.mean())}))
