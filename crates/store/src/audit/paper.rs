//! The rules about mandates on paper, as queries that find what breaks them.

/// See [`super::rules::RULES`].
pub const RULES: &[(&str, &str)] = &[
    ("a mandate on paper stands where the payment that registers it says", REGISTRATION),
    ("an order for a mandate on paper has its form, and is paid once that is confirmed", FORMS),
    ("a registration link is paid by the payment of its order", LINKS),
    ("a debit over NACH never takes more than its mandate allows", CAPS),
];

/// Source: paper-nach 1.1, 1.2.
const REGISTRATION: &str =
    "SELECT n.scope AS scope, n.id AS entity, 'payment' AS part, 1 AS expected,
        0 AS found
    FROM nach_tokens n LEFT JOIN payments p ON p.id = n.payment AND p.scope = n.scope
        AND p.token = n.id AND CASE n.state
            WHEN 'initiated' THEN p.status = 'created'
            WHEN 'confirmed' THEN p.status = 'captured'
            WHEN 'rejected' THEN p.status = 'failed'
            ELSE p.status IN ('captured', 'failed') END
    WHERE p.id IS NULL
UNION ALL SELECT n.scope, n.id, 'scan', 1, 0
    FROM nach_tokens n LEFT JOIN nach_scans s ON s.payment = n.payment AND s.scope = n.scope
    WHERE s.payment IS NULL";

const FORMS: &str = "SELECT o.scope AS scope, o.id AS entity, 'form' AS part,
        CASE WHEN o.nach_form = 1 THEN 1 ELSE 0 END AS expected, count(f.order_id) AS found
    FROM orders o LEFT JOIN nach_forms f ON f.order_id = o.id AND f.scope = o.scope
    GROUP BY o.scope, o.id, o.nach_form
    HAVING count(f.order_id) <> CASE WHEN o.nach_form = 1 THEN 1 ELSE 0 END
UNION ALL SELECT f.scope, f.order_id, 'paid',
        CASE WHEN f.registration = 'confirmed' THEN 1 ELSE 0 END,
        CASE WHEN o.status = 'paid' THEN 1 ELSE 0 END
    FROM nach_forms f JOIN orders o ON o.id = f.order_id AND o.scope = f.scope
    WHERE (f.registration = 'confirmed') <> (o.status = 'paid')";

const LINKS: &str = "SELECT i.scope AS scope, i.id AS entity, 'payment' AS part, 1 AS expected,
        0 AS found
    FROM invoices i LEFT JOIN payments p ON p.id = i.payment AND p.scope = i.scope
        AND p.invoice = i.id AND p.order_id = i.order_id AND p.status = 'captured'
    WHERE i.state = 'paid' AND p.id IS NULL";

const CAPS: &str = "SELECT p.scope AS scope, p.id AS entity, 'amount' AS part,
        n.max_amount AS expected, p.amount AS found
    FROM payments p JOIN nach_tokens n ON n.id = p.token AND n.scope = p.scope
    WHERE p.amount > n.max_amount";
