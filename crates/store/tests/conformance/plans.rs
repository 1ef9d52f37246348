//! How SQLite finds what people search for: by an index, never by reading a scope.

use crate::world::{Place, on_databases};

#[test]
fn searches_of_the_dashboard_use_their_indexes() {
    on_databases(async |world| {
        let Place::Sqlite(_) = &world.place else { return };
        for (sql, index) in [
            (
                "SELECT v.id FROM virtual_accounts v WHERE v.account_number = 'x' AND +v.scope = 1 \
                 AND v.state = 'active' AND v.account_number IS NOT NULL",
                "virtual_accounts_active",
            ),
            (
                "SELECT v.id FROM virtual_accounts v WHERE v.vpa = 'x' AND +v.scope = 1 \
                 AND v.state = 'closed' AND v.vpa IS NOT NULL",
                "virtual_accounts_closed_vpa",
            ),
            (
                "SELECT id FROM invoices WHERE scope = 1 AND receipt = 'x' \
                 ORDER BY created_at DESC, id DESC LIMIT 20",
                "invoices_by_receipt",
            ),
            ("SELECT id FROM refunds WHERE reference = 'x' AND scope = 1", "refunds_by_reference"),
            ("SELECT id FROM nach_tokens WHERE umrn = 'x' AND scope = 1", "nach_tokens_by_umrn"),
            (
                "SELECT id FROM occurrences WHERE subject = 'x' AND id >= 'y' AND scope = 1 \
                 AND kinds NOT IN ('payment.authorized,payment.captured,virtual_account.credited', \
                 'payment.authorized,payment.captured,qr_code.credited', \
                 'virtual_account.created', 'qr_code.created') ORDER BY id DESC LIMIT 200",
                "occurrences_apart",
            ),
        ] {
            let rows = world.rows(&format!("EXPLAIN QUERY PLAN {sql}")).await;
            let mut plan = String::new();
            for mut cells in rows {
                for _ in 0..3 {
                    cells.value().expect("a number");
                }
                plan += &cells.text().expect("a step");
            }
            assert!(plan.contains(index), "{sql} takes {plan}, not {index}");
        }
    });
}
