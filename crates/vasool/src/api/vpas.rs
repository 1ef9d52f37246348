//! Whose a UPI address is. Source: common 12.2.

use axum::extract::State;
use vasool_core::receiver::qr_of_address;
use vasool_core::scope::Mode;
use vasool_core::tenant::Tenant;
use vasool_core::virtual_account::VirtualAccountState;

use super::answer::{Answer, Json};
use super::caller::Caller;
use super::request::Body;
use super::short_links::payable_code;
use crate::app::App;
use crate::sandbox::vpas::{Known, holder};
use crate::wire::error::ApiError;
use crate::wire::fields::Fields;
use crate::wire::strict::refuse_extra_keys;
use crate::wire::vpa::{VpaOut, invalid_vpa, read_vpa};

/// `POST /v1/payments/validate/vpa`
pub async fn validate_vpa(State(app): State<App>, caller: Caller, body: Body) -> Answer {
    let body = body.decode()?;
    let fields = Fields::of_body(&body);
    refuse_extra_keys(&fields, &["vpa"], caller.settings())?;
    let vpa = read_vpa(&fields)?;
    let address = vpa.to_ascii_lowercase();
    let tenant = app.store.tenant(caller.scope.id).await?.ok_or_else(ApiError::unknown_id)?;
    let mut name = our_holder(&app, &tenant, &address).await?;
    if name.is_none() && !is_ours(&tenant, &address) {
        // The merchant's own addresses are known here; about all others the rail is asked.
        if caller.scope.mode == Mode::Live || !app.options.sandbox {
            return Err(ApiError::gateway(
                "The address cannot be checked: no bank is configured to answer.",
                "payment_initiation",
                "gateway_technical_error",
            ));
        }
        match holder(&address) {
            Known::Holder(holder) => name = Some(holder),
            Known::Nobody => {}
            Known::Malformed => return Err(invalid_vpa()),
        }
    }
    Ok(Json::of(&VpaOut::of(&vpa, name.as_deref())))
}

/// Whether an address would be one of the merchant's own.
fn is_ours(tenant: &Tenant, address: &str) -> bool {
    let settings = &tenant.settings;
    let head = format!("{}.", settings.vpa_namespace);
    address.starts_with(&head) && address.ends_with(&format!("@{}", settings.vpa_handle))
}

/// Who is paid at an address of the merchant: an account, or a code, while it takes money.
async fn our_holder(app: &App, tenant: &Tenant, address: &str) -> Result<Option<String>, ApiError> {
    if let Some(code) = qr_of_address(address) {
        return Ok(payable_code(app, tenant, code).await?.map(|code| code.name));
    }
    let account = app.store.virtual_account_of_vpa(tenant.scope.id, address.to_owned()).await?;
    let now = tenant.now(app.clock.now()).to_time();
    let account = account.map(|row| row.as_of(now, tenant.settings.va_dormancy_days));
    let open = account.filter(|row| row.state == VirtualAccountState::Active);
    Ok(open.map(|row| row.name))
}
