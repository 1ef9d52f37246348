-- What goes to rails by file, and the files (rails 8.4).

-- Something that waits for a file, or is in one. Beside an instruction, written with it.
CREATE TABLE filings (
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    connector TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    due_ms INTEGER NOT NULL,
    -- Where it waits; nothing once it is in a file, or needs none any more.
    queue TEXT,
    file TEXT,
    umrn TEXT,
    PRIMARY KEY (subject, kind, number),
    CHECK (queue IS NULL OR file IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX filings_waiting ON filings (queue, lane, due_ms, subject) WHERE queue IS NOT NULL;
CREATE INDEX filings_by_file ON filings (file, subject) WHERE file IS NOT NULL;
-- Correctness: a number of the network leads to one mandate.
CREATE UNIQUE INDEX filings_umrn_once ON filings (connector, umrn) WHERE umrn IS NOT NULL;

-- Files of rails, made here or received.
CREATE TABLE rail_files (
    id TEXT PRIMARY KEY,
    connector TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('out', 'in')),
    kind TEXT NOT NULL,
    lane INTEGER NOT NULL,
    day TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    name TEXT,
    state TEXT NOT NULL,
    items INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    digest TEXT,
    part TEXT,
    done INTEGER NOT NULL,
    reason TEXT,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Correctness: a sequence number is used once; an input file is known by its name.
CREATE UNIQUE INDEX rail_files_sequence_once ON rail_files (connector, kind, day, sequence)
    WHERE direction = 'out';
CREATE UNIQUE INDEX rail_files_name_once ON rail_files (connector, name)
    WHERE direction = 'out' AND name IS NOT NULL;
CREATE INDEX rail_files_unfinished ON rail_files (connector, id)
    WHERE state IN ('filling', 'sealed', 'written');
