//! The rules: each query finds what breaks it as scope, entity, part, expected, found.
//!
//! What is booked for which event is written in the core, `smart_collect/inbound.rs` and
//! `refunds/`; here the same is said once more, independently, over what is stored.

/// Rules in words, and the query that finds what breaks them.
pub const RULES: &[(&str, &str)] = &[
    ("a captured payment is booked: bank to payable, payable to fees and gst", CAPTURED),
    ("a returned payment is booked: bank to payer returns", RETURNED),
    ("before it is captured only a debit is booked: bank to uncaptured", AUTHORIZED),
    ("a returned payment has one refund of its whole amount", RETURNED_REFUND),
    ("a refund is booked when it is ordered, and once more when the bank decides", REFUNDS),
    ("what was refunded of a payment is the sum of its refunds that did not fail", REFUNDED),
    ("what is pending of refunds is what banks were told to pay and did not decide", PENDING),
    ("a refund has an open instruction until the bank decides, and no longer", INSTRUCTIONS),
    ("an idempotency key leads to its refund", KEYS),
    ("amount_paid of a statement line is the sum of the captured payments so far", AMOUNT_PAID),
    ("a payment is on the statement of its account", STATEMENTS),
    ("the last activity of an account is its last captured payment", ACTIVITY),
    ("a payment belongs to an account, a QR code or a mandate of its scope", PAYMENT_PAYEE),
    ("the counters of a QR code are its captured payments", QR_COUNTERS),
    ("a QR code for single use closes as paid by its payment, and has a timer until", QR_STATE),
    ("amount_paid of an order is the sum of its captured payments", ORDER_PAID),
    ("an order is paid when nothing is due", ORDER_STATE),
    ("every payment for an order is an attempt, unless it was paid already", ORDER_ATTEMPTS),
    ("payments by rail and transfers exist in pairs that agree", PAIRS),
    ("a posting has its cause", CAUSES),
    ("an account number has one active account in its address space", NUMBERS),
    ("an active account has a closing timer", TIMERS),
    ("a bulk file counts the outcomes of its rows, and is processed when each has one", BULK_FILES),
    ("what a row of a bulk file made is there", BULK_ROWS),
    ("what is payable to a merchant is what was captured less fees and refunds", PAYABLE),
];

const CAPTURED: &str = "WITH b AS (
    SELECT p.scope, p.id, p.amount, coalesce(p.fee - p.tax, -1) AS fees_due,
        coalesce(p.tax, -1) AS gst_due,
        CASE WHEN p.amount > 0 THEN 1 ELSE 0 END + CASE WHEN p.fee > p.tax THEN 1 ELSE 0 END + CASE WHEN p.tax > 0 THEN 1 ELSE 0 END
            AS lines_due,
        CAST(coalesce(sum(CASE WHEN j.debit LIKE 'bank:%'
            AND j.credit IN ('merchant:payable', 'payments:uncaptured')
            THEN j.amount END), 0) AS BIGINT) AS bank,
        CAST(coalesce(sum(CASE WHEN j.credit = 'merchant:payable' AND (j.debit LIKE 'bank:%'
            OR j.debit = 'payments:uncaptured') THEN j.amount END), 0) AS BIGINT) AS taken,
        CAST(coalesce(sum(CASE WHEN j.credit = 'payments:uncaptured' THEN 1 END), 0) AS BIGINT)
            AS waited,
        CAST(coalesce(sum(CASE WHEN j.debit = 'merchant:payable' AND j.credit = 'fees'
            THEN j.amount END), 0) AS BIGINT) AS fees,
        CAST(coalesce(sum(CASE WHEN j.debit = 'merchant:payable' AND j.credit = 'gst'
            THEN j.amount END), 0) AS BIGINT) AS gst,
        count(j.cause) AS lines
    FROM payments p LEFT JOIN postings j
        ON j.cause = p.id AND j.cause_kind = 'payment' AND j.scope = p.scope
    WHERE p.status = 'captured'
    GROUP BY p.scope, p.id, p.amount, p.fee, p.tax
)
SELECT scope, id AS entity, 'bank' AS part, amount AS expected, bank AS found
    FROM b WHERE bank <> amount
UNION ALL SELECT scope, id, 'taken', amount, taken FROM b WHERE taken <> amount
UNION ALL SELECT scope, id, 'fees', fees_due, fees FROM b WHERE fees <> fees_due
UNION ALL SELECT scope, id, 'gst', gst_due, gst FROM b WHERE gst <> gst_due
UNION ALL SELECT scope, id, 'lines', lines_due + waited, lines
    FROM b WHERE lines <> lines_due + waited";

