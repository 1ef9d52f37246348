//! Transfers on the wire: `bank_transfer` and `upi_transfer`. Source: smart-collect 3.4, 3.5, 11.

use serde::Serialize;
use vasool_core::id::{BankAccountId, BankTransferId, PaymentId, UpiTransferId, VirtualAccountId};
use vasool_core::transfer::{Payer, Transfer};
use vasool_core::virtual_account::VirtualAccount;

use super::banks::bank_name;
use super::out::Id;
use super::virtual_account::{Form, VirtualAccountOut};

/// The bank transfer entity. Source: smart-collect 3.4.
#[derive(Serialize)]
pub struct BankTransferOut<'a> {
    id: Id<BankTransferId>,
    entity: &'static str,
    payment_id: Id<PaymentId>,
    mode: &'static str,
    bank_reference: &'a str,
    amount: i64,
    payer_bank_account: Option<PayerOut<'a>>,
    virtual_account_id: Option<Id<VirtualAccountId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_account: Option<VirtualAccountOut<'a>>,
}

#[derive(Serialize)]
struct PayerOut<'a> {
    id: Id<BankAccountId>,
    entity: &'static str,
    ifsc: Option<&'a str>,
    bank_name: Option<&'static str>,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<[(); 0]>,
    account_number: Option<&'a str>,
}

impl<'a> BankTransferOut<'a> {
    /// As the API answers it, with the account as it is now.
    pub fn full(
        row: &'a Transfer,
        account: &'a VirtualAccount,
        public_url: &'a str,
    ) -> BankTransferOut<'a> {
        let account = VirtualAccountOut { row: account, form: Form::Full, public_url };
        BankTransferOut { virtual_account: Some(account), ..BankTransferOut::of(row, true) }
    }

    /// As a webhook shows it.
    pub fn in_webhook(row: &'a Transfer) -> BankTransferOut<'a> {
        BankTransferOut::of(row, false)
    }

    fn of(row: &'a Transfer, with_notes: bool) -> BankTransferOut<'a> {
        let payer = |(id, payer): &'a (BankAccountId, Payer)| PayerOut {
            id: Id(*id),
            entity: "bank_account",
            ifsc: payer.ifsc.as_deref(),
            bank_name: payer.ifsc.as_deref().and_then(bank_name),
            name: payer.name.as_deref(),
            notes: with_notes.then_some([]),
            account_number: payer.account_number.as_deref(),
        };
        BankTransferOut {
            id: Id(BankTransferId(row.id)),
            entity: "bank_transfer",
            payment_id: Id(row.payment),
            mode: row.mode.as_str(),
            bank_reference: &row.bank_reference,
            amount: row.amount.get(),
            payer_bank_account: row.payer.as_ref().map(payer),
            virtual_account_id: row.virtual_account.map(Id),
            virtual_account: None,
        }
    }
}

/// The UPI transfer entity. Webhooks call the reference `rrn` and leave out the account. Source:
/// smart-collect 3.5.
#[derive(Serialize)]
pub struct UpiTransferOut<'a> {
    id: Id<UpiTransferId>,
    entity: &'static str,
    amount: i64,
    payer_vpa: Option<&'a str>,
    payer_bank: Option<&'static str>,
    payer_account: Option<&'a str>,
    payer_ifsc: Option<&'a str>,
    payment_id: Id<PaymentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    npci_reference_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rrn: Option<&'a str>,
    virtual_account_id: Option<Id<VirtualAccountId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_account: Option<VirtualAccountOut<'a>>,
}

impl<'a> UpiTransferOut<'a> {
    /// As the API answers it, with the account as it is now.
    pub fn full(
        row: &'a Transfer,
        account: &'a VirtualAccount,
        public_url: &'a str,
    ) -> UpiTransferOut<'a> {
        UpiTransferOut {
            npci_reference_id: Some(&row.bank_reference),
            virtual_account: Some(VirtualAccountOut { row: account, form: Form::Full, public_url }),
            ..UpiTransferOut::of(row)
        }
    }

    /// As a webhook shows it.
    pub fn in_webhook(row: &'a Transfer) -> UpiTransferOut<'a> {
        UpiTransferOut { rrn: Some(&row.bank_reference), ..UpiTransferOut::of(row) }
    }

    fn of(row: &'a Transfer) -> UpiTransferOut<'a> {
        let payer = row.payer.as_ref().map(|(_, payer)| payer);
        let ifsc = payer.and_then(|payer| payer.ifsc.as_deref());
        UpiTransferOut {
            id: Id(UpiTransferId(row.id)),
            entity: "upi_transfer",
            amount: row.amount.get(),
            payer_vpa: payer.and_then(|payer| payer.vpa.as_deref()),
            payer_bank: ifsc.and_then(bank_name),
            payer_account: payer.and_then(|payer| payer.account_number.as_deref()),
            payer_ifsc: ifsc,
            payment_id: Id(row.payment),
            npci_reference_id: None,
            rrn: None,
            virtual_account_id: row.virtual_account.map(Id),
            virtual_account: None,
        }
    }
}
