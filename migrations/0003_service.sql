-- What the service needs beside its journal. Times and hashes as in 0001.

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

-- The lighter of the two arms of the similar query reads carats downwards and ids upwards, and an index is read in its own
-- order only: without this one every stone of the nearest carat is fetched and sorted, thousands where there are millions.
CREATE INDEX diamonds_by_kind_and_carat_down ON diamonds (cut, color, clarity, carat DESC, id);