const RETURNED: &str = "WITH b AS (
    SELECT p.scope, p.id, p.amount,
        CAST(coalesce(sum(CASE WHEN j.debit LIKE 'bank:%' AND j.credit =
            CASE WHEN p.token IS NULL THEN 'payer:returns' ELSE 'payments:uncaptured' END
            THEN j.amount END), 0) AS BIGINT) AS bank,
        count(j.cause) AS lines
    FROM payments p LEFT JOIN postings j
        ON j.cause = p.id AND j.cause_kind = 'payment' AND j.scope = p.scope
    WHERE p.status = 'returned'
    GROUP BY p.scope, p.id, p.amount
)
SELECT scope, id AS entity, 'bank' AS part, amount AS expected, bank AS found
    FROM b WHERE bank <> amount
UNION ALL SELECT scope, id, 'lines', 1, lines FROM b WHERE lines <> 1";

/// What a debit took is here before it is captured; other payments are booked when they are.
const AUTHORIZED: &str = "WITH b AS (
    SELECT p.scope, p.id, CASE WHEN p.status = 'authorized' AND p.token IS NOT NULL
            THEN p.amount ELSE 0 END AS due,
        CAST(coalesce(sum(CASE WHEN j.debit LIKE 'bank:%' AND j.credit = 'payments:uncaptured'
            THEN j.amount END), 0) AS BIGINT) AS taken, count(j.cause) AS lines
    FROM payments p LEFT JOIN postings j
        ON j.cause = p.id AND j.cause_kind = 'payment' AND j.scope = p.scope
    WHERE p.status IN ('created', 'authorized', 'failed')
    GROUP BY p.scope, p.id, p.status, p.token, p.amount
)
SELECT scope, id AS entity, 'taken' AS part, due AS expected, taken AS found
    FROM b WHERE taken <> due
UNION ALL SELECT scope, id, 'lines', CASE WHEN due > 0 THEN 1 ELSE 0 END, lines
    FROM b WHERE lines <> CASE WHEN due > 0 THEN 1 ELSE 0 END";

const RETURNED_REFUND: &str = "WITH b AS (
    SELECT p.scope, p.id, p.amount, count(r.id) AS refunds,
        CAST(coalesce(sum(r.amount), 0) AS BIGINT) AS refunded
    FROM payments p LEFT JOIN refunds r ON r.payment = p.id AND r.scope = p.scope
    WHERE p.status = 'returned'
    GROUP BY p.scope, p.id, p.amount
)
SELECT scope, id AS entity, 'refunds' AS part, 1 AS expected, refunds AS found
    FROM b WHERE refunds <> 1
UNION ALL SELECT scope, id, 'amount', amount, refunded FROM b WHERE refunded <> amount";

/// Line 0 takes the amount from where it was, line 1 gives it to the bank or puts it back.
const REFUNDS: &str = "WITH s AS (
    SELECT r.scope, r.id, r.status, r.amount, 'bank:' || r.connector AS bank,
        CASE WHEN p.status <> 'returned' THEN 'merchant:payable'
            WHEN p.token IS NULL THEN 'payer:returns' ELSE 'payments:uncaptured' END AS source
    FROM refunds r JOIN payments p ON p.id = r.payment AND p.scope = r.scope
), b AS (
    SELECT s.scope, s.id,
        CASE WHEN s.status = 'stranded' THEN 0 ELSE s.amount END AS ordered_due,
        CASE WHEN s.status = 'paid' THEN s.amount ELSE 0 END AS paid_due,
        CASE WHEN s.status = 'failed' THEN s.amount ELSE 0 END AS reversed_due,
        CASE s.status WHEN 'stranded' THEN 0 WHEN 'paid' THEN 2 WHEN 'failed' THEN 2 ELSE 1 END
            AS lines_due,
        CAST(coalesce(sum(CASE WHEN j.line = 0 AND j.debit = s.source
            AND j.credit = 'refunds:pending' THEN j.amount END), 0) AS BIGINT) AS ordered,
        CAST(coalesce(sum(CASE WHEN j.line = 1 AND j.debit = 'refunds:pending'
            AND j.credit = s.bank THEN j.amount END), 0) AS BIGINT) AS paid,
        CAST(coalesce(sum(CASE WHEN j.line = 1 AND j.debit = 'refunds:pending'
            AND j.credit = s.source THEN j.amount END), 0) AS BIGINT) AS reversed,
        count(j.cause) AS lines
    FROM s LEFT JOIN postings j
        ON j.cause = s.id AND j.cause_kind = 'refund' AND j.scope = s.scope
    GROUP BY s.scope, s.id, s.status, s.amount, s.bank, s.source
)
SELECT scope, id AS entity, 'ordered' AS part, ordered_due AS expected, ordered AS found
    FROM b WHERE ordered <> ordered_due
