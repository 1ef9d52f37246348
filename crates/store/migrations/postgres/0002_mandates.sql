-- Mandates: what a payer has allowed, and what was taken of it (reserve-pay).

-- The sum of what was debited and what is held never exceeds the block.
CREATE TABLE tokens (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    payment TEXT COLLATE "C" NOT NULL,
    connector TEXT COLLATE "C" NOT NULL,
    opaque TEXT COLLATE "C" NOT NULL,
    payer_vpa TEXT COLLATE "C",
    payer_name TEXT COLLATE "C",
    payer_since BIGINT,
    state TEXT COLLATE "C" NOT NULL,
    failure TEXT COLLATE "C",
    amount BIGINT NOT NULL CHECK (amount > 0),
    blocked BIGINT NOT NULL CHECK (blocked IN (0, amount)),
    debited BIGINT NOT NULL CHECK (debited >= 0),
    held BIGINT NOT NULL CHECK (held >= 0),
    debits BIGINT NOT NULL,
    max_amount BIGINT NOT NULL,
    approve_by BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    mandate_number TEXT COLLATE "C",
    sandbox_word TEXT COLLATE "C",
    deleted BIGINT NOT NULL CHECK (deleted IN (0, 1)),
    CHECK (debited + held <= blocked)
);
CREATE INDEX tokens_by_customer ON tokens (customer, created_at, id);
CREATE INDEX tokens_by_time ON tokens (scope, created_at, id);
-- Correctness: one order has at most one mandate that was ever approved.
CREATE UNIQUE INDEX tokens_approved_once ON tokens (order_id) WHERE blocked > 0;

-- What an authorisation order asks for, the mandate it got, and its payments nobody has decided.
ALTER TABLE orders ADD COLUMN mandate_max_amount BIGINT;
ALTER TABLE orders ADD COLUMN mandate_expires_at BIGINT;
ALTER TABLE orders ADD COLUMN token TEXT COLLATE "C";
ALTER TABLE orders ADD COLUMN open_payments TEXT COLLATE "C";

-- What a payment has to do with a mandate: its approval (approve_by) or a debit (debit_sequence).
ALTER TABLE payments ADD COLUMN token TEXT COLLATE "C";
ALTER TABLE payments ADD COLUMN connector TEXT COLLATE "C";
ALTER TABLE payments ADD COLUMN debit_sequence BIGINT;
ALTER TABLE payments ADD COLUMN approve_by BIGINT;
ALTER TABLE payments ADD COLUMN upi_transaction_id TEXT COLLATE "C";
ALTER TABLE payments ADD COLUMN failure TEXT COLLATE "C";
CREATE INDEX payments_by_token ON payments (token, created_at, id) WHERE token IS NOT NULL;
-- Correctness: a debit's number is used once.
CREATE UNIQUE INDEX payments_debit_once ON payments (token, debit_sequence)
    WHERE debit_sequence > 0;

-- Which request it is, how often a bank was told to do it, and since when it is to be done.
ALTER TABLE instructions ADD COLUMN number BIGINT NOT NULL DEFAULT 1;
ALTER TABLE instructions ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE instructions ADD COLUMN created_ms BIGINT NOT NULL DEFAULT 0;

-- Faults also wait at the UPI network; which targets there are is the code's to say.
ALTER TABLE faults DROP CONSTRAINT faults_target_check;
