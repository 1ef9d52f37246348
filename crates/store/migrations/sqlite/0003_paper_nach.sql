-- Mandates on paper: forms, scans, mandates, registration links (paper-nach).

-- The form of an order for a mandate on paper.
CREATE TABLE nach_forms (
    order_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    customer TEXT NOT NULL,
    invoice TEXT,
    account_number TEXT NOT NULL,
    ifsc TEXT NOT NULL,
    holder TEXT NOT NULL,
    account_kind TEXT NOT NULL,
    email TEXT,
    contact TEXT,
    max_amount INTEGER NOT NULL CHECK (max_amount > 0),
    shown_end INTEGER,
    ends_at INTEGER NOT NULL,
    has_end INTEGER NOT NULL CHECK (has_end IN (0, 1)),
    first_payment INTEGER NOT NULL CHECK (first_payment BETWEEN 0 AND max_amount),
    reference1 TEXT,
    reference2 TEXT,
    description TEXT,
    notes TEXT NOT NULL,
    form_code TEXT NOT NULL,
    transient_code TEXT NOT NULL,
    upload_code TEXT NOT NULL,
    registration TEXT NOT NULL,
    failure TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX nach_forms_by_time ON nach_forms (scope, created_at, order_id);

CREATE TABLE nach_tokens (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    customer TEXT NOT NULL,
    order_id TEXT NOT NULL,
    payment TEXT NOT NULL,
    connector TEXT NOT NULL,
    opaque TEXT NOT NULL,
    account_number TEXT NOT NULL,
    ifsc TEXT NOT NULL,
    holder TEXT NOT NULL,
    account_kind TEXT NOT NULL,
    state TEXT NOT NULL,
    failure TEXT,
    max_amount INTEGER NOT NULL CHECK (max_amount > 0),
    ends_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    umrn TEXT,
    sandbox_word TEXT,
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX nach_tokens_by_customer ON nach_tokens (customer, created_at, id);
CREATE INDEX nach_tokens_by_time ON nach_tokens (scope, created_at, id);
-- Correctness: one scan of an order is at a bank at a time (paper-nach 6.5).
CREATE UNIQUE INDEX nach_tokens_pending_once ON nach_tokens (order_id) WHERE state = 'initiated';

-- Scans of signed forms, cleaned; shown to nobody but the merchant's bank.
CREATE TABLE nach_scans (
    payment TEXT PRIMARY KEY,
    scope INTEGER NOT NULL,
    picture BLOB NOT NULL,
    digest TEXT NOT NULL,
    channel TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX nach_scans_by_scope ON nach_scans (scope);

-- Registration links.
CREATE TABLE invoices (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    customer TEXT NOT NULL,
    name TEXT,
    email TEXT,
    contact TEXT,
    gstin TEXT,
    receipt TEXT,
    description TEXT NOT NULL,
    notes TEXT NOT NULL,
    expire_by INTEGER,
    state TEXT NOT NULL CHECK (state IN ('issued', 'paid', 'cancelled', 'expired')),
    ended_at INTEGER,
    payment TEXT,
    sms_sent INTEGER NOT NULL CHECK (sms_sent IN (0, 1)),
    email_sent INTEGER NOT NULL CHECK (email_sent IN (0, 1)),
    code TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((state = 'issued') = (ended_at IS NULL)),
    CHECK ((state = 'paid') = (payment IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX invoices_by_time ON invoices (scope, created_at, id);
CREATE INDEX invoices_by_customer ON invoices (customer, created_at, id);

ALTER TABLE orders ADD COLUMN nach_form INTEGER NOT NULL DEFAULT 0;

-- A payment that registers a mandate is of nothing: the check of the amount is widened, which takes a
-- new table.
CREATE TABLE payments_again (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    method TEXT NOT NULL,
    status TEXT NOT NULL,
    fee INTEGER,
    tax INTEGER,
    refunded INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    description TEXT,
    email TEXT,
    contact TEXT,
    customer TEXT,
    notes TEXT NOT NULL,
    bank_reference TEXT,
    virtual_account TEXT,
    created_at INTEGER NOT NULL,
    instrument TEXT,
    qr_code TEXT,
    order_id TEXT,
    token TEXT,
    connector TEXT,
    debit_sequence INTEGER,
    approve_by INTEGER,
    upi_transaction_id TEXT,
    failure TEXT,
    invoice TEXT,
    CHECK (amount > 0 OR method = 'nach')
) STRICT, WITHOUT ROWID;
INSERT INTO payments_again SELECT id, version, scope, amount, method, status, fee, tax, refunded,
    description, email, contact, customer, notes, bank_reference, virtual_account, created_at,
    instrument, qr_code, order_id, token, connector, debit_sequence, approve_by, upi_transaction_id,
    failure, NULL FROM payments;
DROP TABLE payments;
ALTER TABLE payments_again RENAME TO payments;
CREATE INDEX payments_by_time ON payments (scope, created_at, id);
CREATE INDEX payments_by_order ON payments (order_id, created_at, id) WHERE order_id IS NOT NULL;
CREATE INDEX payments_by_qr_code ON payments (qr_code, created_at, id) WHERE qr_code IS NOT NULL;
CREATE INDEX payments_by_token ON payments (token, created_at, id) WHERE token IS NOT NULL;
CREATE UNIQUE INDEX payments_debit_once ON payments (token, debit_sequence)
    WHERE debit_sequence > 0;
