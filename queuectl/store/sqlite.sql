-- Every statement of the SQLite store. Parameters bear the names of Job's fields where they hold them.
-- {where} is a condition put together from the `term_` blocks; `batch` and other lists are JSON arrays.

-- name: begin — takes the write lock at once: one that is taken later fails instead of waiting
BEGIN IMMEDIATE;

-- name: begin_reading — several reads see one moment
BEGIN;

-- name: commit — ends either
COMMIT;

-- name: rollback — leaves nothing half done
ROLLBACK;

-- name: identity — which store this is, and which file it was when it was last written to
SELECT store_id, device, inode FROM meta;

-- name: identity_make — a new store's
INSERT INTO meta (one, store_id, device, inode) VALUES (1, :store_id, :device, :inode);

-- name: identity_change — a copy is another store
UPDATE meta SET store_id = :store_id, device = :device, inode = :inode;

-- name: copied_pools_forget — the original's pools do not serve the copy
DELETE FROM pools;

-- name: copied_workers_forget — nor do its workers
DELETE FROM workers;

-- name: copied_claims_orphan — what ran in the original belongs to nobody here: any pool rescues it
UPDATE jobs SET pool = 'gone', worker_pid = NULL, fence = fence + 1, version = version + 1
WHERE state = 'processing';


-- name: claimable — the next jobs for free workers, in order of claims
SELECT * FROM jobs INDEXED BY jobs_ready WHERE ready = 1 AND run_at <= :now ORDER BY priority DESC, run_at, n LIMIT :most;

-- name: claimable_in_queue — the same for one queue; the caller merges several
SELECT * FROM jobs INDEXED BY jobs_ready_by_queue WHERE ready = 1 AND queue = :queue AND run_at <= :now
ORDER BY priority DESC, run_at, n LIMIT :most;

-- name: claim — the fence of the row that was read proves that nobody else took it; a failure undoes the whole
-- transaction, as `writing` would: then SQLite need not remember the statement alone, which takes as long as to do it
UPDATE OR ROLLBACK jobs SET
  state = :state, ready = 0, fence = :fence, version = :version, state_since = :state_since, updated_at = :updated_at,
  pool = :pool, worker = :worker, worker_pid = :worker_pid, host = :host, started_at = :started_at,
  finished_at = NULL, duration_ms = NULL, exit_code = NULL, signal = NULL, error = NULL
WHERE n = :number AND fence = :fence - 1 AND ready = 1;

-- name: claimed — the job whose claim is to be settled; no row if the claim was lost
SELECT * FROM jobs WHERE n = :number AND fence = :fence AND state = 'processing';

-- name: settle — run_at stays, and with it its place in the indexes; or rollback as above
UPDATE OR ROLLBACK jobs SET
  state = :state, ready = :ready, attempts = :attempts, interruptions = :interruptions, runs = :runs,
  version = :version, state_since = :state_since, updated_at = :updated_at,
  pool = NULL, worker = :worker, worker_pid = NULL, host = :host, cancel_asked = 0, started_at = :started_at,
  finished_at = :finished_at, duration_ms = :duration_ms, exit_code = :exit_code, signal = :signal, error = :error
WHERE n = :number AND fence = :fence AND state = 'processing';

-- name: settle_later — the same for a job that waits for its next attempt
UPDATE OR ROLLBACK jobs SET
  state = :state, ready = :ready, attempts = :attempts, interruptions = :interruptions, runs = :runs,
  version = :version, state_since = :state_since, updated_at = :updated_at, run_at = :run_at,
  pool = NULL, worker = :worker, worker_pid = NULL, host = :host, cancel_asked = 0, started_at = :started_at,
  finished_at = :finished_at, duration_ms = :duration_ms, exit_code = :exit_code, signal = :signal, error = :error
WHERE n = :number AND fence = :fence AND state = 'processing';

-- name: attempt_add — one more line of the job's history
INSERT INTO attempts (
  job, n, worker, host, started_at, finished_at, duration_ms, outcome, exit_code, signal, error,
  cpu_ms, max_rss_bytes, output_bytes, output_file, command, output
) VALUES (
  :job, :n, :worker, :host, :started_at, :finished_at, :duration_ms, :outcome, :exit_code, :signal, :error,
  :cpu_ms, :max_rss_bytes, :output_bytes, :output_file, NULL, :output
);

