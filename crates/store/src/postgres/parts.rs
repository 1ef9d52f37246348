//! The statements of a load, one per kind of rows.

use tokio_postgres::types::Type;
use vasool_core::bank_account::CustomerBankAccount;
use vasool_core::bulk::{BulkFile, BulkRow};
use vasool_core::customer::Customer;
use vasool_core::instruction::Instruction;
use vasool_core::invoice::Invoice;
use vasool_core::nach_form::NachForm;
use vasool_core::nach_token::NachToken;
use vasool_core::order::Order;
use vasool_core::payment::Payment;
use vasool_core::qr_code::QrCode;
use vasool_core::refund::{IdempotencyRecord, Refund};
use vasool_core::sandbox::Fault;
use vasool_core::tenant::{ApiKey, Merchant, Tenant};
use vasool_core::token::Token;
use vasool_core::transfer::Transfer;
use vasool_core::virtual_account::VirtualAccount;
use vasool_core::webhook::{Delivery, Endpoint};

use crate::columns::{JOIN_LAST_LINE, Record};

/// One kind of rows to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Accounts by id, number, UPI address and QR code, with their customers.
    Accounts,
    /// The totals of the same accounts.
    Totals,
    /// Customers by id.
    Customers,
    /// Orders by id.
    Orders,
    /// Customers' bank accounts by id.
    BankAccounts,
    /// Standalone QR codes by id.
    QrCodes,
    /// Payments by id.
    Payments,
    /// Refunds by id.
    Refunds,
    /// Mandates by id.
    Tokens,
    /// Forms of paper mandates by order.
    NachForms,
    /// Mandates on paper by id.
    NachTokens,
    /// Registration links by id.
    Invoices,
    /// Instructions by subject and kind.
    Instructions,
    /// Deliveries by key.
    Deliveries,
    /// Rows of bulk files by file and number.
    BulkRows,
    /// Bulk files by id.
    BulkFiles,
    /// Tenants by scope.
    Tenants,
    /// Merchants by id.
    Merchants,
    /// Key pairs by id.
    ApiKeys,
    /// Endpoints of scopes.
    Endpoints,
    /// Faults of scopes that are not disarmed.
    Faults,
    /// Transfers by payment.
    TransfersOf,
    /// Transfers by what makes them unique.
    Transfers,
    /// Customers by identity.
    Identities,
    /// Whether numbers were ever used.
    NumberUses,
    /// The newest orders with receipts.
    OrderReceipts,
    /// Idempotency keys by scope and digest.
    IdempotencyKeys,
    /// Refunds by payment and receipt.
    Receipts,
}

/// What the first load locks, in this order, before anything else is read.
pub const LOCKED: [Part; 15] = [
    Part::Accounts,
    Part::Customers,
    Part::Orders,
    Part::BankAccounts,
    Part::QrCodes,
    Part::Payments,
    Part::Refunds,
    Part::Tokens,
    Part::NachForms,
    Part::NachTokens,
    Part::Invoices,
    Part::Instructions,
    Part::Deliveries,
    Part::BulkRows,
    Part::BulkFiles,
];

/// The ids of all accounts that are named: by id, number, UPI address or QR code; a number or
/// address stands for its active account before closed ones, the newest of these. An array, worked
/// out once: were it a join, PostgreSQL would look at it again for a row that changed while it was
/// waited for, and leave out an account that was closed meanwhile.
const NAMED: &str = "ARRAY(SELECT unnest($1) UNION ALL SELECT coalesce(\
    (SELECT a.id FROM virtual_accounts a WHERE a.account_number = k.number \
     AND a.address_space = k.space AND a.state = 'active'), \
    (SELECT o.id FROM virtual_accounts o WHERE o.account_number = k.number \
     AND o.address_space = k.space AND o.state = 'closed' ORDER BY o.id DESC LIMIT 1)) \
    FROM unnest($2, $3) AS k (number, space) UNION ALL SELECT coalesce(\
    (SELECT a.id FROM virtual_accounts a WHERE a.vpa = k.vpa \
     AND a.address_space = k.space AND a.state = 'active'), \
    (SELECT o.id FROM virtual_accounts o WHERE o.vpa = k.vpa \
     AND o.address_space = k.space AND o.state = 'closed' ORDER BY o.id DESC LIMIT 1)) \
    FROM unnest($4, $5) AS k (vpa, space) UNION ALL SELECT \
    (SELECT a.id FROM virtual_accounts a WHERE a.qr_code = k.qr_code) \
    FROM unnest($6) AS k (qr_code))";

