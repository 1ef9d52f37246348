//! Columns of mandates on paper: forms, mandates, scans, registration links.

use vasool_core::failure::{Failure, NachFailure};
use vasool_core::id::PaymentId;
use vasool_core::invoice::{Invoice, InvoiceState};
use vasool_core::nach_form::{AccountKind, NachAccount, NachForm, Registration};
use vasool_core::nach_token::{NachState, NachToken};
use vasool_core::paper_nach::NachScan;

use super::super::Kind::{Bytes, Int, Text};
use super::super::encoding::{read_notes, write_notes};
use super::super::{Cells, Record, Table, Value};
use super::{opt_time, paise, table, time};
use crate::error::{StoreError, StoreResult};

impl Record for NachForm {
    const TABLE: &'static Table = table!("nach_forms", key 1, true, [
        order_id Text, scope Int, customer Text, invoice Text, account_number Text, ifsc Text,
        holder Text, account_kind Text, email Text, contact Text, max_amount Int, shown_end Int,
        ends_at Int, has_end Int, first_payment Int, reference1 Text, reference2 Text,
        description Text, notes Text, form_code Text, transient_code Text, upload_code Text,
        registration Text, failure Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (registration, failure) = match self.registration {
            Registration::Open => ("open", None),
            Registration::Confirmed => ("confirmed", None),
            Registration::Rejected(failure) => ("rejected", Some(failure)),
        };
        vec![
            (&self.order.0).into(),
            self.scope.into(),
            (&self.customer.0).into(),
            self.invoice.as_ref().map(|id| &id.0).into(),
            (&self.account.number).into(),
            (&self.account.ifsc).into(),
            (&self.account.holder).into(),
            self.account.kind.as_str().into(),
            self.email.as_ref().into(),
            self.contact.as_ref().into(),
            self.max_amount.get().into(),
            self.shown_end.map(|at| at.0).into(),
            self.ends_at.0.into(),
            self.has_end.into(),
            self.first_payment.get().into(),
            self.reference1.as_ref().into(),
            self.reference2.as_ref().into(),
            self.description.as_ref().into(),
            write_notes(&self.notes).into(),
            (&self.form_code).into(),
            (&self.transient_code).into(),
            (&self.upload_code).into(),
            registration.into(),
            write_failure(failure).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(NachForm {
            order: cells.id()?,
            scope: cells.scope()?,
            customer: cells.id()?,
            invoice: cells.opt_id()?,
            account: read_account(cells)?,
            email: cells.opt_text()?,
            contact: cells.opt_text()?,
            max_amount: paise(cells)?,
            shown_end: opt_time(cells)?,
            ends_at: time(cells)?,
            has_end: cells.flag()?,
            first_payment: paise(cells)?,
            reference1: cells.opt_text()?,
            reference2: cells.opt_text()?,
            description: cells.opt_text()?,
            notes: read_notes(&cells.text()?)?,
            form_code: cells.text()?,
            transient_code: cells.text()?,
            upload_code: cells.text()?,
            registration: match (cells.text()?.as_str(), read_failure(cells)?) {
                ("open", None) => Registration::Open,
                ("confirmed", None) => Registration::Confirmed,
                ("rejected", Some(failure)) => Registration::Rejected(failure),
                (word, _) => {
                    return Err(StoreError::Corrupt(format!("registration {word:?} of a form")));
                }
            },
            created_at: time(cells)?,
        })
    }
}

impl Record for NachToken {
    const TABLE: &'static Table = table!("nach_tokens", key 1, true, [
        id Text, scope Int, customer Text, order_id Text, payment Text, connector Text,
        opaque Text, account_number Text, ifsc Text, holder Text, account_kind Text, state Text,
        failure Text, max_amount Int, ends_at Int, used_at Int, created_at Int, umrn Text,
        sandbox_word Text, deleted Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.customer.0).into(),
            (&self.order.0).into(),
            (&self.payment.0).into(),
            (&self.connector).into(),
            (&self.opaque).into(),
            (&self.account.number).into(),
            (&self.account.ifsc).into(),
            (&self.account.holder).into(),
            self.account.kind.as_str().into(),
            self.state.as_str().into(),
            write_failure(self.failure).into(),
            self.max_amount.get().into(),
            self.ends_at.0.into(),
            self.used_at.0.into(),
            self.created_at.0.into(),
            self.umrn.as_ref().into(),
            self.trigger.as_ref().into(),
            self.is_deleted.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(NachToken {
            id: cells.id()?,
            scope: cells.scope()?,
            customer: cells.id()?,
            order: cells.id()?,
            payment: cells.id()?,
            connector: cells.text()?,
            opaque: cells.text()?,
            account: read_account(cells)?,
            state: cells.word(NachState::parse)?,
            failure: read_failure(cells)?,
            max_amount: paise(cells)?,
            ends_at: time(cells)?,
            used_at: time(cells)?,
            created_at: time(cells)?,
            umrn: cells.opt_text()?,
            trigger: cells.opt_text()?,
            is_deleted: cells.flag()?,
        })
    }
}

