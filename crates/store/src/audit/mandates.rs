//! The rules about mandates, as queries that find what breaks them.

/// See [`super::rules::RULES`].
pub const RULES: &[(&str, &str)] = &[
    ("a mandate has debited what its payments took, and holds what its open debits ask", SUMS),
    ("an order has the mandate that was approved for it, and no other", APPROVED),
    ("the open payments of an order are its payments that nobody has decided", OPEN),
    ("what is open at the network has an instruction, and nothing else has", INSTRUCTIONS),
    ("a mandate that time will change has a timer", TIMERS),
    ("a payment that can be captured goes back at its time", UNCAPTURED),
];

/// Source: reserve-pay I1, I2, I3, I5, I12.
const SUMS: &str = "WITH b AS (
    SELECT k.scope, k.id, k.debited, k.held, k.debits, k.max_amount, k.blocked,
        CAST(coalesce(sum(CASE WHEN p.status IN ('authorized', 'captured', 'returned')
            THEN p.amount END), 0) AS BIGINT) AS taken,
        CAST(coalesce(sum(CASE WHEN p.status = 'created' THEN p.amount END), 0) AS BIGINT) AS open,
        coalesce(max(p.amount), 0) AS largest,
        count(p.id) AS sent, coalesce(max(p.debit_sequence), 0) AS last
    FROM tokens k LEFT JOIN payments p
        ON p.token = k.id AND p.scope = k.scope AND p.debit_sequence > 0
    GROUP BY k.scope, k.id, k.debited, k.held, k.debits, k.max_amount, k.blocked
)
SELECT scope, id AS entity, 'debited' AS part, taken AS expected, debited AS found
    FROM b WHERE debited <> taken
UNION ALL SELECT scope, id, 'held', open, held FROM b WHERE held <> open
UNION ALL SELECT scope, id, 'block', blocked, taken + open FROM b WHERE taken + open > blocked
UNION ALL SELECT scope, id, 'largest', max_amount, largest FROM b WHERE largest > max_amount
UNION ALL SELECT scope, id, 'debits', sent, debits FROM b WHERE debits <> sent OR debits <> last";

const APPROVED: &str = "SELECT k.scope AS scope, k.id AS entity, 'order' AS part, 1 AS expected,
        0 AS found
    FROM tokens k LEFT JOIN orders o ON o.id = k.order_id AND o.scope = k.scope AND o.token = k.id
    WHERE k.blocked > 0 AND o.id IS NULL
UNION ALL SELECT o.scope, o.id, 'token', 1, 0
    FROM orders o LEFT JOIN tokens k ON k.id = o.token AND k.scope = o.scope AND k.blocked > 0
    WHERE o.token IS NOT NULL AND k.id IS NULL
UNION ALL SELECT k.scope, k.id, 'approval', 1, 0
    FROM tokens k LEFT JOIN payments p
        ON p.id = k.payment AND p.scope = k.scope AND p.token = k.id
        AND p.status = CASE WHEN k.state = 'initiated' THEN 'created' ELSE 'failed' END
    WHERE p.id IS NULL";

const OPEN: &str = "WITH b AS (
    SELECT o.scope, o.id, o.open_payments, count(p.id) AS open,
        coalesce(sum(CASE WHEN o.open_payments LIKE '%' || p.id || '%' THEN 1 ELSE 0 END), 0)
            AS named
    FROM orders o LEFT JOIN payments p
        ON p.order_id = o.id AND p.scope = o.scope AND p.status = 'created'
    GROUP BY o.scope, o.id, o.open_payments
)
SELECT scope, id AS entity, 'named' AS part, open AS expected, CAST(named AS BIGINT) AS found
    FROM b WHERE named <> open
UNION ALL SELECT scope, id, 'length', 15 * open, coalesce(length(open_payments) + 1, 0)
    FROM b WHERE coalesce(length(open_payments) + 1, 0) <> 15 * open";

/// What was rejected may be ended at the network too: its payer was too late.
const INSTRUCTIONS: &str = "WITH due AS (
    SELECT p.scope, p.id AS subject, 'debit' AS kind
    FROM payments p WHERE p.status = 'created' AND p.debit_sequence > 0
    UNION ALL SELECT p.scope, p.id, 'present'
    FROM payments p WHERE p.status = 'created' AND p.method = 'nach' AND p.debit_sequence = 0
    UNION ALL SELECT n.scope, n.id, 'register' FROM nach_tokens n WHERE n.state = 'initiated'
    UNION ALL SELECT n.scope, n.id, 'withdraw' FROM nach_tokens n
    WHERE n.state IN ('cancelling_initiated', 'cancelling_confirmed')
    UNION ALL SELECT k.scope, k.id, 'authorise' FROM tokens k WHERE k.state = 'initiated'
    UNION ALL SELECT k.scope, k.id, 'revoke' FROM tokens k
    WHERE k.state IN ('cancelling_initiated', 'cancelling_confirmed', 'cancelling_paused')
)
SELECT d.scope AS scope, d.subject AS entity, d.kind AS part, 1 AS expected, 0 AS found
    FROM due d LEFT JOIN instructions i
        ON i.subject = d.subject AND i.kind = d.kind AND i.scope = d.scope AND i.state <> 'done'
    WHERE i.subject IS NULL
UNION ALL SELECT i.scope, i.subject, i.kind, 0, 1
    FROM instructions i LEFT JOIN due d
        ON d.subject = i.subject AND d.kind = i.kind AND d.scope = i.scope
    LEFT JOIN tokens k ON i.kind = 'revoke' AND k.id = i.subject AND k.scope = i.scope
        AND k.state = 'rejected'
    WHERE i.kind <> 'pay_refund' AND i.state <> 'done' AND d.subject IS NULL AND k.id IS NULL";

const TIMERS: &str = "SELECT k.scope AS scope, k.id AS entity, 'timer' AS part,
        CASE WHEN k.state IN ('rejected', 'cancelled', 'expired') THEN 0 ELSE 1 END AS expected,
        count(t.subject) AS found
    FROM tokens k LEFT JOIN timers t
        ON t.subject = k.id AND t.kind = 'change_token' AND t.scope = k.scope
    GROUP BY k.scope, k.id, k.state
    HAVING count(t.subject)
        <> CASE WHEN k.state IN ('rejected', 'cancelled', 'expired') THEN 0 ELSE 1 END";

const UNCAPTURED: &str = "SELECT p.scope AS scope, p.id AS entity, 'timer' AS part,
        CASE WHEN p.status = 'authorized' THEN 1 ELSE 0 END AS expected, count(t.subject) AS found
    FROM payments p LEFT JOIN timers t
        ON t.subject = p.id AND t.kind = 'return_uncaptured' AND t.scope = p.scope
    WHERE p.token IS NOT NULL
    GROUP BY p.scope, p.id, p.status
    HAVING count(t.subject) <> CASE WHEN p.status = 'authorized' THEN 1 ELSE 0 END";