-- name: rate_add — how fast jobs end, without counting them
INSERT INTO rates (bucket, completed, failed, dead) VALUES (:bucket, :completed, :failed, :dead)
ON CONFLICT (bucket) DO UPDATE SET
  completed = completed + excluded.completed, failed = failed + excluded.failed, dead = dead + excluded.dead;

-- name: worker_count — what a worker has done
UPDATE workers SET done = done + :done, failed = failed + :failed WHERE pool = :pool AND name = :name;

-- name: scheduled_first — when the next job that waits for its time is due
SELECT run_at FROM jobs INDEXED BY jobs_scheduled WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed') ORDER BY run_at LIMIT 1;

-- name: scheduled_first_in_queue — the same for one queue
SELECT run_at FROM jobs INDEXED BY jobs_scheduled_by_queue WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed') AND queue = :queue
ORDER BY run_at LIMIT 1;

-- name: promote — jobs whose time has come may be claimed
UPDATE jobs SET ready = 1 WHERE n IN (
  SELECT n FROM jobs INDEXED BY jobs_scheduled WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed') AND run_at <= :now
  ORDER BY run_at LIMIT :most
);

-- name: promote_in_queue — the same for one queue
UPDATE jobs SET ready = 1 WHERE n IN (
  SELECT n FROM jobs INDEXED BY jobs_scheduled_by_queue
  WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed') AND queue = :queue AND run_at <= :now
  ORDER BY run_at LIMIT :most
);

-- name: ahead — jobs that are ready by a clock that was set back since
SELECT n FROM jobs INDEXED BY jobs_ready WHERE ready = 1 AND run_at > :now LIMIT :most;

-- name: demote — they wait for their time again
UPDATE jobs NOT INDEXED SET ready = 0 WHERE ready = 1 AND run_at > :now AND n IN (SELECT value FROM json_each(:batch));

-- name: any_ready — whether a short claim left something behind
SELECT 1 FROM jobs INDEXED BY jobs_ready WHERE ready = 1 LIMIT 1;

-- name: any_ready_in_queue — the same for one queue
SELECT 1 FROM jobs INDEXED BY jobs_ready_by_queue WHERE ready = 1 AND queue = :queue LIMIT 1;

-- name: work_left — whether any job may still run, now or later
SELECT EXISTS (SELECT 1 FROM jobs WHERE ready = 1)
  OR EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_scheduled WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed'))
  OR EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_running WHERE state = 'processing');

-- name: work_left_in_queue — the same for one queue
SELECT EXISTS (SELECT 1 FROM jobs WHERE ready = 1 AND queue = :queue)
  OR EXISTS (
    SELECT 1 FROM jobs INDEXED BY jobs_scheduled_by_queue
    WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed') AND queue = :queue
  )
  OR EXISTS (SELECT 1 FROM jobs INDEXED BY jobs_running WHERE state = 'processing' AND queue = :queue);


-- name: pool — one pool as it stands
SELECT * FROM pools WHERE name = :pool;

-- name: pools — all of them, oldest first
SELECT * FROM pools ORDER BY started_at, name;

-- name: pool_put — a pool of that name is replaced
INSERT INTO pools (name, host, boot_id, pid_ns, pid, start_ticks, started_at, wanted, queues, stop, beat)
VALUES (:name, :host, :boot_id, :pid_ns, :pid, :start_ticks, :started_at, :wanted, :queues, :stop, :beat)
ON CONFLICT (name) DO UPDATE SET
  host = excluded.host, boot_id = excluded.boot_id, pid_ns = excluded.pid_ns, pid = excluded.pid,
  start_ticks = excluded.start_ticks, started_at = excluded.started_at, wanted = excluded.wanted,
  queues = excluded.queues, stop = excluded.stop, beat = excluded.beat;

-- name: pool_remove — a pool that holds claims stays: somebody must rescue them
DELETE FROM pools WHERE name = :pool
AND NOT EXISTS (SELECT 1 FROM jobs WHERE state = 'processing' AND pool = :pool);