UNION ALL SELECT scope, id, 'paid', paid_due, paid FROM b WHERE paid <> paid_due
UNION ALL SELECT scope, id, 'reversed', reversed_due, reversed
    FROM b WHERE reversed <> reversed_due
UNION ALL SELECT scope, id, 'lines', lines_due, lines FROM b WHERE lines <> lines_due
UNION ALL SELECT r.scope, r.id, 'payment', 1, 0
    FROM refunds r LEFT JOIN payments p ON p.id = r.payment AND p.scope = r.scope
    WHERE p.id IS NULL";

const REFUNDED: &str = "WITH b AS (
    SELECT p.scope, p.id, p.status, p.amount, p.refunded,
        CAST(coalesce(sum(r.amount), 0) AS BIGINT) AS given
    FROM payments p LEFT JOIN refunds r
        ON r.payment = p.id AND r.scope = p.scope AND r.status <> 'failed'
    WHERE p.status <> 'returned'
    GROUP BY p.scope, p.id, p.status, p.amount, p.refunded
)
SELECT scope, id AS entity, 'refunded' AS part, given AS expected, refunded AS found
    FROM b WHERE refunded <> given
UNION ALL SELECT scope, id, 'captured', CASE WHEN status = 'captured' THEN amount ELSE 0 END, given
    FROM b WHERE given > CASE WHEN status = 'captured' THEN amount ELSE 0 END";

const PENDING: &str = "WITH due AS (
    SELECT r.scope, CAST(sum(r.amount) AS BIGINT) AS amount
    FROM refunds r WHERE r.status IN ('pending', 'processed') GROUP BY r.scope
), booked AS (
    SELECT j.scope, CAST(sum(CASE WHEN j.credit = 'refunds:pending' THEN j.amount
        ELSE -j.amount END) AS BIGINT) AS amount
    FROM postings j WHERE j.credit = 'refunds:pending' OR j.debit = 'refunds:pending'
    GROUP BY j.scope
), s AS (
    SELECT n.scope, coalesce(due.amount, 0) AS expected, coalesce(booked.amount, 0) AS found
    FROM tenants n LEFT JOIN due ON due.scope = n.scope LEFT JOIN booked ON booked.scope = n.scope
)
SELECT scope, CAST(scope AS TEXT) AS entity, 'pending' AS part, expected, found
    FROM s WHERE expected <> found";

/// Nothing that a bank must pay may be lying where nobody looks, and nothing may be paid again.
const INSTRUCTIONS: &str = "SELECT r.scope AS scope, r.id AS entity, 'open' AS part,
        CASE WHEN r.status IN ('pending', 'processed') THEN 1 ELSE 0 END AS expected,
        count(i.subject) AS found
    FROM refunds r LEFT JOIN instructions i
        ON i.subject = r.id AND i.kind = 'pay_refund' AND i.scope = r.scope AND i.state <> 'done'
    GROUP BY r.scope, r.id, r.status
    HAVING count(i.subject) <> CASE WHEN r.status IN ('pending', 'processed') THEN 1 ELSE 0 END
UNION ALL SELECT i.scope, i.subject, 'refund', 1, 0
    FROM instructions i LEFT JOIN refunds r
        ON r.id = i.subject AND r.scope = i.scope AND r.payment = i.payment
    WHERE i.kind = 'pay_refund' AND r.id IS NULL";

const KEYS: &str = "SELECT k.scope AS scope, k.refund AS entity, 'refund' AS part, 1 AS expected,
        0 AS found
    FROM idempotency_keys k LEFT JOIN refunds r ON r.id = k.refund AND r.scope = k.scope
    WHERE r.id IS NULL";

