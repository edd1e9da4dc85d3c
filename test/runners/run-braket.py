"""Performs actions of Amazon Braket, one a line of standard input as JSON, with Amazon's own schemas and simulator.

Asked: {"action": the action as the service takes it, as text, "shots"}.
Told: results.json as Amazon's own code writes it.
"""
import json
import sys

import numpy
from braket.default_simulator import StateVectorSimulator
from braket.ir.openqasm import Program, ProgramSet

for line in sys.stdin:
    asked = json.loads(line)
    kind = json.loads(asked["action"])["braketSchemaHeader"]["name"]
    schema = ProgramSet if kind.endswith("program_set") else Program
    numpy.random.seed(1)
    result = StateVectorSimulator().run(schema.parse_raw(asked["action"]), shots=asked["shots"])
    print(result.json())
