-- Bulk files whose rows are stored a part at a time, and those of paper mandates (paper-nach 14).
-- SQLite cannot alter a CHECK, so both tables are made anew.

-- Uploaded files of many rows. Rows up to succeeded + failed have their outcomes. The lane says
-- whose clock makes it due. While it is `storing`, `stored` says how many rows are there, and
-- stored_since_ms since when, in real time.
CREATE TABLE bulk_files_new (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT,
    columns TEXT NOT NULL,
    sms INTEGER NOT NULL CHECK (sms IN (0, 1)),
    email INTEGER NOT NULL CHECK (email IN (0, 1)),
    schedule INTEGER,
    total INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('storing', 'abandoned', 'created', 'processing', 'processed')),
    stored INTEGER,
    stored_since_ms INTEGER,
    due_ms INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    processed_at INTEGER,
    CHECK ((state = 'processed') = (processed_at IS NOT NULL)),
    CHECK ((state = 'storing') = (stored IS NOT NULL)),
    CHECK ((state = 'storing') = (stored_since_ms IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO bulk_files_new SELECT id, version, scope, lane, kind, name, '[]', 0, 0, NULL, total,
    succeeded, failed, state, NULL, NULL, due_ms, created_at, processed_at FROM bulk_files;
DROP TABLE bulk_files;
ALTER TABLE bulk_files_new RENAME TO bulk_files;
CREATE INDEX bulk_files_by_time ON bulk_files (scope, created_at, id);
CREATE INDEX bulk_files_due ON bulk_files (lane, due_ms, id) WHERE state IN ('created', 'processing');
CREATE INDEX bulk_files_unfinished ON bulk_files (state, id) WHERE state IN ('storing', 'abandoned');

-- The rows of bulk files, and what each made. Correctness: a row is there once, and has one outcome.
CREATE TABLE bulk_rows_new (
    file TEXT NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    cells TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'refused')),
    customer TEXT,
    virtual_account TEXT,
    invoice TEXT,
    order_id TEXT,
    payment TEXT,
    error_code TEXT,
    error TEXT,
    PRIMARY KEY (file, number),
    CHECK ((state = 'done') = (coalesce(virtual_account, invoice, payment) IS NOT NULL)),
    CHECK ((order_id IS NULL) = (payment IS NULL)),
    CHECK ((state = 'refused') = (error IS NOT NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO bulk_rows_new SELECT file, number, version, scope, cells, state, customer,
    virtual_account, NULL, NULL, NULL, error_code, error FROM bulk_rows;
DROP TABLE bulk_rows;
ALTER TABLE bulk_rows_new RENAME TO bulk_rows;