impl Record for Invoice {
    const TABLE: &'static Table = table!("invoices", key 1, true, [
        id Text, scope Int, order_id Text, customer Text, name Text, email Text, contact Text,
        gstin Text, receipt Text, description Text, notes Text, expire_by Int, state Text,
        ended_at Int, payment Text, sms_sent Int, email_sent Int, code Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        let (ended_at, payment) = match &self.state {
            InvoiceState::Issued => (None, None),
            InvoiceState::Paid { at, payment } => (Some(at.0), Some(&payment.0)),
            InvoiceState::Cancelled(at) | InvoiceState::Expired(at) => (Some(at.0), None),
        };
        vec![
            (&self.id.0).into(),
            self.scope.into(),
            (&self.order.0).into(),
            (&self.customer.0).into(),
            self.name.as_ref().into(),
            self.email.as_ref().into(),
            self.contact.as_ref().into(),
            self.gstin.as_ref().into(),
            self.receipt.as_ref().into(),
            (&self.description).into(),
            write_notes(&self.notes).into(),
            self.expire_by.map(|at| at.0).into(),
            self.state.as_str().into(),
            ended_at.into(),
            payment.into(),
            self.sms_sent.into(),
            self.email_sent.into(),
            (&self.code).into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(Invoice {
            id: cells.id()?,
            scope: cells.scope()?,
            order: cells.id()?,
            customer: cells.id()?,
            name: cells.opt_text()?,
            email: cells.opt_text()?,
            contact: cells.opt_text()?,
            gstin: cells.opt_text()?,
            receipt: cells.opt_text()?,
            description: cells.text()?,
            notes: read_notes(&cells.text()?)?,
            expire_by: opt_time(cells)?,
            state: read_state(cells)?,
            sms_sent: cells.flag()?,
            email_sent: cells.flag()?,
            code: cells.text()?,
            created_at: time(cells)?,
        })
    }
}

fn read_state(cells: &mut Cells) -> StoreResult<InvoiceState> {
    let (word, at) = (cells.text()?, opt_time(cells)?);
    let payment: Option<PaymentId> = cells.opt_id()?;
    Ok(match (word.as_str(), at, payment) {
        ("issued", None, None) => InvoiceState::Issued,
        ("paid", Some(at), Some(payment)) => InvoiceState::Paid { at, payment },
        ("cancelled", Some(at), None) => InvoiceState::Cancelled(at),
        ("expired", Some(at), None) => InvoiceState::Expired(at),
        _ => return Err(StoreError::Corrupt(format!("state {word:?} of a link"))),
    })
}

impl Record for NachScan {
    const TABLE: &'static Table = table!("nach_scans", key 1, false, [
        payment Text, scope Int, picture Bytes, digest Text, channel Text, created_at Int
    ]);

    fn values(&self) -> Vec<Value<'_>> {
        vec![
            (&self.payment.0).into(),
            self.scope.into(),
            Value::Bytes((&*self.picture).into()),
            (&self.digest).into(),
            self.channel.into(),
            self.created_at.0.into(),
        ]
    }

    fn read(cells: &mut Cells) -> StoreResult<Self> {
        Ok(NachScan {
            payment: cells.id()?,
            scope: cells.scope()?,
            picture: cells.bytes()?.into(),
            digest: cells.text()?,
            channel: match cells.text()?.as_str() {
                "api" => "api",
                "page" => "page",
                other => return Err(StoreError::Corrupt(format!("channel {other:?} of a scan"))),
            },
            created_at: time(cells)?,
        })
    }
}

fn read_account(cells: &mut Cells) -> StoreResult<NachAccount> {
    Ok(NachAccount {
        number: cells.text()?,
        ifsc: cells.text()?,
        holder: cells.text()?,
        kind: cells.word(AccountKind::parse)?,
    })
}

fn write_failure(failure: Option<NachFailure>) -> Option<String> {
    failure.map(|failure| Failure::Nach(failure).key().into_owned())
}

fn read_failure(cells: &mut Cells) -> StoreResult<Option<NachFailure>> {
    match cells.opt_word(Failure::parse)? {
        None => Ok(None),
        Some(Failure::Nach(failure)) => Ok(Some(failure)),
        Some(other) => Err(StoreError::Corrupt(format!("{:?} of a mandate on paper", other.key()))),
    }
}