-- name: pool_beat — a sign of life
UPDATE pools SET beat = beat + 1 WHERE name = :pool;

-- name: depth_note — how many jobs wait; not with each job that ends, for there can be many queues to sum up
INSERT INTO rates (bucket, completed, failed, dead, waiting)
SELECT :bucket, 0, 0, 0, coalesce(sum(n), 0) FROM counts WHERE state IN ('pending', 'failed')
ON CONFLICT (bucket) DO UPDATE SET waiting = excluded.waiting;

-- name: rates_sweep — a week of them is enough
DELETE FROM rates WHERE bucket < :bucket - 7 * 24 * 3600 * 1000;

-- name: pool_stop — a stop by force is never taken back
UPDATE pools SET stop = CASE WHEN stop = 'force' THEN stop ELSE :stop END WHERE name = :pool;

-- name: pool_scale — a pool that stops has nothing to scale
UPDATE pools SET wanted = :wanted WHERE name = :pool AND stop = '';

-- name: workers — of all pools
SELECT * FROM workers ORDER BY pool, length(name), name;

-- name: workers_near — those of some pids, of pools where these pids mean the same
SELECT workers.* FROM workers JOIN pools ON pools.name = workers.pool
WHERE pools.boot_id = :boot_id AND pools.pid_ns = :pid_ns AND workers.pid IN (SELECT value FROM json_each(:batch));

-- name: worker_put — who was there before keeps its counts
INSERT INTO workers (pool, name, pid, start_ticks, started_at, done, failed)
VALUES (:pool, :name, :pid, :start_ticks, :started_at, :done, :failed)
ON CONFLICT (pool, name) DO UPDATE SET
  pid = excluded.pid, start_ticks = excluded.start_ticks, started_at = excluded.started_at;

-- name: workers_keep — the others are gone
DELETE FROM workers WHERE pool = :pool AND name NOT IN (SELECT value FROM json_each(:batch));

-- name: workers_remove — of one pool
DELETE FROM workers WHERE pool = :pool;

-- name: claims — what a pool holds, and what was asked of it
SELECT n, fence, cancel_asked FROM jobs INDEXED BY jobs_running WHERE state = 'processing' AND pool = :pool;

-- name: claims_whole — the same with all that cleaning up after them needs
SELECT * FROM jobs INDEXED BY jobs_running WHERE state = 'processing' AND pool = :pool ORDER BY n;

-- name: claims_orphaned — pools that hold claims and are not registered: from a copy, or removed by hand
SELECT DISTINCT pool FROM jobs INDEXED BY jobs_running WHERE state = 'processing'
AND pool NOT IN (SELECT name FROM pools);

-- name: take_over — the claim changes hands
UPDATE jobs SET pool = :pool, fence = :fence, version = :version, updated_at = :updated_at
WHERE n = :number AND fence = :fence - 1 AND state = 'processing';

-- name: running — everything that runs
SELECT * FROM jobs INDEXED BY jobs_running WHERE state = 'processing' ORDER BY n;


-- name: outputs_known — those of some file names that belong to attempts
SELECT output_file FROM attempts WHERE output_file IN (SELECT value FROM json_each(:batch));

-- name: claims_numbered — the jobs whose files of output are being written, or still to be settled
SELECT n FROM jobs INDEXED BY jobs_running WHERE state = 'processing';

