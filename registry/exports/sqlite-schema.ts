/** The tables of the SQLite file, for people who ask in SQL: names of columns are those of the state, in snake case. */

/** Parents before children; each row is a list in the order of its columns. */
export const SCHEMA = `
CREATE TABLE registry (origin TEXT NOT NULL, events INTEGER NOT NULL);
CREATE TABLE models (
  model TEXT PRIMARY KEY, versions INTEGER NOT NULL, data TEXT, retired_at TEXT, retired_reason TEXT
) WITHOUT ROWID;
CREATE TABLE events (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, model TEXT REFERENCES models,
  at TEXT NOT NULL, by TEXT NOT NULL, door TEXT NOT NULL, body TEXT NOT NULL CHECK (json_valid(body))
);
CREATE TABLE runs (
  model TEXT NOT NULL REFERENCES models, run TEXT NOT NULL, recipe TEXT NOT NULL, started_at TEXT NOT NULL,
  finished_at TEXT, outcome TEXT CHECK (outcome IN ('completed', 'failed')), fault TEXT, says TEXT,
  PRIMARY KEY (model, run)
);
CREATE TABLE run_inputs (
  model TEXT NOT NULL, run TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, size_bytes INTEGER NOT NULL,
  PRIMARY KEY (model, run, name), FOREIGN KEY (model, run) REFERENCES runs
);
CREATE TABLE steps (
  model TEXT NOT NULL, run TEXT NOT NULL, position INTEGER NOT NULL, step TEXT NOT NULL, stage TEXT NOT NULL,
  digest TEXT NOT NULL, took_ms INTEGER NOT NULL, known INTEGER NOT NULL,
  PRIMARY KEY (model, run, position), FOREIGN KEY (model, run) REFERENCES runs
);
CREATE TABLE artifacts (digest TEXT PRIMARY KEY, kind TEXT NOT NULL, size_bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE step_outputs (
  model TEXT NOT NULL, run TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
  digest TEXT NOT NULL REFERENCES artifacts,
  PRIMARY KEY (model, run, position, name), FOREIGN KEY (model, run, position) REFERENCES steps
);
CREATE TABLE versions (
  model TEXT NOT NULL REFERENCES models, version TEXT NOT NULL, major INTEGER NOT NULL, minor INTEGER NOT NULL,
  patch INTEGER NOT NULL, seq INTEGER NOT NULL REFERENCES events, at TEXT NOT NULL, by TEXT NOT NULL,
  run TEXT, recipe TEXT, data TEXT, data_rows INTEGER, code_commit TEXT, fettle TEXT, seed INTEGER,
  rolled_back TEXT, imported_from TEXT, PRIMARY KEY (model, version)
);
CREATE TABLE params (
  model TEXT NOT NULL, version TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (model, version, name), FOREIGN KEY (model, version) REFERENCES versions
);
CREATE TABLE version_artifacts (
  model TEXT NOT NULL, version TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL REFERENCES artifacts,
  PRIMARY KEY (model, version, name), FOREIGN KEY (model, version) REFERENCES versions
);
CREATE TABLE evaluations (
  seq INTEGER PRIMARY KEY REFERENCES events, model TEXT NOT NULL, version TEXT NOT NULL, run TEXT NOT NULL,
  holdout TEXT NOT NULL, outcomes TEXT NOT NULL REFERENCES artifacts,
  FOREIGN KEY (model, version) REFERENCES versions
);
CREATE TABLE metrics (
  evaluation INTEGER NOT NULL REFERENCES evaluations, name TEXT NOT NULL, value REAL NOT NULL, low REAL, high REAL,
  method TEXT, unit TEXT NOT NULL, better TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (evaluation, name)
);
CREATE TABLE verdicts (
  seq INTEGER PRIMARY KEY REFERENCES events, model TEXT NOT NULL, version TEXT NOT NULL, run TEXT NOT NULL,
  against TEXT, answer TEXT NOT NULL, keeps_data INTEGER NOT NULL,
  FOREIGN KEY (model, version) REFERENCES versions
);
CREATE TABLE gates (
  verdict INTEGER NOT NULL REFERENCES verdicts, position INTEGER NOT NULL, gate TEXT NOT NULL, answer TEXT NOT NULL,
  reason TEXT NOT NULL, PRIMARY KEY (verdict, position)
);
CREATE TABLE tenures (
  model TEXT NOT NULL, channel TEXT NOT NULL, version TEXT NOT NULL, "from" TEXT NOT NULL, until TEXT,
  by TEXT NOT NULL, PRIMARY KEY (model, channel, "from", version),
  FOREIGN KEY (model, version) REFERENCES versions
);
CREATE TABLE decisions (
  seq INTEGER PRIMARY KEY REFERENCES events, model TEXT NOT NULL REFERENCES models, what TEXT NOT NULL,
  version TEXT, before TEXT, channel TEXT, automatic INTEGER NOT NULL, waived TEXT NOT NULL, reason TEXT NOT NULL,
  at TEXT NOT NULL, by TEXT NOT NULL
);
CREATE TABLE edges (
  source TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (source, target, kind)
) WITHOUT ROWID;
CREATE INDEX events_by_model ON events (model, type);
CREATE INDEX versions_in_order ON versions (model, major, minor, patch);
CREATE INDEX versions_by_data ON versions (data);
CREATE INDEX versions_by_run ON versions (model, run);
CREATE INDEX evaluations_by_version ON evaluations (model, version);
CREATE INDEX metrics_by_name ON metrics (name, value);
CREATE INDEX verdicts_by_version ON verdicts (model, version);
CREATE INDEX tenures_by_version ON tenures (model, version);
CREATE INDEX decisions_by_model ON decisions (model, seq);
CREATE INDEX edges_by_target ON edges (target);
CREATE VIEW champions AS
  SELECT t.model, t.channel, t.version, t."from" AS since,
    (SELECT m.value FROM metrics m JOIN evaluations e ON e.seq = m.evaluation
      WHERE e.model = t.model AND e.version = t.version AND m.name = 'accuracy' ORDER BY e.seq DESC LIMIT 1) AS accuracy,
    (SELECT m.value FROM metrics m JOIN evaluations e ON e.seq = m.evaluation
      WHERE e.model = t.model AND e.version = t.version AND m.name = 'macro_f1' ORDER BY e.seq DESC LIMIT 1) AS macro_f1
  FROM tenures t WHERE t.until IS NULL;
CREATE VIEW history AS
  SELECT seq, at, model, what, version, before, channel, reason, by FROM decisions ORDER BY seq DESC;
`;
