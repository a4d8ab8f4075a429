-- What the service needs beside its journal. Times and hashes as in 0001.

-- The journal as a table of rows in the order of their commits: a row of up to 4 kB lies in one page, where a table WITHOUT
-- ROWID puts what is longer than 1 kB on a page of its own. The key stays what it was.
CREATE TABLE requests_by_commit (
    id                TEXT    PRIMARY KEY NOT NULL,
    received_at       TEXT    NOT NULL,
    method            TEXT    NOT NULL,
    path              TEXT    NOT NULL,
    query             TEXT,
    route             TEXT,
    status            INTEGER NOT NULL,
    latency_us        INTEGER NOT NULL,
    request_type      TEXT,
    request_body      BLOB,
    request_bytes     INTEGER NOT NULL,
    request_sha256    TEXT,
    response_type     TEXT,
    response_body     BLOB,
    response_bytes    INTEGER NOT NULL,
    response_sha256   TEXT,
    model_id          TEXT,
    client            TEXT,
    user_agent        TEXT,
    caller_request_id TEXT,
    trace_id          TEXT
);

INSERT INTO requests_by_commit (
    id, received_at, method, path, query, route, status, latency_us, request_type, request_body, request_bytes,
    request_sha256, response_type, response_body, response_bytes, response_sha256, model_id, client, user_agent,
    caller_request_id, trace_id
)
SELECT
    id, received_at, method, path, query, route, status, latency_us, request_type, request_body, request_bytes,
    request_sha256, response_type, response_body, response_bytes, response_sha256, model_id, client, user_agent,
    caller_request_id, trace_id
FROM requests ORDER BY id;

DROP TABLE requests;

ALTER TABLE requests_by_commit RENAME TO requests;

-- The similar query is a range scan of each of these indexes, which hold all that is asked for: the table's own pages would be
-- some thirty more a query. The lighter of its arms reads carats downwards and ids upwards, and an index is read in its own
-- order only: without the second one every stone of the nearest carat is fetched and sorted, thousands where there are
-- millions.
DROP INDEX diamonds_by_kind_and_carat;

CREATE INDEX diamonds_by_kind_and_carat
ON diamonds (cut, color, clarity, carat, id, depth, "table", price, x, y, z);

CREATE INDEX diamonds_by_kind_and_carat_down
ON diamonds (cut, color, clarity, carat DESC, id, depth, "table", price, x, y, z);

-- How many exchanges there were, by route, status and latency: what /metrics shows. A trigger counts, in the transaction
-- that writes the row, so counts are exact whatever writes, and stay when the journal is pruned.
-- route is '' where a path led nowhere; latency_limit_us is the upper bound of the row's bucket, -1 for the last one.
CREATE TABLE request_totals (
    route            TEXT    NOT NULL,
    status           INTEGER NOT NULL,
    latency_limit_us INTEGER NOT NULL,
    requests         INTEGER NOT NULL,
    latency_us       INTEGER NOT NULL,
    PRIMARY KEY (route, status, latency_limit_us)
) WITHOUT ROWID;

CREATE TRIGGER requests_are_counted AFTER INSERT ON requests BEGIN
    INSERT INTO request_totals (route, status, latency_limit_us, requests, latency_us)
    VALUES (
        coalesce(NEW.route, ''),
        NEW.status,
        CASE
            WHEN NEW.latency_us <= 250 THEN 250
            WHEN NEW.latency_us <= 500 THEN 500
            WHEN NEW.latency_us <= 1000 THEN 1000
            WHEN NEW.latency_us <= 2500 THEN 2500
            WHEN NEW.latency_us <= 5000 THEN 5000
            WHEN NEW.latency_us <= 10000 THEN 10000
            WHEN NEW.latency_us <= 25000 THEN 25000
            WHEN NEW.latency_us <= 50000 THEN 50000
            WHEN NEW.latency_us <= 100000 THEN 100000
            WHEN NEW.latency_us <= 250000 THEN 250000
            WHEN NEW.latency_us <= 500000 THEN 500000
            WHEN NEW.latency_us <= 1000000 THEN 1000000
            WHEN NEW.latency_us <= 5000000 THEN 5000000
            WHEN NEW.latency_us <= 10000000 THEN 10000000
            ELSE -1
        END,
        1,
        NEW.latency_us
    )
    ON CONFLICT (route, status, latency_limit_us)
    DO UPDATE SET requests = requests + 1, latency_us = latency_us + excluded.latency_us;
END;

-- What is counted and is no exchange: journal_failures, the records that went to standard error.
CREATE TABLE counters (
    name  TEXT    PRIMARY KEY,
    count INTEGER NOT NULL
) WITHOUT ROWID;

-- Keys that are this database's own. client_key hashes the addresses of callers.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

INSERT INTO secrets (name, value) VALUES ('client_key', randomblob(32));

-- Failures are few and looked for.
CREATE INDEX requests_failed ON requests (id) WHERE status >= 400;

-- The trees of `blob` as they are walked, ready to be used: decoding takes milliseconds, and an instance of the
-- component answers 128 requests. NULL where there is none, or it is of a layout that a build does not know: then
-- `blob` is decoded.
ALTER TABLE models ADD COLUMN image BLOB;
