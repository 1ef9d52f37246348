-- Mandates on paper: forms, scans, mandates, registration links (paper-nach).

-- The form of an order for a mandate on paper.
CREATE TABLE nach_forms (
    order_id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    invoice TEXT COLLATE "C",
    account_number TEXT COLLATE "C" NOT NULL,
    ifsc TEXT COLLATE "C" NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    account_kind TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    contact TEXT COLLATE "C",
    max_amount BIGINT NOT NULL CHECK (max_amount > 0),
    shown_end BIGINT,
    ends_at BIGINT NOT NULL,
    has_end BIGINT NOT NULL CHECK (has_end IN (0, 1)),
    first_payment BIGINT NOT NULL CHECK (first_payment BETWEEN 0 AND max_amount),
    reference1 TEXT COLLATE "C",
    reference2 TEXT COLLATE "C",
    description TEXT COLLATE "C",
    notes TEXT COLLATE "C" NOT NULL,
    form_code TEXT COLLATE "C" NOT NULL,
    transient_code TEXT COLLATE "C" NOT NULL,
    upload_code TEXT COLLATE "C" NOT NULL,
    registration TEXT COLLATE "C" NOT NULL,
    failure TEXT COLLATE "C",
    created_at BIGINT NOT NULL
);
CREATE INDEX nach_forms_by_time ON nach_forms (scope, created_at, order_id);

CREATE TABLE nach_tokens (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    payment TEXT COLLATE "C" NOT NULL,
    connector TEXT COLLATE "C" NOT NULL,
    opaque TEXT COLLATE "C" NOT NULL,
    account_number TEXT COLLATE "C" NOT NULL,
    ifsc TEXT COLLATE "C" NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    account_kind TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    failure TEXT COLLATE "C",
    max_amount BIGINT NOT NULL CHECK (max_amount > 0),
    ends_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    umrn TEXT COLLATE "C",
    sandbox_word TEXT COLLATE "C",
    deleted BIGINT NOT NULL CHECK (deleted IN (0, 1))
);
CREATE INDEX nach_tokens_by_customer ON nach_tokens (customer, created_at, id);
CREATE INDEX nach_tokens_by_time ON nach_tokens (scope, created_at, id);
-- Correctness: one scan of an order is at a bank at a time (paper-nach 6.5).
CREATE UNIQUE INDEX nach_tokens_pending_once ON nach_tokens (order_id) WHERE state = 'initiated';

-- Scans of signed forms, cleaned; shown to nobody but the merchant's bank.
CREATE TABLE nach_scans (
    payment TEXT COLLATE "C" PRIMARY KEY,
    scope BIGINT NOT NULL,
    picture BYTEA NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX nach_scans_by_scope ON nach_scans (scope);

-- Registration links.
CREATE TABLE invoices (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    email TEXT COLLATE "C",
    contact TEXT COLLATE "C",
    gstin TEXT COLLATE "C",
    receipt TEXT COLLATE "C",
    description TEXT COLLATE "C" NOT NULL,
    notes TEXT COLLATE "C" NOT NULL,
    expire_by BIGINT,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('issued', 'paid', 'cancelled', 'expired')),
    ended_at BIGINT,
    payment TEXT COLLATE "C",
    sms_sent BIGINT NOT NULL CHECK (sms_sent IN (0, 1)),
    email_sent BIGINT NOT NULL CHECK (email_sent IN (0, 1)),
    code TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    CHECK ((state = 'issued') = (ended_at IS NULL)),
    CHECK ((state = 'paid') = (payment IS NOT NULL))
);
CREATE INDEX invoices_by_time ON invoices (scope, created_at, id);
CREATE INDEX invoices_by_customer ON invoices (customer, created_at, id);

ALTER TABLE orders ADD COLUMN nach_form BIGINT NOT NULL DEFAULT 0;

-- A payment that registers a mandate is of nothing.
ALTER TABLE payments ADD COLUMN invoice TEXT COLLATE "C";
ALTER TABLE payments DROP CONSTRAINT payments_amount_check;
ALTER TABLE payments ADD CHECK (amount >= 0);
ALTER TABLE payments ADD CHECK (amount > 0 OR method = 'nach');
