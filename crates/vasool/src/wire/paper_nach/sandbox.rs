//! A developer plays the payer's bank and the network, on the wire. Source: sandbox 3.

use serde::Serialize;
use vasool_core::failure::NachFailure;
use vasool_core::filing::FileTimes;
use vasool_core::id::{OrderId, PaymentId, TokenId};
use vasool_core::nach_codes::Code;
use vasool_core::nach_form::NachForm;
use vasool_core::nach_token::NachToken;
use vasool_core::paper_nach::{NachDebitSteering, NachMandateSteering};

use super::form::{BlockOut, short_url};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::out::Id;

/// What the bank's desk sees of a mandate.
#[derive(Serialize)]
pub struct NachMandateOut<'a> {
    entity: &'static str,
    token_id: Id<TokenId>,
    payment_id: Id<PaymentId>,
    order_id: Id<OrderId>,
    status: &'static str,
    umrn: Option<&'a str>,
    form: BlockOut<'a>,
    page_url: String,
}

impl<'a> NachMandateOut<'a> {
    /// With the fields of its form.
    pub fn of(token: &'a NachToken, form: &'a NachForm, public_url: &str) -> NachMandateOut<'a> {
        NachMandateOut {
            entity: "sandbox.mandate",
            token_id: Id(token.id),
            payment_id: Id(token.payment),
            order_id: Id(token.order),
            status: token.state.told(),
            umrn: token.umrn.as_deref(),
            form: BlockOut::of(form, public_url),
            page_url: short_url(public_url, &form.upload_code),
        }
    }
}

/// Reads `POST /v1/sandbox/mandates/:token_id` for a mandate on paper. `umrn`: the number it gets;
/// `first_debit`: when a first debit goes into a file, where its rail takes files.
pub fn read_mandate_steering(
    fields: &Fields<'_>,
    umrn: String,
    first_debit: Option<FileTimes>,
) -> Result<NachMandateSteering, ApiError> {
    let actions = ["approve", "reject", "revoke", "cancel_ok", "cancel_fail"];
    Ok(match fields.required_choice("action", &actions)? {
        "approve" => NachMandateSteering::Accept(umrn, first_debit),
        "reject" => {
            let code = fields.text("reason")?;
            NachMandateSteering::Reject(NachFailure::of_mandate(code.as_deref()))
        }
        "revoke" => NachMandateSteering::Revoke,
        "cancel_ok" => NachMandateSteering::CancelOk,
        _ => NachMandateSteering::CancelFail,
    })
}

/// Reads `POST /v1/sandbox/payments/:payment_id` for a debit over NACH.
pub fn read_debit_steering(fields: &Fields<'_>) -> Result<NachDebitSteering, ApiError> {
    if fields.required_choice("action", &["succeed", "fail"])? == "succeed" {
        return Ok(NachDebitSteering::Honour);
    }
    let Some(text) = fields.text("reason")? else {
        return Ok(NachDebitSteering::Return(NachFailure::DebitUnknown));
    };
    let code = Code::new(&text).ok_or_else(|| ApiError::selected_invalid("reason"))?;
    Ok(match code {
        Code::EXTENSION => NachDebitSteering::Extend,
        code => NachDebitSteering::Return(NachFailure::of_debit(code)),
    })
}
