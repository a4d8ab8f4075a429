-- The first schema. Migrations are append-only: from 0.1.0 on a released file is never edited.
-- Times are RFC 3339 text in UTC with milliseconds; hashes are lower-case hexadecimal SHA-256.

CREATE TABLE ingestions (
    id              INTEGER PRIMARY KEY,
    file            TEXT    NOT NULL,
    file_sha256     TEXT    NOT NULL,
    ingested_at     TEXT    NOT NULL,
    read            INTEGER NOT NULL,
    added           INTEGER NOT NULL,
    already_present INTEGER NOT NULL,
    rejected        INTEGER NOT NULL,
    -- The currency and the year of the prices, as in 'USD 2008'; NULL where nobody said.
    prices_in       TEXT
);

CREATE TABLE rejections (
    ingestion_id INTEGER NOT NULL REFERENCES ingestions (id),
    line         INTEGER NOT NULL,
    field        TEXT    NOT NULL,
    value        TEXT    NOT NULL,
    reason       TEXT    NOT NULL
);

-- carat in carats; depth and table in percent; x, y, z in mm (0 as delivered: not measured); price in the currency and of the
-- year of its ingestion; price_list is the seller's list that the price comes from, NULL where it is not known.
-- The first 16 bytes of row_hash are the stone's, the last 16 the row's: the listings of a stone are those with one prefix,
-- which the index of the uniqueness finds. A row is known by its content and by which copy of that content it is within one
-- file, so the same file again adds nothing while true duplicates inside a file are kept.
CREATE TABLE diamonds (
    id         INTEGER PRIMARY KEY,
    carat      REAL    NOT NULL,
    cut        TEXT    NOT NULL,
    color      TEXT    NOT NULL,
    clarity    TEXT    NOT NULL,
    depth      REAL    NOT NULL,
    "table"    REAL    NOT NULL,
    price      REAL    NOT NULL,
    x          REAL    NOT NULL,
    y          REAL    NOT NULL,
    z          REAL    NOT NULL,
    price_list TEXT,
    batch_id   INTEGER NOT NULL REFERENCES ingestions (id),
    row_hash   BLOB    NOT NULL,
    copy       INTEGER NOT NULL,
    UNIQUE (row_hash, copy)
);

-- The similar query is a range scan of each of these indexes, which hold all that is asked for: the table's own pages would be
-- some thirty more a query. The lighter of its arms reads carats downwards and ids upwards, and an index is read in its own
-- order only: without the second one every stone of the nearest carat is fetched and sorted, thousands where there are
-- millions.
CREATE INDEX diamonds_by_kind_and_carat
ON diamonds (cut, color, clarity, carat, id, depth, "table", price, x, y, z, price_list);

CREATE INDEX diamonds_by_kind_and_carat_down
ON diamonds (cut, color, clarity, carat DESC, id, depth, "table", price, x, y, z, price_list);

-- The hash of the data set takes in the list of each row that has one. Rows without one take no room here.
CREATE INDEX diamonds_listed ON diamonds (row_hash, price_list) WHERE price_list IS NOT NULL;

CREATE TABLE runs (
    id             TEXT    PRIMARY KEY,
    started_at     TEXT    NOT NULL,
    finished_at    TEXT,
    arguments      TEXT    NOT NULL,
    dataset_rows   INTEGER NOT NULL,
    dataset_sha256 TEXT    NOT NULL,
    split_sha256   TEXT    NOT NULL,
    split          TEXT    NOT NULL,
    seed           INTEGER NOT NULL,
    outcome        TEXT
);

-- A model is known by its content: id is the first 12 hexadecimal digits of blob_sha256.
CREATE TABLE models (
    id             TEXT    PRIMARY KEY,
    family         TEXT    NOT NULL,
    name           TEXT,
    created_at     TEXT    NOT NULL,
    params         TEXT    NOT NULL,
    metrics        TEXT    NOT NULL,
    dataset_sha256 TEXT,
    split_sha256   TEXT,
    seed           INTEGER,
    blob           BLOB    NOT NULL,
    blob_sha256    TEXT    NOT NULL,
    blob_bytes     INTEGER NOT NULL,
    nodes          INTEGER NOT NULL,
    seconds        REAL    NOT NULL,
    -- A model's leaves are quantised in `blob`, which is what is served. Where that changed them, this keeps the same model
    -- with the leaves as they were fitted, for `trainer export --exact`.
    exact_blob     BLOB,
    -- The trees of `blob` as they are walked, ready to be used: decoding takes milliseconds, and an instance of the component
    -- answers 128 requests. NULL where there is none, or it is of a layout that a build does not know: then `blob` is decoded.
    image          BLOB
);

CREATE TABLE run_models (
    run_id   TEXT NOT NULL REFERENCES runs (id),
    model_id TEXT NOT NULL REFERENCES models (id),
    PRIMARY KEY (run_id, model_id)
);

-- The history of champions outlives the models that `trainer prune` removes, so it does not refer to them. evidence is what the
-- gate measured, as JSON; NULL where no gate decided.
CREATE TABLE promotions (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    model_id    TEXT NOT NULL,
    promoted_at TEXT NOT NULL,
    reason      TEXT NOT NULL,
    -- 1 where this takes the promotion before it back.
    rolls_back  INTEGER NOT NULL DEFAULT 0,
    evidence    TEXT
);

-- One row for every request that reaches the API, whatever became of it. The key is a UUIDv7, so key order
-- is time order. A body is TEXT where it is UTF-8 and BLOB where it is not; a cut body keeps its full length
-- and its SHA-256. The rows lie in the order of their commits: one of up to 4 kB takes one page, where a table WITHOUT ROWID puts
-- what is longer than 1 kB on a page of its own.
CREATE TABLE requests (
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

-- Failures are few and looked for.
CREATE INDEX requests_failed ON requests (id) WHERE status >= 400;

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

-- Every setting that a search tried. number counts from 0 within a family of a run; folds is a JSON array with an object a
-- fold, in dollars; score is their mean absolute error, NULL where the trial gave none; ended says why it stopped:
-- finished, pruned, timeout, interrupted or failed; reason says it in words.
CREATE TABLE trials (
    run_id  TEXT    NOT NULL REFERENCES runs (id),
    family  TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    params  TEXT    NOT NULL,
    folds   TEXT    NOT NULL,
    score   REAL,
    rounds  INTEGER,
    seconds REAL    NOT NULL,
    ended   TEXT    NOT NULL,
    reason  TEXT    NOT NULL,
    PRIMARY KEY (run_id, family, number)
) WITHOUT ROWID;

-- The rows that a run had, by the hash that runs and models name, so that they can be had back. Stones are only ever added,
-- so what the table held is what it holds up to an id: last_id. Rows that came from a file are kept themselves: contents is
-- their CSV, compressed by raw DEFLATE. One of the two is there.
CREATE TABLE datasets (
    sha256    TEXT    PRIMARY KEY,
    rows      INTEGER NOT NULL,
    source    TEXT    NOT NULL,
    kept_at   TEXT    NOT NULL,
    last_id   INTEGER,
    contents  BLOB,
    -- As of the ingestions.
    prices_in TEXT
);

-- Who may do what only one may do at a time. A lease that its holder no longer renews is anybody's after expires_at.
CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;

-- Rows on which a training failed, so that it is not begun anew in every round.
CREATE TABLE failed_trainings (
    dataset_sha256 TEXT PRIMARY KEY,
    failed_at      TEXT NOT NULL,
    reason         TEXT NOT NULL
) WITHOUT ROWID;
