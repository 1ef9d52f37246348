-- What goes to rails by file, and the files (rails 8.4).

-- Something that waits for a file, or is in one. Beside an instruction, written with it.
CREATE TABLE filings (
    subject TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    connector TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    due_ms BIGINT NOT NULL,
    -- Where it waits; nothing once it is in a file, or needs none any more.
    queue TEXT COLLATE "C",
    file TEXT COLLATE "C",
    umrn TEXT COLLATE "C",
    PRIMARY KEY (subject, kind, number),
    CHECK (queue IS NULL OR file IS NULL)
);
CREATE INDEX filings_waiting ON filings (queue, lane, due_ms, subject) WHERE queue IS NOT NULL;
CREATE INDEX filings_by_file ON filings (file, subject) WHERE file IS NOT NULL;
-- Correctness: a number of the network leads to one mandate.
CREATE UNIQUE INDEX filings_umrn_once ON filings (connector, umrn) WHERE umrn IS NOT NULL;

-- Files of rails, made here or received.
CREATE TABLE rail_files (
    id TEXT COLLATE "C" PRIMARY KEY,
    connector TEXT COLLATE "C" NOT NULL,
    direction TEXT COLLATE "C" NOT NULL CHECK (direction IN ('out', 'in')),
    kind TEXT COLLATE "C" NOT NULL,
    lane BIGINT NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    name TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    items BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    digest TEXT COLLATE "C",
    part TEXT COLLATE "C",
    done BIGINT NOT NULL,
    reason TEXT COLLATE "C",
    created_ms BIGINT NOT NULL
);
-- Correctness: a sequence number is used once; an input file is known by its name.
CREATE UNIQUE INDEX rail_files_sequence_once ON rail_files (connector, kind, day, sequence)
    WHERE direction = 'out';
CREATE UNIQUE INDEX rail_files_name_once ON rail_files (connector, name)
    WHERE direction = 'out' AND name IS NOT NULL;
CREATE INDEX rail_files_unfinished ON rail_files (connector, id)
    WHERE state IN ('filling', 'sealed', 'written');