/// Every line, not only the last: an account is read at its last one, but its history must hold.
const AMOUNT_PAID: &str = "WITH b AS (
    SELECT l.scope, l.virtual_account AS id, l.number, l.amount_paid,
        CAST(coalesce(sum(p.amount) OVER (PARTITION BY l.virtual_account ORDER BY l.number), 0)
            AS BIGINT) AS credited
    FROM statement_lines l LEFT JOIN payments p
        ON p.id = l.payment AND p.status = 'captured' AND p.scope = l.scope
)
SELECT scope, id AS entity, 'line ' || CAST(number AS TEXT) AS part, credited AS expected,
    amount_paid AS found
    FROM b WHERE amount_paid <> credited";

/// A captured payment is activity; one that was sent back is not.
const ACTIVITY: &str = "WITH b AS (
    SELECT l.scope, l.virtual_account AS id, l.number, l.last_activity_at,
        coalesce(p.created_at,
            lag(l.last_activity_at) OVER (PARTITION BY l.virtual_account ORDER BY l.number),
            v.created_at, -1) AS due
    FROM statement_lines l
    LEFT JOIN payments p ON p.id = l.payment AND p.status = 'captured' AND p.scope = l.scope
    LEFT JOIN virtual_accounts v ON v.id = l.virtual_account
)
SELECT scope, id AS entity, 'line ' || CAST(number AS TEXT) AS part, due AS expected,
    last_activity_at AS found
    FROM b WHERE last_activity_at <> due";

/// Each payment is on the statement of its account once, and lines are numbered without gaps.
const STATEMENTS: &str = "SELECT p.scope AS scope, p.id AS entity, 'line' AS part, 1 AS expected,
        count(l.number) AS found
    FROM payments p LEFT JOIN statement_lines l
        ON l.virtual_account = p.virtual_account AND l.payment = p.id AND l.scope = p.scope
        AND l.created_at = p.created_at
    WHERE p.virtual_account IS NOT NULL
    GROUP BY p.scope, p.id HAVING count(l.number) <> 1
UNION ALL SELECT l.scope, l.virtual_account, 'numbers', count(*), max(l.number)
    FROM statement_lines l GROUP BY l.scope, l.virtual_account HAVING count(*) <> max(l.number)";

/// One of the four, never two.
const PAYMENT_PAYEE: &str = "WITH b AS (
    SELECT p.scope, p.id, CASE WHEN v.id IS NULL THEN 0 ELSE 1 END
            + CASE WHEN q.id IS NULL THEN 0 ELSE 1 END
            + CASE WHEN k.id IS NULL THEN 0 ELSE 1 END
            + CASE WHEN n.id IS NULL THEN 0 ELSE 1 END AS payees
    FROM payments p LEFT JOIN virtual_accounts v ON v.id = p.virtual_account AND v.scope = p.scope
    LEFT JOIN qr_codes q ON q.id = p.qr_code AND q.scope = p.scope
    LEFT JOIN tokens k ON k.id = p.token AND k.scope = p.scope
    LEFT JOIN nach_tokens n ON n.id = p.token AND n.scope = p.scope
)
SELECT scope, id AS entity, 'payee' AS part, 1 AS expected, payees AS found
    FROM b WHERE payees <> 1";

const QR_COUNTERS: &str = "WITH b AS (
    SELECT q.scope, q.id, q.amount_received, q.payments_received,
        CAST(coalesce(sum(p.amount), 0) AS BIGINT) AS amount, count(p.id) AS payments
    FROM qr_codes q LEFT JOIN payments p
        ON p.qr_code = q.id AND p.scope = q.scope AND p.status = 'captured'
    GROUP BY q.scope, q.id, q.amount_received, q.payments_received
)
SELECT scope, id AS entity, 'amount' AS part, amount AS expected, amount_received AS found
    FROM b WHERE amount_received <> amount
UNION ALL SELECT scope, id, 'payments', payments, payments_received
    FROM b WHERE payments_received <> payments";

const QR_STATE: &str = "SELECT q.scope AS scope, q.id AS entity, 'paid' AS part,
        CASE WHEN q.usage = 'single_use' THEN q.payments_received ELSE 0 END AS expected,
        CASE WHEN q.close_reason = 'paid' THEN 1 ELSE 0 END AS found
    FROM qr_codes q
    WHERE CASE WHEN q.usage = 'single_use' THEN q.payments_received ELSE 0 END
        <> CASE WHEN q.close_reason = 'paid' THEN 1 ELSE 0 END
