-- Bulk files whose rows are stored a part at a time, and those of paper mandates (paper-nach 14).

-- While a file is `storing`, `stored` says how many rows are there, and stored_since_ms since when,
-- in real time.
ALTER TABLE bulk_files ADD COLUMN columns TEXT COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE bulk_files ADD COLUMN sms BIGINT NOT NULL DEFAULT 0 CHECK (sms IN (0, 1));
ALTER TABLE bulk_files ADD COLUMN email BIGINT NOT NULL DEFAULT 0 CHECK (email IN (0, 1));
ALTER TABLE bulk_files ADD COLUMN schedule BIGINT;
ALTER TABLE bulk_files ADD COLUMN stored BIGINT;
ALTER TABLE bulk_files ADD COLUMN stored_since_ms BIGINT;
ALTER TABLE bulk_files DROP CONSTRAINT bulk_files_state_check;
ALTER TABLE bulk_files ADD CONSTRAINT bulk_files_state_check
    CHECK (state IN ('storing', 'abandoned', 'created', 'processing', 'processed'));
ALTER TABLE bulk_files ADD CONSTRAINT bulk_files_stored_check
    CHECK ((state = 'storing') = (stored IS NOT NULL));
ALTER TABLE bulk_files ADD CONSTRAINT bulk_files_stored_since_check
    CHECK ((state = 'storing') = (stored_since_ms IS NOT NULL));
DROP INDEX bulk_files_due;
CREATE INDEX bulk_files_due ON bulk_files (lane, due_ms, id) WHERE state IN ('created', 'processing');
CREATE INDEX bulk_files_unfinished ON bulk_files (state, id) WHERE state IN ('storing', 'abandoned');

-- What each row made.
ALTER TABLE bulk_rows ADD COLUMN invoice TEXT COLLATE "C";
ALTER TABLE bulk_rows ADD COLUMN order_id TEXT COLLATE "C";
ALTER TABLE bulk_rows ADD COLUMN payment TEXT COLLATE "C";
ALTER TABLE bulk_rows DROP CONSTRAINT bulk_rows_check;
ALTER TABLE bulk_rows ADD CONSTRAINT bulk_rows_made_check
    CHECK ((state = 'done') = (coalesce(virtual_account, invoice, payment) IS NOT NULL));
ALTER TABLE bulk_rows ADD CONSTRAINT bulk_rows_debit_check
    CHECK ((order_id IS NULL) = (payment IS NULL));
