-- The first schema. Times are milliseconds UTC, flags are 0 or 1.

CREATE TABLE meta (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  store_id TEXT NOT NULL,
  device   INTEGER NOT NULL,
  inode    INTEGER NOT NULL
) STRICT;

-- What every claim reads and writes comes first, long texts last.
-- Of more than two values a list (`IN`) is a table to SQLite, which it makes anew for every row that it checks.
-- `ready` is 1 for a job that a worker may take as soon as `run_at` has come by the clock of the moment:
-- what is merely scheduled stays out of the claims' indexes until `promote` lets it in.
CREATE TABLE jobs (
  n             INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 128),
  state         TEXT NOT NULL
                CHECK (state = 'pending' OR state = 'processing' OR state = 'completed' OR state = 'failed'
                  OR state = 'dead' OR state = 'cancelled'),
  queue         TEXT NOT NULL CHECK (length(queue) BETWEEN 1 AND 128),
  priority      INTEGER NOT NULL,
  run_at        INTEGER NOT NULL,
  ready         INTEGER NOT NULL CHECK (ready IN (0, 1)),
  held          INTEGER NOT NULL CHECK (held IN (0, 1)),
  cancel_asked  INTEGER NOT NULL CHECK (cancel_asked BETWEEN 0 AND 2),
  attempts      INTEGER NOT NULL CHECK (attempts >= 0),
  max_retries   INTEGER NOT NULL CHECK (max_retries >= 0),
  interruptions INTEGER NOT NULL CHECK (interruptions >= 0),
  runs          INTEGER NOT NULL CHECK (runs >= 0),
  fence         INTEGER NOT NULL CHECK (fence >= 0),
  version       INTEGER NOT NULL CHECK (version >= 1),
  state_since   INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  pool          TEXT,
  worker        TEXT,
  worker_pid    INTEGER,
  host          TEXT,
  started_at    INTEGER,
  finished_at   INTEGER,
  duration_ms   INTEGER,
  exit_code     INTEGER,
  signal        TEXT,
  error         TEXT,
  timeout_ms    INTEGER CHECK (timeout_ms > 0),
  unique_key    TEXT,
  tags          TEXT CHECK (json_type(tags) = 'array'),
  env           TEXT CHECK (json_type(env) = 'object'),
  cwd           TEXT NOT NULL,
  command       TEXT NOT NULL CHECK (command <> ''),
  CHECK ((state = 'processing') = (pool IS NOT NULL)),
  CHECK (worker_pid IS NULL OR state = 'processing'),
  CHECK (cancel_asked = 0 OR state = 'processing'),
  CHECK (held = 0 OR state IN ('pending', 'failed')),
  CHECK (ready = 0 OR (held = 0 AND state IN ('pending', 'failed'))),
  CHECK (state <> 'failed' OR attempts >= 1),
  CHECK (state <> 'completed' OR attempts >= 1)
) STRICT;

-- An index ends with n by itself. What runs is in no index but its own: it is little, and every claim and every
-- settlement would have to put it into all of them and take it out again.
CREATE INDEX jobs_ready ON jobs (priority DESC, run_at) WHERE ready = 1;
CREATE INDEX jobs_ready_by_queue ON jobs (queue, priority DESC, run_at) WHERE ready = 1;
CREATE INDEX jobs_later_by_queue ON jobs (queue, priority DESC, run_at)
  WHERE ready = 0 AND state IN ('pending', 'failed');
CREATE INDEX jobs_scheduled ON jobs (run_at)
  WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed');
CREATE INDEX jobs_scheduled_by_queue ON jobs (queue, run_at)
  WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed');
CREATE INDEX jobs_running ON jobs (pool, queue) WHERE state = 'processing';
CREATE INDEX jobs_by_state ON jobs (state) WHERE state <> 'processing';
CREATE INDEX jobs_by_state_since ON jobs (state, state_since) WHERE state <> 'processing';
CREATE INDEX jobs_by_state_priority ON jobs (state, priority DESC, run_at) WHERE state <> 'processing';
CREATE INDEX jobs_by_queue ON jobs (queue);
CREATE INDEX jobs_dead_by_queue ON jobs (queue, state_since) WHERE state = 'dead';
CREATE UNIQUE INDEX jobs_unique_live ON jobs (unique_key)
  WHERE unique_key IS NOT NULL AND state IN ('pending', 'failed', 'processing');