UNION ALL SELECT q.scope, q.id, 'timer',
        CASE WHEN q.state = 'active' AND q.usage = 'single_use' THEN 1 ELSE 0 END, count(t.subject)
    FROM qr_codes q LEFT JOIN timers t
        ON t.subject = q.id AND t.kind = 'close_qr_code' AND t.scope = q.scope
    GROUP BY q.scope, q.id, q.state, q.usage
    HAVING count(t.subject)
        <> CASE WHEN q.state = 'active' AND q.usage = 'single_use' THEN 1 ELSE 0 END";

const PAIRS: &str = "SELECT p.scope AS scope, p.id AS entity, 'transfer' AS part, 1 AS expected,
        0 AS found
    FROM payments p LEFT JOIN transfers t ON t.payment = p.id AND t.scope = p.scope
    WHERE t.payment IS NULL AND p.token IS NULL
UNION ALL SELECT t.scope, t.payment, 'payment', 1, 0
    FROM transfers t LEFT JOIN payments p ON p.id = t.payment AND p.scope = t.scope
    WHERE p.id IS NULL
UNION ALL SELECT p.scope, p.id, 'amount', p.amount, t.amount
    FROM payments p JOIN transfers t ON t.payment = p.id WHERE t.amount <> p.amount
UNION ALL SELECT p.scope, p.id, 'reference', 1, 0
    FROM payments p JOIN transfers t ON t.payment = p.id
    WHERE t.bank_reference <> coalesce(p.bank_reference, '') OR coalesce(t.virtual_account, '') <> coalesce(p.virtual_account, '')";

const ORDER_PAID: &str = "WITH b AS (
    SELECT o.scope, o.id, o.amount_paid, CAST(coalesce(sum(p.amount), 0) AS BIGINT) AS captured
    FROM orders o LEFT JOIN payments p
        ON p.order_id = o.id AND p.scope = o.scope AND p.status = 'captured'
    GROUP BY o.scope, o.id, o.amount_paid
)
SELECT scope, id AS entity, 'paid' AS part, captured AS expected, amount_paid AS found
    FROM b WHERE amount_paid <> captured";

/// An order of nothing is paid by the bank's word: see `audit/paper.rs`.
const ORDER_STATE: &str = "SELECT o.scope AS scope, o.id AS entity, o.status AS part,
        1 AS expected, 0 AS found
    FROM orders o WHERE o.nach_form = 0 AND (o.status = 'paid') <> (o.amount_paid = o.amount)
        OR (o.status = 'created') <> (o.attempts = 0)";

const ORDER_ATTEMPTS: &str = "WITH b AS (
    SELECT o.scope, o.id, o.attempts, o.status,
        CAST(count(p.id) AS BIGINT) AS payments
    FROM orders o LEFT JOIN payments p ON p.order_id = o.id AND p.scope = o.scope
    GROUP BY o.scope, o.id, o.attempts, o.status
)
SELECT scope, id AS entity, 'attempts' AS part, payments AS expected, attempts AS found
    FROM b WHERE attempts > payments OR (status <> 'paid' AND attempts <> payments)";

const CAUSES: &str = "SELECT j.scope AS scope, j.cause AS entity, j.cause_kind AS part,
        1 AS expected, 0 AS found
    FROM postings j
    LEFT JOIN payments p ON j.cause_kind = 'payment' AND p.id = j.cause AND p.scope = j.scope
    LEFT JOIN refunds r ON j.cause_kind = 'refund' AND r.id = j.cause AND r.scope = j.scope
    WHERE p.id IS NULL AND r.id IS NULL";

/// The space is worked out from the scope, not believed: the index only sees the stored one.
const NUMBERS: &str = "SELECT min(v.scope) AS scope, v.account_number AS entity, 'active' AS part,
        1 AS expected, count(*) AS found
    FROM virtual_accounts v WHERE v.state = 'active' AND v.account_number IS NOT NULL
    GROUP BY v.account_number, CASE WHEN v.scope > 0 THEN v.scope ELSE 0 END HAVING count(*) > 1";

const TIMERS: &str = "SELECT v.scope AS scope, v.id AS entity, 'timer' AS part, 1 AS expected,
        0 AS found
    FROM virtual_accounts v LEFT JOIN timers t
        ON t.subject = v.id AND t.kind = 'close_virtual_account' AND t.scope = v.scope
    WHERE v.state = 'active' AND t.subject IS NULL";

