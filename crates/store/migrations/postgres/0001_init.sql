-- Ids are stored without prefix: 14 characters that sort by creation, so inserts stay at the right
-- edge of their index. Instants are Unix seconds, or milliseconds where the name ends in _ms.
-- Amounts are paise. A row that carries state has a version, which every save checks.

CREATE TABLE meta (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE merchants (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    parent TEXT COLLATE "C",
    live_scope BIGINT NOT NULL UNIQUE,
    test_scope BIGINT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    merchant TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
    mode TEXT COLLATE "C" NOT NULL CHECK (mode IN ('test', 'live')),
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);

-- One merchant in one mode and epoch. The scope number owns all rows below: above zero in test
-- mode, below in live mode.
CREATE TABLE tenants (
    scope BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    merchant TEXT COLLATE "C" NOT NULL,
    mode TEXT COLLATE "C" NOT NULL CHECK (mode IN ('test', 'live')),
    merchant_name TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    retired BIGINT NOT NULL CHECK (retired IN (0, 1)),
    clock_offset_ms BIGINT NOT NULL,
    clock_frozen_at_ms BIGINT,
    settings TEXT COLLATE "C" NOT NULL,
    faults_armed BIGINT NOT NULL
);
CREATE UNIQUE INDEX tenants_by_epoch ON tenants (merchant, mode, epoch);

CREATE TABLE customers (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    identity TEXT COLLATE "C",
    name TEXT COLLATE "C",
    email TEXT COLLATE "C",
    contact TEXT COLLATE "C",
    gstin TEXT COLLATE "C",
    notes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
-- Correctness: one customer per e-mail and contact, also under parallel creates (common 6.3).
CREATE UNIQUE INDEX customers_by_identity ON customers (scope, identity) WHERE identity IS NOT NULL;
CREATE INDEX customers_by_time ON customers (scope, created_at, id);

-- Customers' bank accounts. A deleted one stays, and nobody sees it.
CREATE TABLE customer_bank_accounts (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    ifsc TEXT COLLATE "C" NOT NULL,
    account_number TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT
);

CREATE TABLE fund_accounts (
    id TEXT COLLATE "C" PRIMARY KEY,
    scope BIGINT NOT NULL,
    customer TEXT COLLATE "C" NOT NULL,
    ifsc TEXT COLLATE "C" NOT NULL,
    account_number TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX fund_accounts_by_time ON fund_accounts (scope, created_at, id);
CREATE INDEX fund_accounts_by_customer ON fund_accounts (customer, created_at, id);

CREATE TABLE virtual_accounts (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    address_space BIGINT NOT NULL,
    account_number TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'closed')),
    closed_at BIGINT,
    close_by BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    amount_expected BIGINT,
    notes TEXT COLLATE "C" NOT NULL,
    customer TEXT COLLATE "C",
    banks TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    vpa_id TEXT COLLATE "C",
    vpa TEXT COLLATE "C",
    qr_code TEXT COLLATE "C",
    qr_short_code TEXT COLLATE "C",
    qr_methods BIGINT,
    qr_created_at BIGINT,
    allowed_payers TEXT COLLATE "C",
    order_id TEXT COLLATE "C",
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
-- Correctness: an account number is unique among active accounts of its space (decisions 48).
CREATE UNIQUE INDEX virtual_accounts_active ON virtual_accounts (account_number, address_space)
    WHERE state = 'active';
CREATE INDEX virtual_accounts_closed ON virtual_accounts (account_number, address_space, id)
    WHERE state = 'closed';
-- Correctness: the same for UPI addresses.
CREATE UNIQUE INDEX virtual_accounts_active_vpa ON virtual_accounts (vpa, address_space)
    WHERE state = 'active' AND vpa IS NOT NULL;
CREATE INDEX virtual_accounts_closed_vpa ON virtual_accounts (vpa, address_space, id)
    WHERE state = 'closed' AND vpa IS NOT NULL;
CREATE UNIQUE INDEX virtual_accounts_by_qr_code ON virtual_accounts (qr_code)
    WHERE qr_code IS NOT NULL;
CREATE INDEX virtual_accounts_by_order ON virtual_accounts (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX virtual_accounts_by_customer ON virtual_accounts (customer, created_at, id)
    WHERE customer IS NOT NULL;
-- Search by status, and by kinds of receivers that few accounts have.
CREATE INDEX virtual_accounts_closed_by_time ON virtual_accounts (scope, created_at, id)
    WHERE state = 'closed';
CREATE INDEX virtual_accounts_with_vpa ON virtual_accounts (scope, created_at, id)
    WHERE vpa IS NOT NULL;
CREATE INDEX virtual_accounts_with_qr_code ON virtual_accounts (scope, created_at, id)
    WHERE qr_code IS NOT NULL;
CREATE INDEX virtual_accounts_by_time ON virtual_accounts (scope, created_at, id);

-- The payments of each account in order, with the totals after each. The last line tells the totals
-- of the account: a credit adds a line here and leaves the account's row and indexes alone.
-- Correctness: two writers cannot add the same line, so no credit is lost.
CREATE TABLE statement_lines (
    virtual_account TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    scope BIGINT NOT NULL,
    payment TEXT COLLATE "C" NOT NULL,
    amount_paid BIGINT NOT NULL CHECK (amount_paid >= 0),
    last_activity_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (virtual_account, number)
);

CREATE TABLE orders (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    amount_paid BIGINT NOT NULL CHECK (amount_paid BETWEEN 0 AND amount),
    receipt TEXT COLLATE "C",
    unique_receipt BIGINT NOT NULL CHECK (unique_receipt IN (0, 1)),
    status TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    authorized BIGINT NOT NULL CHECK (authorized IN (0, 1)),
    partial_from BIGINT,
    capture_automatic BIGINT NOT NULL,
    manual_expiry_minutes BIGINT NOT NULL,
    refunds_optimum BIGINT NOT NULL,
    customer TEXT COLLATE "C",
    notes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX orders_by_time ON orders (scope, created_at, id);
CREATE INDEX orders_by_receipt ON orders (scope, receipt, created_at, id)
    WHERE receipt IS NOT NULL;
-- Correctness: a receipt that was asked to be unique is (common 7.3).
CREATE UNIQUE INDEX orders_unique_receipt ON orders (scope, receipt)
    WHERE receipt IS NOT NULL AND unique_receipt = 1;

CREATE TABLE payments (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    method TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    fee BIGINT,
    tax BIGINT,
    refunded BIGINT NOT NULL CHECK (refunded BETWEEN 0 AND amount),
    description TEXT COLLATE "C",
    email TEXT COLLATE "C",
    contact TEXT COLLATE "C",
    customer TEXT COLLATE "C",
    notes TEXT COLLATE "C" NOT NULL,
    bank_reference TEXT COLLATE "C",
    virtual_account TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    instrument TEXT COLLATE "C",
    qr_code TEXT COLLATE "C",
    order_id TEXT COLLATE "C"
);
CREATE INDEX payments_by_time ON payments (scope, created_at, id);
CREATE INDEX payments_by_order ON payments (order_id, created_at, id) WHERE order_id IS NOT NULL;
CREATE INDEX payments_by_qr_code ON payments (qr_code, created_at, id) WHERE qr_code IS NOT NULL;

-- Money that a rail brought: what the API calls bank_transfer or upi_transfer, by its payee.
CREATE TABLE transfers (
    payment TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    scope BIGINT NOT NULL,
    connector TEXT COLLATE "C" NOT NULL,
    mode TEXT COLLATE "C" NOT NULL,
    bank_reference TEXT COLLATE "C" NOT NULL,
    reference_key TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    payee TEXT COLLATE "C" NOT NULL,
    payer_id TEXT COLLATE "C",
    payer_name TEXT COLLATE "C",
    payer_account TEXT COLLATE "C",
    payer_ifsc TEXT COLLATE "C",
    payer_account_type TEXT COLLATE "C",
    virtual_account TEXT COLLATE "C",
    payer_vpa TEXT COLLATE "C"
);
-- Correctness: a bank's message is booked once (decisions 41). Also the search by UTR.
CREATE UNIQUE INDEX transfers_once
    ON transfers (scope, reference_key, mode, payee, connector);

CREATE TABLE refunds (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    payment TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    status TEXT COLLATE "C" NOT NULL
        CHECK (status IN ('stranded', 'pending', 'processed', 'paid', 'failed')),
    notes TEXT COLLATE "C" NOT NULL,
    receipt TEXT COLLATE "C",
    requested TEXT COLLATE "C" NOT NULL CHECK (requested IN ('normal', 'optimum')),
    pace TEXT COLLATE "C" NOT NULL CHECK (pace IN ('normal', 'instant')),
    reference_kind TEXT COLLATE "C" NOT NULL CHECK (reference_kind IN ('rrn', 'arn')),
    reference TEXT COLLATE "C",
    connector TEXT COLLATE "C" NOT NULL,
    failure TEXT COLLATE "C",
    created_at BIGINT NOT NULL
);
-- Correctness: a receipt is unique per payment (common 9.2).
CREATE UNIQUE INDEX refunds_by_receipt ON refunds (payment, receipt) WHERE receipt IS NOT NULL;
CREATE INDEX refunds_by_time ON refunds (scope, created_at, id);
CREATE INDEX refunds_by_payment ON refunds (payment, id);

-- QR codes that stand alone. Correctness: a code for single use is paid once, and the version keeps
-- two payments at once from losing one of them in the counters (common 13).
CREATE TABLE qr_codes (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    name TEXT COLLATE "C",
    description TEXT COLLATE "C",
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('upi_qr', 'bharat_qr')),
    usage TEXT COLLATE "C" NOT NULL CHECK (usage IN ('single_use', 'multiple_use')),
    fixed_amount BIGINT CHECK (fixed_amount > 0),
    amount_received BIGINT NOT NULL CHECK (amount_received >= 0),
    payments_received BIGINT NOT NULL CHECK (payments_received >= 0),
    short_code TEXT COLLATE "C" NOT NULL,
    customer TEXT COLLATE "C",
    notes TEXT COLLATE "C" NOT NULL,
    close_by BIGINT,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'closed')),
    closed_at BIGINT,
    close_reason TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    CHECK (usage = 'multiple_use' OR payments_received <= 1),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'closed') = (close_reason IS NOT NULL))
);
CREATE INDEX qr_codes_by_time ON qr_codes (scope, created_at, id);
CREATE INDEX qr_codes_by_customer ON qr_codes (customer, created_at, id)
    WHERE customer IS NOT NULL;