CREATE TABLE attempts (
  job           INTEGER NOT NULL,
  n             INTEGER NOT NULL CHECK (n >= 1),
  worker        TEXT,
  host          TEXT,
  started_at    INTEGER NOT NULL,
  finished_at   INTEGER NOT NULL,
  duration_ms   INTEGER NOT NULL,
  outcome       TEXT NOT NULL
                CHECK (outcome = 'exited' OR outcome = 'signalled' OR outcome = 'timed-out'
                  OR outcome = 'not-started' OR outcome = 'interrupted' OR outcome = 'cancelled'),
  exit_code     INTEGER,
  signal        TEXT,
  error         TEXT,
  cpu_ms        INTEGER,
  max_rss_bytes INTEGER,
  output_bytes  INTEGER NOT NULL CHECK (output_bytes >= 0),
  output_file   TEXT,
  command       TEXT,
  output        BLOB NOT NULL CHECK (length(output) <= 66560), -- 64 KiB, and a line that says what is missing
  PRIMARY KEY (job, n)
) STRICT;

CREATE INDEX attempts_by_file ON attempts (output_file) WHERE output_file IS NOT NULL;

-- Triggers keep them, so that a count costs the same at any size. Nothing here may use REPLACE:
-- it deletes rows without firing the triggers. What runs is not in them, for it is soon counted.
CREATE TABLE counts (
  queue TEXT NOT NULL,
  state TEXT NOT NULL,
  n     INTEGER NOT NULL CHECK (n >= 0),
  PRIMARY KEY (queue, state)
) STRICT, WITHOUT ROWID;

-- A queue has all its rows from its first job on. A trigger that only updates lets SQLite change a job without
-- a journal of the statement, which would cost as much as the change: see `claim` and `settle`.
CREATE TRIGGER counts_come AFTER INSERT ON counts BEGIN
  INSERT INTO counts (queue, state, n) VALUES
    (new.queue, 'pending', 0), (new.queue, 'failed', 0), (new.queue, 'completed', 0), (new.queue, 'dead', 0),
    (new.queue, 'cancelled', 0)
    ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER jobs_come AFTER INSERT ON jobs BEGIN
  INSERT INTO counts (queue, state, n)
    VALUES (new.queue, iif(new.state = 'processing', 'pending', new.state), new.state <> 'processing')
    ON CONFLICT (queue, state) DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER jobs_change_queue BEFORE UPDATE OF queue ON jobs WHEN old.queue <> new.queue BEGIN
  INSERT INTO counts (queue, state, n) VALUES (new.queue, 'pending', 0) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER jobs_move AFTER UPDATE OF state, queue ON jobs
WHEN old.state <> new.state OR old.queue <> new.queue BEGIN
  UPDATE counts SET n = n - 1 WHERE queue = old.queue AND state = old.state;
  UPDATE counts SET n = n + 1 WHERE queue = new.queue AND state = new.state;
END;

CREATE TRIGGER jobs_go AFTER DELETE ON jobs BEGIN
  UPDATE counts SET n = n - 1 WHERE queue = old.queue AND state = old.state;
  DELETE FROM attempts WHERE job = old.n;
END;

-- Attempts that ended, by stretches of ten seconds; `bucket` is the beginning of one, `failed` those that
-- are made again, and `waiting` how many jobs waited when a pool last gave a sign of life in it.
CREATE TABLE rates (
  bucket    INTEGER PRIMARY KEY,
  completed INTEGER NOT NULL,
  failed    INTEGER NOT NULL,
  dead      INTEGER NOT NULL,
  waiting   INTEGER
) STRICT;

CREATE TABLE config (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pools (
  name        TEXT PRIMARY KEY,
  host        TEXT NOT NULL,
  boot_id     TEXT NOT NULL,
  pid_ns      TEXT NOT NULL,
  pid         INTEGER NOT NULL,
  start_ticks INTEGER NOT NULL,
  started_at  INTEGER NOT NULL,
  wanted      INTEGER NOT NULL,
  queues      TEXT NOT NULL CHECK (json_type(queues) = 'array'),
  stop        TEXT NOT NULL CHECK (stop IN ('', 'drain', 'force')),
  beat        INTEGER NOT NULL
) STRICT;

CREATE TABLE workers (
  pool        TEXT NOT NULL,
  name        TEXT NOT NULL,
  pid         INTEGER NOT NULL,
  start_ticks INTEGER NOT NULL,
  started_at  INTEGER NOT NULL,
  done        INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  PRIMARY KEY (pool, name)
) STRICT, WITHOUT ROWID;
