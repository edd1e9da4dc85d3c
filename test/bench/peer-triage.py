"""The peers of issue triage on the same folds: fastText and TF-IDF with logistic regression, one model a project.

Reads the CSV named first and the folds (JSON: row -> fold) named second; prints JSON.
"""
import csv, json, re, resource, sys, tempfile, time

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

csv.field_size_limit(1 << 30)
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
folds = json.load(open(sys.argv[2]))
repos = sorted({row["repo"] for row in rows})
text = [row["title"] + " " + row["body"] for row in rows]
labels = np.array([row["label"] for row in rows])


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def out_of_fold(fit_predict):
    began, scores = cpu(), []
    for repo in repos:
        mine = [i for i, row in enumerate(rows) if row["repo"] == repo]
        said = {}
        for fold in range(5):
            train = [i for i in mine if folds[i] != fold]
            test = [i for i in mine if folds[i] == fold]
            said.update(zip(test, fit_predict(train, test)))
        scores.append(f1_score(labels[mine], [said[i] for i in mine], average="macro"))
    return {"f1": float(np.mean(scores)), "cpuS": cpu() - began}


def tfidf(train, test):
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = LogisticRegression(max_iter=1000, C=10)
    model.fit(vectors.fit_transform([text[i] for i in train]), labels[train])
    return model.predict(vectors.transform([text[i] for i in test]))


def fasttext_peer(train, test):
    import fasttext

    clean = lambda s: re.sub(r"\s+", " ", s)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for i in train:
            file.write(f"__label__{labels[i]} {clean(text[i])}\n")
        file.flush()
        model = fasttext.train_supervised(file.name, epoch=25, lr=0.5, wordNgrams=2, dim=50, thread=1, verbose=0)
    # The wrapper's own `predict` calls numpy in a way that numpy 2 refuses.
    return [model.f.predict(clean(text[i]) + "\n", 1, 0.0, "strict")[0][1].replace("__label__", "") for i in test]


found = {"tfidf": out_of_fold(tfidf)}
try:
    found["fasttext"] = out_of_fold(fasttext_peer)
except Exception as error:
    found["fasttextMissing"] = str(error)
print(json.dumps(found))
