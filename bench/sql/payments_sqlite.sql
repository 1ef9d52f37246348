-- PAYMENTS captured payments, spread over all accounts, in the shape credits leave them: for the
-- measure of lists.
CREATE TEMP TABLE numbered AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, account_number, scope FROM virtual_accounts;
CREATE UNIQUE INDEX temp.numbered_by_n ON numbered (n);
CREATE TEMP TABLE filled AS
    WITH RECURSIVE k (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < PAYMENTS - 1)
    SELECT i, printf('0L%012d', i) AS id, i % ACCOUNTS AS n, 1700000000 + i / 50 AS at FROM k;
INSERT INTO payments (id, version, scope, amount, method, status, fee, tax, refunded, notes,
        bank_reference, virtual_account, created_at)
    SELECT f.id, 1, a.scope, 50000, 'bank_transfer', 'captured', 590, 90, 0, '[]',
        printf('L%011d', f.i), a.id, f.at
    FROM filled f JOIN numbered a ON a.n = f.n ORDER BY f.i;
INSERT INTO transfers (payment, version, id, scope, connector, mode, bank_reference, reference_key,
        amount, payee, virtual_account)
    SELECT f.id, 1, f.id, a.scope, 'sandbox', 'NEFT', printf('L%011d', f.i), printf('L%011d', f.i),
        50000, a.account_number, a.id
    FROM filled f JOIN numbered a ON a.n = f.n ORDER BY f.i;
INSERT INTO statement_lines (virtual_account, number, scope, payment, amount_paid,
        last_activity_at, created_at)
    SELECT a.id, 1000000 + f.i / ACCOUNTS, a.scope, f.id, 50000, f.at, f.at
    FROM filled f JOIN numbered a ON a.n = f.n ORDER BY a.id, f.i;
