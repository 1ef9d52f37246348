//! A developer plays payer, bank and network, on the wire. Source: sandbox 3.

use serde::Serialize;
use vasool_core::failure::{Row, row, row_of_number};
use vasool_core::id::{OrderId, PaymentId, TokenId};
use vasool_core::payment::Payment;
use vasool_core::reserve_pay::{Approval, DebitReceipt, DebitSteering, MandateSteering};
use vasool_core::time::Time;
use vasool_core::token::{PayerAct, Token, TokenState};

use super::intent::MandateIntent;
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::out::Id;
use crate::wire::vpa::read_optional_vpa;

/// Row 33: the customer declined. Source: decisions 24.
pub const DECLINED: u8 = 33;
/// Row 34: it failed, nobody says why. Our choice where a call names no reason.
pub const FAILED: u8 = 34;
/// Row 47 marks success and can be no failure. Source: decisions 25.
const SUCCESS: u8 = 47;
/// Characters of a payer's name. Our choice.
const NAME_MAX: usize = 100;

/// What a payer's app shows of a mandate. Source: sandbox 3.
#[derive(Serialize)]
pub struct MandateOut {
    entity: &'static str,
    token_id: Id<TokenId>,
    payment_id: Id<PaymentId>,
    order_id: Id<OrderId>,
    status: &'static str,
    seconds_left: i64,
    intent: MandateIntent,
    link: String,
    page_url: String,
}

impl MandateOut {
    /// As of `now`, the merchant's; `page_url`: where a person sees the same.
    pub fn of(token: &Token, intent: MandateIntent, page_url: String, now: Time) -> MandateOut {
        let seconds_left = match token.state {
            TokenState::Initiated => (token.approve_by.0 - now.0).max(0),
            _ => 0,
        };
        MandateOut {
            entity: "sandbox.mandate",
            token_id: Id(token.id),
            payment_id: Id(token.payment),
            order_id: Id(token.order),
            status: token.state.told(),
            seconds_left,
            link: intent.to_link(),
            intent,
            page_url,
        }
    }
}

/// Reads `POST /v1/sandbox/mandates/:token_id`. `default`: who approves where nobody is named.
/// `holder`: whose an address is.
pub fn read_mandate_steering(
    fields: &Fields<'_>,
    default: Approval,
    holder: impl FnOnce(&str) -> Option<String>,
) -> Result<MandateSteering, ApiError> {
    let actions =
        ["approve", "reject", "expire", "pause", "resume", "revoke", "cancel_ok", "cancel_fail"];
    Ok(match fields.required_choice("action", &actions)? {
        "approve" => MandateSteering::Approve(read_approval(fields, default, holder)?),
        "reject" => MandateSteering::Reject(read_row(fields, DECLINED)?),
        "expire" => MandateSteering::Expire,
        "pause" => MandateSteering::Act(PayerAct::Pause),
        "resume" => MandateSteering::Act(PayerAct::Resume),
        "revoke" => MandateSteering::Act(PayerAct::Revoke),
        "cancel_ok" => MandateSteering::CancelOk,
        _ => MandateSteering::CancelFail,
    })
}

fn read_approval(
    fields: &Fields<'_>,
    default: Approval,
    holder: impl FnOnce(&str) -> Option<String>,
) -> Result<Approval, ApiError> {
    let vpa = read_optional_vpa(fields)?;
    let name = fields.text("name")?.map(|name| name.into_owned());
    if name.as_ref().is_some_and(|name| name.chars().count() > NAME_MAX) {
        return Err(ApiError::too_long("name", NAME_MAX));
    }
    Ok(match vpa {
        Some(vpa) => {
            let name = name.or_else(|| holder(&vpa.to_ascii_lowercase()));
            Approval { vpa, name, ..default }
        }
        None => Approval { name: name.or(default.name.clone()), ..default },
    })
}

/// Reads `POST /v1/sandbox/payments/:payment_id`.
pub fn read_debit_steering(
    fields: &Fields<'_>,
    receipt: impl FnOnce(&Payment) -> DebitReceipt,
    payment: &Payment,
) -> Result<DebitSteering, ApiError> {
    Ok(match fields.required_choice("action", &["succeed", "fail"])? {
        "succeed" => DebitSteering::Succeed(receipt(payment)),
        _ => DebitSteering::Fail(read_row(fields, FAILED)?),
    })
}

/// The row that `reason` and `variant` name; a missing variant is the first. Source: decisions 25.
fn read_row(fields: &Fields<'_>, default: u8) -> Result<&'static Row, ApiError> {
    let variant = fields.integer("variant")?;
    let Some(reason) = fields.text("reason")? else {
        return row_of_number(default).ok_or_else(ApiError::server_fault);
    };
    if row(&reason, None).is_none_or(|row| row.number == SUCCESS) {
        return Err(ApiError::selected_invalid("reason"));
    }
    let variant = variant.map(|number| u8::try_from(number).unwrap_or(0));
    row(&reason, variant).ok_or_else(|| ApiError::selected_invalid("variant"))
}
