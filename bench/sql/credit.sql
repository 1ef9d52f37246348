-- One credit as one transaction, for pgbench: the statements a batch of one would need.
\set n random(1, :accounts)
BEGIN;
SELECT id, number, scope FROM bench_accounts WHERE n = :n \gset a_
SELECT id FROM virtual_accounts WHERE account_number = :a_number AND address_space = :a_scope AND state = 'active' FOR UPDATE;
SELECT coalesce(max(number), 0) + 1 AS next, coalesce(max(amount_paid), 0) + 5000 AS paid FROM statement_lines WHERE virtual_account = :a_id \gset l_
SELECT lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 11, '0') || substr(md5(random()::text), 1, 3) AS pay, 'BK' || lpad((:client_id % 20)::text, 2, '0') || 'N' || lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 15, '0') AS utr, extract(epoch FROM clock_timestamp())::bigint AS now \gset c_
SELECT payment FROM transfers WHERE scope = :a_scope AND reference_key = :c_utr AND mode = 'NEFT' AND payee = :a_number AND connector = 'sandbox';
INSERT INTO payments (id, version, scope, amount, method, status, fee, tax, refunded, notes, bank_reference, virtual_account, created_at) VALUES (:c_pay, 1, :a_scope, 5000, 'bank_transfer', 'captured', 59, 9, 0, '[]', :c_utr, :a_id, :c_now) ON CONFLICT DO NOTHING;
INSERT INTO transfers (payment, version, id, scope, connector, mode, bank_reference, reference_key, amount, payee, payer_id, payer_name, payer_account, payer_ifsc, payer_account_type, virtual_account) VALUES (:c_pay, 1, :c_pay, :a_scope, 'sandbox', 'NEFT', :c_utr, :c_utr, 5000, :a_number, :c_pay, 'Test Payer', '765432198765432', 'UTIB0003198', 'savings', :a_id) ON CONFLICT DO NOTHING;
INSERT INTO postings (cause, cause_kind, line, scope, debit, credit, amount, posted_at) VALUES (:c_pay, 'payment', 0, :a_scope, 'bank' || chr(58) || 'sandbox', 'merchant' || chr(58) || 'payable', 5000, :c_now) ON CONFLICT DO NOTHING;
INSERT INTO postings (cause, cause_kind, line, scope, debit, credit, amount, posted_at) VALUES (:c_pay, 'payment', 1, :a_scope, 'merchant' || chr(58) || 'payable', 'fees', 50, :c_now) ON CONFLICT DO NOTHING;
INSERT INTO postings (cause, cause_kind, line, scope, debit, credit, amount, posted_at) VALUES (:c_pay, 'payment', 2, :a_scope, 'merchant' || chr(58) || 'payable', 'gst', 9, :c_now) ON CONFLICT DO NOTHING;
INSERT INTO statement_lines (virtual_account, number, scope, payment, amount_paid, last_activity_at, created_at) VALUES (:a_id, :l_next, :a_scope, :c_pay, :l_paid, :c_now, :c_now) ON CONFLICT DO NOTHING;
INSERT INTO occurrences (id, scope, merchant, subject, created_at, kinds, snapshot) VALUES (:c_pay, :a_scope, '00000000000000', :a_id, :c_now, 'payment.authorized,payment.captured,virtual_account.credited', repeat('x', 700)) ON CONFLICT DO NOTHING;
COMMIT;