/// Rows are numbered without gaps; those that were counted have their outcomes. Rows behind them may
/// have one too: the count follows. While a file is stored it has the rows that it says; one that was
/// abandoned has what was not removed yet.
const BULK_FILES: &str = "WITH b AS (
    SELECT f.scope, f.id, f.total, f.succeeded, f.failed, f.state,
        coalesce(f.stored, f.total) AS there,
        count(r.number) AS found, coalesce(min(r.number), 1) AS first_number,
        coalesce(max(r.number), 0) AS last_number,
        CAST(coalesce(sum(CASE WHEN r.state = 'done'
            AND r.number <= f.succeeded + f.failed THEN 1 ELSE 0 END), 0) AS BIGINT) AS done,
        CAST(coalesce(sum(CASE WHEN r.state = 'refused'
            AND r.number <= f.succeeded + f.failed THEN 1 ELSE 0 END), 0) AS BIGINT) AS refused
    FROM bulk_files f LEFT JOIN bulk_rows r ON r.file = f.id AND r.scope = f.scope
    WHERE f.state <> 'abandoned'
    GROUP BY f.scope, f.id, f.total, f.succeeded, f.failed, f.state, f.stored
)
SELECT scope, id AS entity, 'rows' AS part, there AS expected, found
    FROM b WHERE found <> there OR first_number <> 1 OR last_number <> there
UNION ALL SELECT scope, id, 'stored', total, there FROM b WHERE state = 'storing' AND there >= total
UNION ALL SELECT scope, id, 'done', done, succeeded FROM b WHERE done <> succeeded
UNION ALL SELECT scope, id, 'refused', refused, failed FROM b WHERE refused <> failed
UNION ALL SELECT scope, id, 'processed', CASE WHEN succeeded + failed = total THEN 1 ELSE 0 END,
        CASE WHEN state = 'processed' THEN 1 ELSE 0 END
    FROM b WHERE (state = 'processed') <> (succeeded + failed = total)
UNION ALL SELECT r.scope, r.file, 'file', 1, 0
    FROM bulk_rows r LEFT JOIN bulk_files f ON f.id = r.file AND f.scope = r.scope
    WHERE f.id IS NULL";

const BULK_ROWS: &str = "SELECT r.scope AS scope, r.file AS entity,
        'account of row ' || CAST(r.number AS TEXT) AS part, 1 AS expected, 0 AS found
    FROM bulk_rows r LEFT JOIN virtual_accounts v
        ON v.id = r.virtual_account AND v.scope = r.scope
    WHERE r.virtual_account IS NOT NULL AND v.id IS NULL
UNION ALL SELECT r.scope, r.file, 'link of row ' || CAST(r.number AS TEXT), 1, 0
    FROM bulk_rows r LEFT JOIN invoices i ON i.id = r.invoice AND i.scope = r.scope
    WHERE r.invoice IS NOT NULL AND i.id IS NULL
UNION ALL SELECT r.scope, r.file, 'debit of row ' || CAST(r.number AS TEXT), 1, 0
    FROM bulk_rows r LEFT JOIN payments p
        ON p.id = r.payment AND p.order_id = r.order_id AND p.scope = r.scope
    WHERE r.payment IS NOT NULL AND p.id IS NULL
UNION ALL SELECT r.scope, r.file, 'customer of row ' || CAST(r.number AS TEXT), 1, 0
    FROM bulk_rows r LEFT JOIN customers c ON c.id = r.customer AND c.scope = r.scope
    WHERE r.customer IS NOT NULL AND c.id IS NULL";

const PAYABLE: &str = "WITH due AS (
    SELECT d.scope, CAST(sum(d.amount) AS BIGINT) AS amount FROM (
        SELECT p.scope AS scope, p.amount - p.fee AS amount
        FROM payments p WHERE p.status = 'captured'
        UNION ALL SELECT r.scope, -r.amount
        FROM refunds r JOIN payments p ON p.id = r.payment AND p.status = 'captured'
        WHERE r.status <> 'failed') d GROUP BY d.scope
), booked AS (
    SELECT j.scope, CAST(sum(CASE WHEN j.credit = 'merchant:payable' THEN j.amount
        ELSE -j.amount END) AS BIGINT) AS amount
    FROM postings j WHERE j.credit = 'merchant:payable' OR j.debit = 'merchant:payable'
    GROUP BY j.scope
), s AS (
    SELECT n.scope, coalesce(due.amount, 0) AS expected, coalesce(booked.amount, 0) AS found
    FROM tenants n LEFT JOIN due ON due.scope = n.scope LEFT JOIN booked ON booked.scope = n.scope
)
SELECT scope, CAST(scope AS TEXT) AS entity, 'payable' AS part, expected, found
    FROM s WHERE expected <> found";