-- The journal. One cause and line can be booked once.
CREATE TABLE postings (
    cause TEXT COLLATE "C" NOT NULL,
    cause_kind TEXT COLLATE "C" NOT NULL,
    line BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    debit TEXT COLLATE "C" NOT NULL,
    credit TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    posted_at BIGINT NOT NULL,
    PRIMARY KEY (cause, cause_kind, line),
    CHECK (debit <> credit)
);

CREATE TABLE webhook_endpoints (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    alert_email TEXT COLLATE "C",
    active BIGINT NOT NULL CHECK (active IN (0, 1)),
    disabled_at BIGINT,
    events TEXT COLLATE "C" NOT NULL,
    secrets TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhook_endpoints_by_scope ON webhook_endpoints (scope, id);

-- Changes that merchants are told about: one row for all events of a change, with the rows as they
-- were. An event's id is its occurrence's with another last character.
CREATE TABLE occurrences (
    id TEXT COLLATE "C" PRIMARY KEY,
    scope BIGINT NOT NULL,
    merchant TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    kinds TEXT COLLATE "C" NOT NULL,
    snapshot TEXT COLLATE "C" NOT NULL
);

CREATE TABLE deliveries (
    event TEXT COLLATE "C" NOT NULL,
    endpoint TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    secret_version BIGINT NOT NULL,
    happened_at_ms BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    replays BIGINT NOT NULL,
    replays_since BIGINT NOT NULL,
    delayed BIGINT NOT NULL CHECK (delayed IN (0, 1)),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'delivered', 'undelivered')),
    due_ms BIGINT NOT NULL,
    -- Which process works on it, and until when in real time. Not part of the row's version.
    leased_by TEXT COLLATE "C",
    leased_until_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (event, endpoint)
);
CREATE INDEX deliveries_pending ON deliveries (lane, due_ms, event) WHERE state = 'pending';
-- Finds the earlier first attempts that a lease must wait for.
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint, subject, event)
    WHERE state = 'pending';