impl Part {
    /// The statement that loads this kind of rows.
    pub fn sql(self, locked: bool) -> String {
        let lock = |of: &str| if locked { format!(" FOR UPDATE OF {of}") } else { String::new() };
        let by_id = |table: &str, columns: String| {
            format!(
                "SELECT {columns} FROM {table} t WHERE t.id = ANY ($1) ORDER BY t.id{}",
                lock("t")
            )
        };
        match self {
            Part::Accounts => format!(
                "SELECT {}, {} FROM virtual_accounts v LEFT JOIN customers c ON c.id = v.customer \
                 WHERE v.id = ANY ({NAMED}) ORDER BY v.id{}",
                VirtualAccount::TABLE.column_list_of("v."),
                Customer::TABLE.column_list_of("c."),
                lock("v")
            ),
            // After the locks: a waiting batch must see what the one before it has added.
            Part::Totals => format!(
                "SELECT v.id, l.number, l.amount_paid, l.last_activity_at \
                 FROM virtual_accounts v {JOIN_LAST_LINE} \
                 WHERE v.id = ANY ({NAMED}) AND l.number IS NOT NULL"
            ),
            Part::Customers => by_id("customers", Customer::TABLE.column_list()),
            Part::Orders => by_id("orders", Order::TABLE.column_list()),
            Part::BankAccounts => {
                by_id("customer_bank_accounts", CustomerBankAccount::TABLE.column_list())
            }
            Part::QrCodes => by_id("qr_codes", QrCode::TABLE.column_list()),
            Part::Payments => by_id("payments", Payment::TABLE.column_list()),
            Part::Refunds => by_id("refunds", Refund::TABLE.column_list()),
            Part::Tokens => by_id("tokens", Token::TABLE.column_list()),
            Part::NachTokens => by_id("nach_tokens", NachToken::TABLE.column_list()),
            Part::Invoices => by_id("invoices", Invoice::TABLE.column_list()),
            Part::NachForms => format!(
                "SELECT {} FROM nach_forms t WHERE t.order_id = ANY ($1) ORDER BY t.order_id{}",
                NachForm::TABLE.column_list(),
                lock("t")
            ),
            Part::Instructions => format!(
                "SELECT {} FROM instructions i WHERE (i.subject, i.kind) IN \
                 (SELECT k.subject, k.kind FROM unnest($1, $2) AS k (subject, kind)) \
                 ORDER BY i.subject, i.kind{}",
                Instruction::TABLE.column_list_of("i."),
                lock("i")
            ),
            Part::IdempotencyKeys => format!(
                "SELECT {} FROM unnest($1, $2) AS k (scope, digest) JOIN idempotency_keys i \
                 ON i.scope = k.scope AND i.digest = k.digest",
                IdempotencyRecord::TABLE.column_list_of("i.")
            ),
            Part::Receipts => "SELECT k.payment, k.receipt, r.id \
                 FROM unnest($1, $2) AS k (payment, receipt) \
                 JOIN refunds r ON r.payment = k.payment AND r.receipt = k.receipt"
                .to_owned(),
            Part::Deliveries => format!(
                "SELECT {} FROM deliveries d WHERE (d.event, d.endpoint) IN \
                 (SELECT k.event, k.endpoint FROM unnest($1, $2) AS k (event, endpoint)) \
                 ORDER BY d.event, d.endpoint{}",
                Delivery::TABLE.column_list_of("d."),
                lock("d")
            ),
            Part::BulkRows => format!(
                "SELECT {} FROM bulk_rows b WHERE (b.file, b.number) IN \
                 (SELECT k.file, k.number FROM unnest($1, $2) AS k (file, number)) \
                 ORDER BY b.file, b.number{}",
                BulkRow::TABLE.column_list_of("b."),
                lock("b")
            ),
            Part::BulkFiles => by_id("bulk_files", BulkFile::TABLE.column_list()),
            Part::Tenants => {
                let columns = Tenant::TABLE.column_list();
                format!("SELECT {columns} FROM tenants WHERE scope = ANY ($1)")
            }
            Part::Merchants => by_id("merchants", Merchant::TABLE.column_list()),
            Part::ApiKeys => by_id("api_keys", ApiKey::TABLE.column_list()),
            Part::Endpoints => {
                let columns = Endpoint::TABLE.column_list();
                format!(
                    "SELECT {columns} FROM webhook_endpoints WHERE scope = ANY ($1) ORDER BY id"
                )
            }
            Part::Faults => {
                let columns = Fault::TABLE.column_list();
                format!(
                    "SELECT {columns} FROM faults WHERE scope = ANY ($1) AND disarmed = 0 \
                     ORDER BY id"
                )
            }
            Part::TransfersOf => {
                let columns = Transfer::TABLE.column_list();
                format!("SELECT {columns} FROM transfers WHERE payment = ANY ($1)")
            }
            // Looked up in one table by its unique key; the payments follow when any is found.
            Part::Transfers => format!(
                "SELECT {} FROM unnest($1, $2, $3, $4, $5) \
                 AS k (scope, reference, mode, payee, connector) JOIN transfers b \
                 ON b.scope = k.scope AND b.reference_key = k.reference AND b.mode = k.mode \
                 AND b.payee = k.payee AND b.connector = k.connector",
                Transfer::TABLE.column_list_of("b.")
            ),
            Part::Identities => format!(
                "SELECT {} FROM unnest($1, $2) AS k (scope, identity) JOIN customers c \
                 ON c.scope = k.scope AND c.identity = k.identity",
                Customer::TABLE.column_list_of("c.")
            ),
            Part::NumberUses => "SELECT k.number, coalesce(\
                 (SELECT a.id FROM virtual_accounts a WHERE a.account_number = k.number \
                  AND a.state = 'active' LIMIT 1), \
                 (SELECT o.id FROM virtual_accounts o WHERE o.account_number = k.number \
                  AND o.state = 'closed' LIMIT 1)) FROM unnest($1) AS k (number)"
                .to_owned(),
            Part::OrderReceipts => "SELECT k.scope, k.receipt, \
                 (SELECT o.id FROM orders o WHERE o.scope = k.scope AND o.receipt = k.receipt \
                  ORDER BY o.created_at DESC, o.id DESC LIMIT 1) \
                 FROM unnest($1, $2) AS k (scope, receipt)"
                .to_owned(),
        }
    }

    /// The types of its places.
    pub fn types(self) -> Vec<Type> {
        let (texts, numbers) = (Type::TEXT_ARRAY, Type::INT8_ARRAY);
        match self {
            Part::Accounts | Part::Totals => {
                vec![texts.clone(), texts.clone(), numbers.clone(), texts.clone(), numbers, texts]
            }
            Part::Tenants | Part::Endpoints | Part::Faults => vec![numbers],
            Part::Transfers => vec![numbers, texts.clone(), texts.clone(), texts.clone(), texts],
            Part::Deliveries | Part::Instructions | Part::Receipts => vec![texts.clone(), texts],
            Part::BulkRows => vec![texts, numbers],
            Part::Identities | Part::IdempotencyKeys | Part::OrderReceipts => vec![numbers, texts],
            Part::Customers
            | Part::Orders
            | Part::BankAccounts
            | Part::QrCodes
            | Part::Payments
            | Part::Refunds
            | Part::Tokens
            | Part::NachForms
            | Part::NachTokens
            | Part::Invoices
            | Part::BulkFiles
            | Part::Merchants
            | Part::ApiKeys
            | Part::TransfersOf
            | Part::NumberUses => vec![texts],
        }
    }
}
