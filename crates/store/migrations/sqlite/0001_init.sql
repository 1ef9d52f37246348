-- Ids are stored without prefix: 14 characters that sort by creation, so inserts stay at the right
-- edge of their index. Instants are Unix seconds, or milliseconds where the name ends in _ms.
-- Amounts are paise. A row that carries state has a version, which every save checks.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE merchants (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    parent TEXT,
    live_scope INTEGER NOT NULL UNIQUE,
    test_scope INTEGER NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    merchant TEXT NOT NULL REFERENCES merchants (id),
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    secret BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

-- One merchant in one mode and epoch. The scope number owns all rows below: above zero in test
-- mode, below in live mode.
CREATE TABLE tenants (
    scope INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    merchant TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    merchant_name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    retired INTEGER NOT NULL CHECK (retired IN (0, 1)),
    clock_offset_ms INTEGER NOT NULL,
    clock_frozen_at_ms INTEGER,
    settings TEXT NOT NULL,
    faults_armed INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX tenants_by_epoch ON tenants (merchant, mode, epoch);

CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    identity TEXT,
    name TEXT,
    email TEXT,
    contact TEXT,
    gstin TEXT,
    notes TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Correctness: one customer per e-mail and contact, also under parallel creates (common 6.3).
CREATE UNIQUE INDEX customers_by_identity ON customers (scope, identity) WHERE identity IS NOT NULL;
CREATE INDEX customers_by_time ON customers (scope, created_at, id);

-- Customers' bank accounts. A deleted one stays, and nobody sees it.
CREATE TABLE customer_bank_accounts (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    customer TEXT NOT NULL,
    ifsc TEXT NOT NULL,
    account_number TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE fund_accounts (
    id TEXT PRIMARY KEY,
    scope INTEGER NOT NULL,
    customer TEXT NOT NULL,
    ifsc TEXT NOT NULL,
    account_number TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX fund_accounts_by_time ON fund_accounts (scope, created_at, id);
CREATE INDEX fund_accounts_by_customer ON fund_accounts (customer, created_at, id);

CREATE TABLE virtual_accounts (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    address_space INTEGER NOT NULL,
    account_number TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'closed')),
    closed_at INTEGER,
    close_by INTEGER,
    name TEXT NOT NULL,
    description TEXT,
    amount_expected INTEGER,
    notes TEXT NOT NULL,
    customer TEXT,
    banks TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    vpa_id TEXT,
    vpa TEXT,
    qr_code TEXT,
    qr_short_code TEXT,
    qr_methods INTEGER,
    qr_created_at INTEGER,
    allowed_payers TEXT,
    order_id TEXT,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
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
    virtual_account TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    scope INTEGER NOT NULL,
    payment TEXT NOT NULL,
    amount_paid INTEGER NOT NULL CHECK (amount_paid >= 0),
    last_activity_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (virtual_account, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    amount_paid INTEGER NOT NULL CHECK (amount_paid BETWEEN 0 AND amount),
    receipt TEXT,
    unique_receipt INTEGER NOT NULL CHECK (unique_receipt IN (0, 1)),
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    authorized INTEGER NOT NULL CHECK (authorized IN (0, 1)),
    partial_from INTEGER,
    capture_automatic INTEGER NOT NULL,
    manual_expiry_minutes INTEGER NOT NULL,
    refunds_optimum INTEGER NOT NULL,
    customer TEXT,
    notes TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_time ON orders (scope, created_at, id);
CREATE INDEX orders_by_receipt ON orders (scope, receipt, created_at, id)
    WHERE receipt IS NOT NULL;
-- Correctness: a receipt that was asked to be unique is (common 7.3).
CREATE UNIQUE INDEX orders_unique_receipt ON orders (scope, receipt)
    WHERE receipt IS NOT NULL AND unique_receipt = 1;

CREATE TABLE payments (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
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
    order_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX payments_by_time ON payments (scope, created_at, id);
CREATE INDEX payments_by_order ON payments (order_id, created_at, id) WHERE order_id IS NOT NULL;
CREATE INDEX payments_by_qr_code ON payments (qr_code, created_at, id) WHERE qr_code IS NOT NULL;

-- Money that a rail brought: what the API calls bank_transfer or upi_transfer, by its payee.
CREATE TABLE transfers (
    payment TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    id TEXT NOT NULL,
    scope INTEGER NOT NULL,
    connector TEXT NOT NULL,
    mode TEXT NOT NULL,
    bank_reference TEXT NOT NULL,
    reference_key TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    payee TEXT NOT NULL,
    payer_id TEXT,
    payer_name TEXT,
    payer_account TEXT,
    payer_ifsc TEXT,
    payer_account_type TEXT,
    virtual_account TEXT,
    payer_vpa TEXT
) STRICT, WITHOUT ROWID;
-- Correctness: a bank's message is booked once (decisions 41). Also the search by UTR.
CREATE UNIQUE INDEX transfers_once
    ON transfers (scope, reference_key, mode, payee, connector);

CREATE TABLE refunds (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    payment TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    status TEXT NOT NULL
        CHECK (status IN ('stranded', 'pending', 'processed', 'paid', 'failed')),
    notes TEXT NOT NULL,
    receipt TEXT,
    requested TEXT NOT NULL CHECK (requested IN ('normal', 'optimum')),
    pace TEXT NOT NULL CHECK (pace IN ('normal', 'instant')),
    reference_kind TEXT NOT NULL CHECK (reference_kind IN ('rrn', 'arn')),
    reference TEXT,
    connector TEXT NOT NULL,
    failure TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Correctness: a receipt is unique per payment (common 9.2).
CREATE UNIQUE INDEX refunds_by_receipt ON refunds (payment, receipt) WHERE receipt IS NOT NULL;
CREATE INDEX refunds_by_time ON refunds (scope, created_at, id);
CREATE INDEX refunds_by_payment ON refunds (payment, id);

-- QR codes that stand alone. Correctness: a code for single use is paid once, and the version keeps
-- two payments at once from losing one of them in the counters (common 13).
CREATE TABLE qr_codes (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    name TEXT,
    description TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('upi_qr', 'bharat_qr')),
    usage TEXT NOT NULL CHECK (usage IN ('single_use', 'multiple_use')),
    fixed_amount INTEGER CHECK (fixed_amount > 0),
    amount_received INTEGER NOT NULL CHECK (amount_received >= 0),
    payments_received INTEGER NOT NULL CHECK (payments_received >= 0),
    short_code TEXT NOT NULL,
    customer TEXT,
    notes TEXT NOT NULL,
    close_by INTEGER,
    state TEXT NOT NULL CHECK (state IN ('active', 'closed')),
    closed_at INTEGER,
    close_reason TEXT,
    created_at INTEGER NOT NULL,
    CHECK (usage = 'multiple_use' OR payments_received <= 1),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'closed') = (close_reason IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX qr_codes_by_time ON qr_codes (scope, created_at, id);
CREATE INDEX qr_codes_by_customer ON qr_codes (customer, created_at, id)
    WHERE customer IS NOT NULL;

-- The journal. One cause and line can be booked once.
CREATE TABLE postings (
    cause TEXT NOT NULL,
    cause_kind TEXT NOT NULL,
    line INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    posted_at INTEGER NOT NULL,
    PRIMARY KEY (cause, cause_kind, line),
    CHECK (debit <> credit)
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_endpoints (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    url TEXT NOT NULL,
    alert_email TEXT,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    disabled_at INTEGER,
    events TEXT NOT NULL,
    secrets TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_endpoints_by_scope ON webhook_endpoints (scope, id);

-- Changes that merchants are told about: one row for all events of a change, with the rows as they
-- were. An event's id is its occurrence's with another last character. Not clustered by id: rows of
-- this size would spill out of the leaves of an index.
CREATE TABLE occurrences (
    id TEXT PRIMARY KEY,
    scope INTEGER NOT NULL,
    merchant TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    kinds TEXT NOT NULL,
    snapshot TEXT NOT NULL
) STRICT;

CREATE TABLE deliveries (
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    secret_version INTEGER NOT NULL,
    happened_at_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    replays INTEGER NOT NULL,
    replays_since INTEGER NOT NULL,
    delayed INTEGER NOT NULL CHECK (delayed IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'undelivered')),
    due_ms INTEGER NOT NULL,
    PRIMARY KEY (event, endpoint)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_pending ON deliveries (lane, due_ms, event) WHERE state = 'pending';

CREATE TABLE attempts (
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    scope INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    took_ms INTEGER NOT NULL,
    signature TEXT,
    next_at_ms INTEGER,
    PRIMARY KEY (event, endpoint, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_time ON attempts (scope, at_ms);

CREATE TABLE faults (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    target TEXT NOT NULL CHECK (target IN ('webhook', 'bank')),
    kind TEXT NOT NULL,
    events TEXT NOT NULL,
    operation TEXT,
    times INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    fired INTEGER NOT NULL,
    armed_at_ms INTEGER NOT NULL,
    disarmed INTEGER NOT NULL CHECK (disarmed IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX faults_by_scope ON faults (scope, id);

CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    scope INTEGER NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    links TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_by_time ON messages (scope, created_at, id);

CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    scope INTEGER NOT NULL,
    connector TEXT NOT NULL,
    reference TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Short URLs. Correctness: a code leads to one thing.
CREATE TABLE short_links (
    code TEXT PRIMARY KEY,
    scope INTEGER NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What must happen later. The lane says whose clock: 0 is real time, otherwise a test scope.
CREATE TABLE timers (
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    scope INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    PRIMARY KEY (subject, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_by_due ON timers (lane, due_ms, subject);

-- What banks must do for us, and what they said last. Without a due time there is nothing to ask:
-- it is done, or the bank will tell.
CREATE TABLE instructions (
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    payment TEXT NOT NULL,
    asked INTEGER NOT NULL,
    answer TEXT,
    state TEXT NOT NULL CHECK (state IN ('ordered', 'pending', 'unknown', 'done')),
    due_ms INTEGER,
    PRIMARY KEY (subject, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX instructions_due ON instructions (lane, due_ms, subject) WHERE due_ms IS NOT NULL;

-- Uploaded files of many rows. Rows up to succeeded + failed have their outcomes. The lane says
-- whose clock makes it due.
CREATE TABLE bulk_files (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT,
    total INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('created', 'processing', 'processed')),
    due_ms INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    processed_at INTEGER,
    CHECK ((state = 'processed') = (processed_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_files_by_time ON bulk_files (scope, created_at, id);
CREATE INDEX bulk_files_due ON bulk_files (lane, due_ms, id) WHERE state <> 'processed';

-- The rows of bulk files. Correctness: a row is there once, and has one outcome.
CREATE TABLE bulk_rows (
    file TEXT NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    cells TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'refused')),
    customer TEXT,
    virtual_account TEXT,
    error_code TEXT,
    error TEXT,
    PRIMARY KEY (file, number),
    CHECK ((state = 'done') = (virtual_account IS NOT NULL)),
    CHECK ((state = 'refused') = (error IS NOT NULL))
) STRICT;

-- Correctness: one request per idempotency key, also under parallel calls (common 5.8). The key is
-- kept as a digest, because a header may be longer than an index entry.
CREATE TABLE idempotency_keys (
    scope INTEGER NOT NULL,
    digest TEXT NOT NULL,
    version INTEGER NOT NULL,
    request TEXT NOT NULL,
    refund TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (scope, digest)
) STRICT, WITHOUT ROWID;
