-- Mandates: what a payer has allowed, and what was taken of it (reserve-pay).

-- The sum of what was debited and what is held never exceeds the block.
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    customer TEXT NOT NULL,
    order_id TEXT NOT NULL,
    payment TEXT NOT NULL,
    connector TEXT NOT NULL,
    opaque TEXT NOT NULL,
    payer_vpa TEXT,
    payer_name TEXT,
    payer_since INTEGER,
    state TEXT NOT NULL,
    failure TEXT,
    amount INTEGER NOT NULL CHECK (amount > 0),
    blocked INTEGER NOT NULL CHECK (blocked IN (0, amount)),
    debited INTEGER NOT NULL CHECK (debited >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    debits INTEGER NOT NULL,
    max_amount INTEGER NOT NULL,
    approve_by INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    mandate_number TEXT,
    sandbox_word TEXT,
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
    CHECK (debited + held <= blocked)
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_customer ON tokens (customer, created_at, id);
CREATE INDEX tokens_by_time ON tokens (scope, created_at, id);
-- Correctness: one order has at most one mandate that was ever approved.
CREATE UNIQUE INDEX tokens_approved_once ON tokens (order_id) WHERE blocked > 0;

-- What an authorisation order asks for, the mandate it got, and its payments nobody has decided.
ALTER TABLE orders ADD COLUMN mandate_max_amount INTEGER;
ALTER TABLE orders ADD COLUMN mandate_expires_at INTEGER;
ALTER TABLE orders ADD COLUMN token TEXT;
ALTER TABLE orders ADD COLUMN open_payments TEXT;

-- What a payment has to do with a mandate: its approval (approve_by) or a debit (debit_sequence).
ALTER TABLE payments ADD COLUMN token TEXT;
ALTER TABLE payments ADD COLUMN connector TEXT;
ALTER TABLE payments ADD COLUMN debit_sequence INTEGER;
ALTER TABLE payments ADD COLUMN approve_by INTEGER;
ALTER TABLE payments ADD COLUMN upi_transaction_id TEXT;
ALTER TABLE payments ADD COLUMN failure TEXT;
CREATE INDEX payments_by_token ON payments (token, created_at, id) WHERE token IS NOT NULL;
-- Correctness: a debit's number is used once.
CREATE UNIQUE INDEX payments_debit_once ON payments (token, debit_sequence)
    WHERE debit_sequence > 0;

-- Which request it is, how often a bank was told to do it, and since when it is to be done.
ALTER TABLE instructions ADD COLUMN number INTEGER NOT NULL DEFAULT 1;
ALTER TABLE instructions ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instructions ADD COLUMN created_ms INTEGER NOT NULL DEFAULT 0;

-- Faults also wait at the UPI network; which targets there are is the code's to say.
CREATE TABLE faults_again (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    events TEXT NOT NULL,
    operation TEXT,
    times INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    fired INTEGER NOT NULL,
    armed_at_ms INTEGER NOT NULL,
    disarmed INTEGER NOT NULL CHECK (disarmed IN (0, 1))
) STRICT, WITHOUT ROWID;
INSERT INTO faults_again SELECT id, version, scope, target, kind, events, operation, times, seconds,
    fired, armed_at_ms, disarmed FROM faults;
DROP TABLE faults;
ALTER TABLE faults_again RENAME TO faults;
CREATE INDEX faults_by_scope ON faults (scope, id);
