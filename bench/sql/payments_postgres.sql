-- PAYMENTS captured payments, spread over all accounts, in the shape credits leave them: for the
-- measure of lists.
CREATE UNLOGGED TABLE filled AS
    WITH a AS (SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, account_number, scope
        FROM virtual_accounts)
    SELECT i, '0L' || lpad(i::text, 12, '0') AS id, 'L' || lpad(i::text, 11, '0') AS reference,
        1700000000 + i / 50 AS at, a.id AS account, a.account_number AS number, a.scope
    FROM generate_series(0, PAYMENTS - 1) AS i JOIN a ON a.n = i % ACCOUNTS;
INSERT INTO payments (id, version, scope, amount, method, status, fee, tax, refunded, notes,
        bank_reference, virtual_account, created_at)
    SELECT id, 1, scope, 50000, 'bank_transfer', 'captured', 590, 90, 0, '[]', reference, account, at
    FROM filled ORDER BY i;
INSERT INTO transfers (payment, version, id, scope, connector, mode, bank_reference, reference_key,
        amount, payee, virtual_account)
    SELECT id, 1, id, scope, 'sandbox', 'NEFT', reference, reference, 50000, number, account
    FROM filled ORDER BY i;
INSERT INTO statement_lines (virtual_account, number, scope, payment, amount_paid,
        last_activity_at, created_at)
    SELECT account, 1000000 + i / ACCOUNTS, scope, id, 50000, at, at FROM filled ORDER BY account, i;
DROP TABLE filled;
ANALYZE;
