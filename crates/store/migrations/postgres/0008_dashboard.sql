-- What people look for on the dashboard.

-- What was told about a subject apart from the command that made it (reads/history.rs). The events of
-- a credit are not in it: they are found beside the payment's id, and credits write no further index.
CREATE INDEX occurrences_apart ON occurrences (subject, id)
    WHERE kinds NOT IN ('payment.authorized,payment.captured,virtual_account.credited',
        'payment.authorized,payment.captured,qr_code.credited', 'virtual_account.created',
        'qr_code.created');
CREATE INDEX alerts_by_scope ON alerts (scope, created_at, id);
CREATE INDEX nach_tokens_by_umrn ON nach_tokens (umrn) WHERE umrn IS NOT NULL;
CREATE INDEX refunds_by_reference ON refunds (reference) WHERE reference IS NOT NULL;
CREATE INDEX invoices_by_receipt ON invoices (scope, receipt, created_at, id)
    WHERE receipt IS NOT NULL;

-- What audits found, newest last: whoever looks sees when the books were proved the last time.
CREATE TABLE audits (
    id TEXT COLLATE "C" PRIMARY KEY,
    at BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    payments BIGINT NOT NULL,
    postings BIGINT NOT NULL,
    broken BIGINT NOT NULL
);
