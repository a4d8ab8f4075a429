-- The first schema. Migrations are append-only: a released file is never edited.
-- Times are RFC 3339 text in UTC with milliseconds; hashes are lower-case hexadecimal SHA-256.

CREATE TABLE ingestions (
    id              INTEGER PRIMARY KEY,
    file            TEXT    NOT NULL,
    file_sha256     TEXT    NOT NULL,
    ingested_at     TEXT    NOT NULL,
    read            INTEGER NOT NULL,
    added           INTEGER NOT NULL,
    already_present INTEGER NOT NULL,
    rejected        INTEGER NOT NULL
);

CREATE TABLE rejections (
    ingestion_id INTEGER NOT NULL REFERENCES ingestions (id),
    line         INTEGER NOT NULL,
    field        TEXT    NOT NULL,
    value        TEXT    NOT NULL,
    reason       TEXT    NOT NULL
);

-- carat in carats; depth and table in percent; x, y, z in mm (0 as delivered: not measured); price in US dollars.
-- A row is known by its content and by which copy of that content it is within one file, so the same file
-- again adds nothing while true duplicates inside a file are kept.
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
    batch_id   INTEGER NOT NULL REFERENCES ingestions (id),
    row_sha256 TEXT    NOT NULL,
    copy       INTEGER NOT NULL,
    UNIQUE (row_sha256, copy)
);

-- The similar query is two range scans of this index.
CREATE INDEX diamonds_by_kind_and_carat ON diamonds (cut, color, clarity, carat, id);

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
    seconds        REAL    NOT NULL
);

CREATE TABLE run_models (
    run_id   TEXT NOT NULL REFERENCES runs (id),
    model_id TEXT NOT NULL REFERENCES models (id),
    PRIMARY KEY (run_id, model_id)
);

CREATE TABLE promotions (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    model_id    TEXT NOT NULL REFERENCES models (id),
    promoted_at TEXT NOT NULL,
    reason      TEXT NOT NULL,
    -- 1 where this takes the promotion before it back.
    rolls_back  INTEGER NOT NULL DEFAULT 0
);

-- One row for every request that reaches the API, whatever became of it. The key is a UUIDv7, so key order
-- is time order. A body is TEXT where it is UTF-8 and BLOB where it is not; a cut body keeps its full length
-- and its SHA-256.
CREATE TABLE requests (
    id                TEXT    PRIMARY KEY,
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
) WITHOUT ROWID;
