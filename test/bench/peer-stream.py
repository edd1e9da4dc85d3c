"""The peer of the label stream: scikit-learn's SGDClassifier.partial_fit on the same rows, in the same order.

Reads JSON named first: width, columns and values of each row, label numbers, rows before the measuring; prints JSON.
"""
import json, sys, time

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import SGDClassifier

given = json.load(open(sys.argv[1]))
rows = [i for i, columns in enumerate(given["columns"]) for _ in columns]
columns = [c for row in given["columns"] for c in row]
values = [v for row in given["values"] for v in row]
shape = (len(given["columns"]), given["width"])
matrix = sp.csr_matrix((values, (rows, columns)), shape=shape)
labels = np.array(given["labels"])
begin = given["before"]


def per_second(batch):
    model = SGDClassifier(random_state=1)
    model.partial_fit(matrix[:begin], labels[:begin], classes=np.unique(labels))
    parts = [(matrix[i : i + batch], labels[i : i + batch]) for i in range(begin, shape[0], batch)]
    began = time.process_time()
    for part, truth in parts:
        model.partial_fit(part, truth)
    return (shape[0] - begin) / (time.process_time() - began)


print(json.dumps({"one": per_second(1), "thousand": per_second(1000)}))