-- name: outputs_oldest — files to give up until there is room: completed jobs' first
SELECT attempt, output_file FROM (
  SELECT a.rowid AS attempt, a.output_file, sum(min(a.output_bytes, :log_limit)) OVER earlier AS before
  FROM attempts AS a JOIN jobs AS j ON j.n = a.job
  WHERE a.output_file IS NOT NULL
  WINDOW earlier AS (
    ORDER BY j.state <> 'completed', a.rowid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
) WHERE coalesce(before, 0) < :excess;

-- name: outputs_forget — the attempt stays, its output is gone
UPDATE attempts SET output_file = NULL WHERE rowid IN (SELECT value FROM json_each(:batch));

-- name: expired — completed jobs that were kept long enough
SELECT n FROM jobs INDEXED BY jobs_by_state_since
WHERE state = 'completed' AND state <> 'processing' AND state_since < :before ORDER BY state_since LIMIT :most;

-- name: files_of — what a delete leaves behind
SELECT output_file FROM attempts
WHERE job IN (SELECT value FROM json_each(:batch)) AND output_file IS NOT NULL;

-- name: counts_sweep — queues that nobody uses any more, all rows of each or none
DELETE FROM counts WHERE queue NOT IN (SELECT queue FROM counts WHERE n > 0)
AND queue NOT IN (SELECT queue FROM jobs INDEXED BY jobs_running WHERE state = 'processing');


-- name: last_number — AUTOINCREMENT's memory: numbers of deleted jobs are not used again
SELECT seq FROM sqlite_sequence WHERE name = 'jobs';

-- name: taken_ids — those of some ids that are jobs' ids
SELECT id FROM jobs WHERE id IN (SELECT value FROM json_each(:ids));

-- name: made_ids_taken — the numbers whose made ids a person took first
SELECT value FROM json_each(:batch) WHERE EXISTS (SELECT 1 FROM jobs WHERE id = 'j' || value);

-- name: live_keys — whose are these unique keys
SELECT unique_key, id FROM jobs INDEXED BY jobs_unique_live
WHERE unique_key IN (SELECT value FROM json_each(:keys))
AND unique_key IS NOT NULL AND state IN ('pending', 'failed', 'processing');

-- name: add — a new job
INSERT INTO jobs (
  n, id, state, queue, priority, run_at, ready, held, cancel_asked, attempts, max_retries, interruptions, runs, fence,
  version, state_since, created_at, updated_at, timeout_ms, unique_key, tags, env, cwd, command
) VALUES (?, ?, 'pending', ?, ?, ?, ?, ?, 0, 0, ?, 0, 0, 0, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: change — one job after a person's command; the version proves that it is the one that was read
UPDATE jobs SET
  state = :state, queue = :queue, priority = :priority, run_at = :run_at, ready = :ready, held = :held,
  cancel_asked = :cancel_asked, attempts = :attempts, max_retries = :max_retries, interruptions = :interruptions,
  version = :version, state_since = :state_since, updated_at = :updated_at, pool = :pool, worker_pid = :worker_pid,
  timeout_ms = :timeout_ms, tags = :tags_json, env = :env_json, cwd = :cwd, command = :command
WHERE n = :number AND version = :version - 1;

-- name: command_keep — what the attempts before an edit ran
UPDATE attempts SET command = :command WHERE job = :number AND command IS NULL;

-- name: command_same — those that ran what is the job's command again
UPDATE attempts SET command = NULL WHERE job = :number AND command = :command;

-- name: delete — attempts go by a trigger
DELETE FROM jobs WHERE n IN (SELECT value FROM json_each(:batch)) AND state <> 'processing' RETURNING n;

-- name: bound — what a selection is when it is made; a clock that was set back must not leave jobs out
SELECT coalesce(max(n), 0), max(
  :now,
  coalesce((SELECT max(state_since) FROM jobs WHERE state = 'pending' AND state <> 'processing'), 0),
  coalesce((SELECT max(state_since) FROM jobs WHERE state = 'processing'), 0),
  coalesce((SELECT max(state_since) FROM jobs WHERE state = 'completed' AND state <> 'processing'), 0),
  coalesce((SELECT max(state_since) FROM jobs WHERE state = 'failed' AND state <> 'processing'), 0),
  coalesce((SELECT max(state_since) FROM jobs WHERE state = 'dead' AND state <> 'processing'), 0),
  coalesce((SELECT max(state_since) FROM jobs WHERE state = 'cancelled' AND state <> 'processing'), 0)
) FROM (SELECT max(n) AS n FROM jobs);

-- name: still_matching — those that match even now, under the lock; by their numbers, whatever the filter says
SELECT n FROM jobs NOT INDEXED WHERE n IN (SELECT value FROM json_each(:batch)) AND {where} ORDER BY n;

-- name: retry — as transition's Retry, the k-th at its place; one of several with one unique_key, and none where one is live
UPDATE jobs NOT INDEXED SET
  attempts = CASE state WHEN 'failed' THEN attempts ELSE 0 END,
  interruptions = CASE state WHEN 'failed' THEN interruptions ELSE 0 END,
  state = 'pending', run_at = due.run_at, ready = (held = 0 AND due.run_at <= :now),
  state_since = :now, updated_at = :now, version = version + 1
FROM (
  SELECT n AS number, :start
    + coalesce(CAST((:place + row_number() OVER (ORDER BY n) - 1) * 1000.0 / :rate AS INTEGER), 0) AS run_at
  FROM jobs AS asked NOT INDEXED
  WHERE n IN (SELECT value FROM json_each(:batch)) AND (
    state = 'failed' OR (
      state IN ('dead', 'cancelled', 'completed') AND (unique_key IS NULL OR (
        NOT EXISTS (
          SELECT 1 FROM jobs AS live WHERE live.unique_key = asked.unique_key
          AND live.unique_key IS NOT NULL AND live.state IN ('pending', 'failed', 'processing')
        ) AND NOT EXISTS (
          SELECT 1 FROM json_each(:batch) AS b JOIN jobs AS first ON first.n = b.value
          WHERE first.unique_key = asked.unique_key AND first.n < asked.n
        )
      ))
    )
  )
) AS due
WHERE jobs.n = due.number
RETURNING jobs.n;

-- name: cancel — as transition's Cancel of a waiting job
UPDATE jobs NOT INDEXED SET
  state = 'cancelled', ready = 0, held = 0, state_since = :now, updated_at = :now, version = version + 1
WHERE n IN (SELECT value FROM json_each(:batch)) AND state IN ('pending', 'failed')
RETURNING n;

-- name: cancel_running — as transition's Cancel of a running one: its pool does it
UPDATE jobs NOT INDEXED SET
  cancel_asked = max(cancel_asked, :cancel_asked), updated_at = :now, version = version + 1
WHERE n IN (SELECT value FROM json_each(:batch)) AND state = 'processing'
RETURNING n;

-- name: hold — as transition's Hold
UPDATE jobs NOT INDEXED SET held = 1, ready = 0, updated_at = :now, version = version + 1
WHERE n IN (SELECT value FROM json_each(:batch)) AND state IN ('pending', 'failed') AND held = 0
RETURNING n;

-- name: release — as transition's Release
UPDATE jobs NOT INDEXED SET held = 0, ready = (run_at <= :now), updated_at = :now, version = version + 1
WHERE n IN (SELECT value FROM json_each(:batch)) AND state IN ('pending', 'failed') AND held = 1
RETURNING n;

-- name: highest_waiting_priority — one look at the index for each state that waits
SELECT max(highest) FROM (
  SELECT max(priority) AS highest FROM jobs INDEXED BY jobs_by_state_priority
  WHERE state = 'pending' AND state <> 'processing'
  UNION ALL
  SELECT max(priority) FROM jobs INDEXED BY jobs_by_state_priority WHERE state = 'failed' AND state <> 'processing'
);


-- name: job — by its id
SELECT * FROM jobs WHERE id = :id;

-- name: jobs_numbered — some jobs, in order of arrival
SELECT * FROM jobs WHERE n IN (SELECT value FROM json_each(:batch)) ORDER BY n;

-- name: jobs_named — some jobs by their ids
SELECT * FROM jobs WHERE id IN (SELECT value FROM json_each(:ids));

-- name: ids_near — for the hint when an id is not there
SELECT id FROM jobs WHERE id >= :prefix AND id < :prefix || '~' ORDER BY id LIMIT 3;

-- name: newest — the last one that arrived
SELECT * FROM jobs ORDER BY n DESC LIMIT 1;

-- name: within_bound — what a selection was when it was made; the signs leave the choice of an index to the filter
+n <= :last_number AND +state_since <= :as_of

-- name: fits_retry — what each change takes of a selection, as transition has it
state NOT IN ('pending', 'processing');

-- name: fits_key — jobs that wait again: of several with one unique_key the first, and none where one is live
(unique_key IS NULL OR state = 'failed' OR (
  NOT EXISTS (
    SELECT 1 FROM jobs AS live WHERE live.unique_key = jobs.unique_key
    AND live.unique_key IS NOT NULL AND live.state IN ('pending', 'failed', 'processing')
  ) AND n IN (
    SELECT min(n) FROM jobs WHERE ({where}) AND unique_key IS NOT NULL
    AND state IN ('dead', 'cancelled', 'completed') GROUP BY unique_key
  )
));

-- name: keys_taken — the same for jobs that are named: those that cannot
SELECT asked.id FROM jobs AS asked NOT INDEXED
WHERE asked.n IN (SELECT value FROM json_each(:batch)) AND asked.unique_key IS NOT NULL
AND asked.state IN ('dead', 'cancelled', 'completed') AND (
  EXISTS (
    SELECT 1 FROM jobs AS live WHERE live.unique_key = asked.unique_key
    AND live.unique_key IS NOT NULL AND live.state IN ('pending', 'failed', 'processing')
  ) OR EXISTS (
    SELECT 1 FROM json_each(:batch) AS b JOIN jobs AS first ON first.n = b.value
    WHERE first.unique_key = asked.unique_key AND first.n < asked.n
  )
);

-- name: fits_cancel — waiting or running
state IN ('pending', 'failed', 'processing');

-- name: fits_hold — waiting, and not held yet
(state IN ('pending', 'failed') AND held = 0);

-- name: fits_release — waiting, and held
(state IN ('pending', 'failed') AND held = 1);

-- name: fits_edit — all but running ones, for a delete too
state <> 'processing';

-- name: fits_next — only what waits can be run next
state IN ('pending', 'failed');

-- name: fits_max_retries — attempts made stay fewer than those allowed, but where none will be made any more
(state NOT IN ('pending', 'failed') OR attempts = 0 OR attempts < :max_retries);

-- name: fits_max_retries_anew — the same for jobs that are retried too: others have all attempts before them
(state <> 'failed' OR attempts < :max_retries);

-- name: failures — what dead jobs died of, those that died last first; more of a command nobody looks at
SELECT n, id, state_since, substr(command, 1, :looked_at), error FROM jobs
WHERE state = 'dead' AND state <> 'processing' AND (state_since, n) < (:state_since, :number) AND {where}
ORDER BY state_since DESC, n DESC LIMIT :most;

-- name: counts — kept by triggers, but for what runs
SELECT queue, state, n FROM counts WHERE n > 0
UNION ALL
SELECT queue, 'processing', count(*) FROM jobs INDEXED BY jobs_running WHERE state = 'processing' GROUP BY queue
ORDER BY queue;

-- name: counts_of_queue — the same for one queue
SELECT state, n FROM counts WHERE queue = :queue;

-- name: jobs_in_states — how many there are in some states, but for what runs
SELECT coalesce(sum(n), 0) FROM counts WHERE state IN ({states});

-- name: from_table — where a list is read: all jobs, in order of arrival
jobs NOT INDEXED WHERE 1

-- name: from_arrival — those of one state, in order of arrival
jobs INDEXED BY jobs_by_state WHERE state = {state} AND state <> 'processing'

-- name: from_priority — in order of claims
jobs INDEXED BY jobs_by_state_priority WHERE state = {state} AND state <> 'processing'

-- name: from_state_age — by time in a state
jobs INDEXED BY jobs_by_state_since WHERE state = {state} AND state <> 'processing'

-- name: from_running — what runs is little, and sorted
jobs INDEXED BY jobs_running WHERE state = 'processing'

-- name: from_queue — those of one queue, in order of arrival
jobs INDEXED BY jobs_by_queue WHERE queue = :queue0

-- name: from_queue_ready — in order of claims: those that could be claimed
jobs INDEXED BY jobs_ready_by_queue WHERE ready = 1 AND queue = :queue0

-- name: from_queue_later — and those that wait for something else
jobs INDEXED BY jobs_later_by_queue WHERE ready = 0 AND state IN ('pending', 'failed') AND queue = :queue0

-- name: from_queue_dead — dead ones by the time since then
jobs INDEXED BY jobs_dead_by_queue WHERE state = 'dead' AND queue = :queue0

-- name: few_ids — where few jobs are found, to be sorted: by their names
jobs INDEXED BY sqlite_autoindex_jobs_1 WHERE id IN ({names})

-- name: few_queues — of some queues
jobs INDEXED BY jobs_by_queue WHERE queue IN ({names})

-- name: few_priority — of one state and some priorities
jobs INDEXED BY jobs_by_state_priority
WHERE state = {state} AND state <> 'processing' AND priority BETWEEN :lowest AND :highest

-- name: few_state_since — of one state and some time in it
jobs INDEXED BY jobs_by_state_since
WHERE state = {state} AND state <> 'processing' AND state_since BETWEEN :earliest AND :latest

-- name: how_many — in one of these places, `most` at most
SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT :most);

-- name: page_few — what stands behind a place, found anyhow
SELECT {columns} FROM {source} AND {behind} AND {where}

-- name: page_arrival — the jobs behind a place; `end` is the last priority or time that a filter lets through
SELECT {columns} FROM {source} AND n > :number AND {where}

-- name: order_arrival — behind all parts
ORDER BY n LIMIT :most OFFSET :skip;

-- name: page_arrival_reversed — newest first
SELECT {columns} FROM {source} AND n < :number AND {where}

-- name: order_arrival_reversed — behind all parts
ORDER BY n DESC LIMIT :most OFFSET :skip;

-- name: page_priority — in order of claims; in two halves, so that the index answers each from the right place on
SELECT {columns} FROM {source} AND priority = :priority AND (run_at, n) > (:run_at, :number) AND {where}
UNION ALL
SELECT {columns} FROM {source} AND priority < :priority AND priority >= :end AND {where}

-- name: order_priority — behind all parts
ORDER BY priority DESC, run_at, n LIMIT :most OFFSET :skip;

-- name: page_priority_reversed — the other way round
SELECT {columns} FROM {source} AND priority = :priority AND (run_at, n) < (:run_at, :number) AND {where}
UNION ALL
SELECT {columns} FROM {source} AND priority > :priority AND priority <= :end AND {where}

-- name: order_priority_reversed — behind all parts
ORDER BY priority, run_at DESC, n DESC LIMIT :most OFFSET :skip;

-- name: page_state_age — longest in their state first
SELECT {columns} FROM {source} AND (state_since, n) > (:state_since, :number) AND state_since <= :end AND {where}

-- name: order_state_age — behind all parts
ORDER BY state_since, n LIMIT :most OFFSET :skip;

-- name: page_state_age_reversed — shortest in their state first
SELECT {columns} FROM {source} AND (state_since, n) < (:state_since, :number) AND state_since >= :end AND {where}

-- name: order_state_age_reversed — behind all parts
ORDER BY state_since DESC, n DESC LIMIT :most OFFSET :skip;

-- name: page_far — what is skipped is read in the index only
SELECT * FROM jobs WHERE n IN (SELECT n FROM ({page}))

-- name: columns_arrival — what an index holds of a job, in this order
n

-- name: columns_priority — in order of claims
priority, run_at, n

-- name: columns_state_age — by time in a state
state_since, n

-- name: newer_part — jobs that came into one state lately and stand before another job
SELECT 1 FROM {source} AND state_since > :since AND {before} AND {where}

-- name: newer_most — behind all parts
LIMIT :most;

-- name: before_arrival — whether a job stands before a place
n < :number

-- name: before_arrival_reversed — newest first
n > :number

-- name: before_priority — in order of claims
(priority > :priority OR (priority = :priority AND (run_at, n) < (:run_at, :number)))

-- name: before_priority_reversed — the other way round
(priority < :priority OR (priority = :priority AND (run_at, n) > (:run_at, :number)))

-- name: before_state_age — longest in their state first
(state_since, n) < (:state_since, :number)

-- name: before_state_age_reversed — shortest in their state first
(state_since, n) > (:state_since, :number)

-- name: count_part — a step of counting what a filter picks
SELECT count(*) AS found FROM {source} AND n > :after AND n <= :last AND {where}

-- name: count_parts — all parts together
SELECT sum(found) FROM ({parts});

-- name: fitting_part — the same at once, and how many of these a change fits
SELECT count(*) AS found, count(*) FILTER (WHERE {fits}) AS fitting FROM {source} AND {where}

-- name: fitting_parts — all parts together
SELECT sum(found), sum(fitting) FROM ({parts});

-- name: columns_named — what a preview shows
n, id

-- name: last_job — where counting begins
SELECT coalesce(max(n), 0) FROM jobs;

-- name: rates — what ended, by stretches of time; `waiting` is that of the latest row that has it: the one of the max
SELECT bucket - bucket % :bucket_ms AS at, sum(completed), sum(failed + dead), sum(dead), waiting,
  max(iif(waiting IS NULL, NULL, bucket))
FROM rates WHERE bucket >= :since GROUP BY at ORDER BY at;

-- name: run_times — of some jobs that completed in a stretch of time
SELECT duration_ms FROM jobs INDEXED BY jobs_by_state_since
WHERE state = 'completed' AND state <> 'processing' AND state_since >= :since AND state_since < :until AND duration_ms IS NOT NULL LIMIT :most;

-- name: union — between parts
UNION ALL

-- name: attempts — a job's history
SELECT n, worker, host, started_at, finished_at, duration_ms, outcome, exit_code, signal, error, cpu_ms / 1000.0,
  max_rss_bytes, output_bytes, output_file, command
FROM attempts WHERE job = :number ORDER BY n;

-- name: output — what was kept here of an attempt's output
SELECT output FROM attempts WHERE job = :number AND n = :n;

-- name: oldest_ready — the earliest due of each priority, by hops along the index, and of these the first
WITH RECURSIVE front (priority, run_at, hops) AS (
  SELECT * FROM (SELECT priority, run_at, 1 FROM jobs WHERE ready = 1 ORDER BY priority DESC, run_at, n LIMIT 1)
  UNION ALL
  SELECT j.priority, j.run_at, hops + 1 FROM front JOIN jobs AS j ON j.n = (
    SELECT n FROM jobs WHERE ready = 1 AND priority < front.priority ORDER BY priority DESC, run_at, n LIMIT 1
  ) WHERE hops < 1000
)
SELECT min(run_at) FROM front;

-- name: scheduled_next — when the next job is due that is not due yet
SELECT run_at FROM jobs INDEXED BY jobs_scheduled WHERE ready = 0 AND held = 0 AND state IN ('pending', 'failed') AND run_at > :now
ORDER BY run_at LIMIT 1;

-- name: finished_since — completed and dead jobs
SELECT coalesce(sum(completed + dead), 0) FROM rates WHERE bucket > :since;

-- name: config — what was set
SELECT key, value, changed_at FROM config;

-- name: config_put — the last one counts
INSERT INTO config (key, value, changed_at) VALUES (:key, :text, :now)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;

-- name: config_remove — back to the default
DELETE FROM config WHERE key = :key;

-- name: config_clear — back to all defaults
DELETE FROM config;


-- name: term_everything — no condition; with a constant SQLite would drop the others, which an index stands for
+n > 0

-- name: term_nothing — no job can have it
+n < 0

-- name: term_word — in id or command
(id LIKE :value ESCAPE '\' OR command LIKE :value ESCAPE '\')

-- name: term_cmd — in the command
command LIKE :value ESCAPE '\'

-- name: term_err — in the error; what is not there matches nothing
ifnull(error LIKE :value ESCAPE '\', 0)

-- name: term_id — the id itself
id = :value

-- name: term_state — its state; the indexes leave out what runs, and must be told so
state = {state} AND state <> 'processing'

-- name: term_running — the state that has an index of its own
state = 'processing'

-- name: term_group — died of the same; a function of the connection's
error_group(command, error) = :value

-- name: term_queue — its queue
queue = :value

-- name: term_tag — one of its tags
EXISTS (SELECT 1 FROM json_each(jobs.tags) AS tag WHERE tag.value = :value)

-- name: term_worker — p1, w3 or p1/w3
ifnull(:value IN (worker, substr(worker, 1, instr(worker, '/') - 1), substr(worker, instr(worker, '/') + 1)), 0)

-- name: term_exit — exit code of the latest attempt
ifnull(exit_code {op} :value, 0)

-- name: term_prio — its priority; the sign leaves the index to those that know how many there are
+priority {op} :value

-- name: term_tries — attempts made
attempts {op} :value

-- name: term_age — when it came into its present state; the sign as above
+state_since {op} :value