CREATE TABLE attempts (
    event TEXT COLLATE "C" NOT NULL,
    endpoint TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    scope BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    status BIGINT,
    error TEXT COLLATE "C",
    took_ms BIGINT NOT NULL,
    signature TEXT COLLATE "C",
    next_at_ms BIGINT,
    PRIMARY KEY (event, endpoint, number)
);
CREATE INDEX attempts_by_time ON attempts (scope, at_ms);

CREATE TABLE faults (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    target TEXT COLLATE "C" NOT NULL CHECK (target IN ('webhook', 'bank')),
    kind TEXT COLLATE "C" NOT NULL,
    events TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C",
    times BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    fired BIGINT NOT NULL,
    armed_at_ms BIGINT NOT NULL,
    disarmed BIGINT NOT NULL CHECK (disarmed IN (0, 1))
);
CREATE INDEX faults_by_scope ON faults (scope, id);

CREATE TABLE messages (
    id TEXT COLLATE "C" PRIMARY KEY,
    scope BIGINT NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    recipient TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    links TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX messages_by_time ON messages (scope, created_at, id);

CREATE TABLE alerts (
    id TEXT COLLATE "C" PRIMARY KEY,
    scope BIGINT NOT NULL,
    connector TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

-- Short URLs. Correctness: a code leads to one thing.
CREATE TABLE short_links (
    code TEXT COLLATE "C" PRIMARY KEY,
    scope BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL
);

-- What must happen later. The lane says whose clock: 0 is real time, otherwise a test scope.
CREATE TABLE timers (
    subject TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    scope BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    due_ms BIGINT NOT NULL,
    PRIMARY KEY (subject, kind)
);
CREATE INDEX timers_by_due ON timers (lane, due_ms, subject);

-- Which batches were committed, to tell a lost answer from a lost batch. A time below zero marks a
-- batch that was found absent: the row keeps a late COMMIT of it out.
CREATE TABLE commits (
    batch TEXT COLLATE "C" PRIMARY KEY,
    committed_at_ms BIGINT NOT NULL
);
CREATE INDEX commits_by_time ON commits (committed_at_ms);

-- A lease row for work that only one process may do. The migration makes it before anything else,
-- because it is the first to need it.
CREATE TABLE IF NOT EXISTS leases (
    name TEXT COLLATE "C" PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    until_ms BIGINT NOT NULL
);

-- What banks must do for us, and what they said last. Without a due time there is nothing to ask:
-- it is done, or the bank will tell.
CREATE TABLE instructions (
    subject TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    payment TEXT COLLATE "C" NOT NULL,
    asked BIGINT NOT NULL,
    answer TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('ordered', 'pending', 'unknown', 'done')),
    due_ms BIGINT,
    -- Which process asks the bank, and until when in real time. Not part of the row's version.
    leased_by TEXT COLLATE "C",
    leased_until_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (subject, kind)
);
CREATE INDEX instructions_due ON instructions (lane, due_ms, subject) WHERE due_ms IS NOT NULL;

-- Uploaded files of many rows. Rows up to succeeded + failed have their outcomes. The lane says
-- whose clock makes it due.
CREATE TABLE bulk_files (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    total BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('created', 'processing', 'processed')),
    due_ms BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    processed_at BIGINT,
    -- Which process works on it, and until when in real time. Not part of the row's version.
    leased_by TEXT COLLATE "C",
    leased_until_ms BIGINT NOT NULL DEFAULT 0,
    CHECK ((state = 'processed') = (processed_at IS NOT NULL))
);
CREATE INDEX bulk_files_by_time ON bulk_files (scope, created_at, id);
CREATE INDEX bulk_files_due ON bulk_files (lane, due_ms, id) WHERE state <> 'processed';

-- The rows of bulk files. Correctness: a row is there once, and has one outcome.
CREATE TABLE bulk_rows (
    file TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    scope BIGINT NOT NULL,
    cells TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'done', 'refused')),
    customer TEXT COLLATE "C",
    virtual_account TEXT COLLATE "C",
    error_code TEXT COLLATE "C",
    error TEXT COLLATE "C",
    PRIMARY KEY (file, number),
    CHECK ((state = 'done') = (virtual_account IS NOT NULL)),
    CHECK ((state = 'refused') = (error IS NOT NULL))
);

-- Correctness: one request per idempotency key, also under parallel calls (common 5.8). The key is
-- kept as a digest, because a header may be longer than an index entry.
CREATE TABLE idempotency_keys (
    scope BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    refund TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (scope, digest)
);
