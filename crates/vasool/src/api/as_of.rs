//! Rows as they are now, before a timer has written what time did to them. Source: decisions 50.

use vasool_core::payment::Payment;
use vasool_core::qr_code::QrCode;
use vasool_core::time::Time;
use vasool_core::token::Token;
use vasool_core::virtual_account::VirtualAccount;

use super::caller::Caller;
use crate::app::App;
use crate::wire::error::ApiError;

/// A merchant's now.
pub struct AsOf {
    /// On the merchant's clock.
    pub now: Time,
    /// See [`vasool_core::settings::Settings::va_dormancy_days`].
    pub dormancy_days: i64,
}

impl AsOf {
    /// Reads the merchant's clock, which another process may have moved.
    pub async fn now(app: &App, caller: &Caller) -> Result<AsOf, ApiError> {
        let tenant = app.store.tenant(caller.scope.id).await?.ok_or_else(ApiError::unknown_id)?;
        let now = tenant.now(app.clock.now()).to_time();
        Ok(AsOf { now, dormancy_days: tenant.settings.va_dormancy_days })
    }

    /// An account as of that instant.
    pub fn see(&self, row: &VirtualAccount) -> VirtualAccount {
        row.as_of(self.now, self.dormancy_days)
    }

    /// A standalone QR code as of that instant.
    pub fn see_code(&self, row: &QrCode) -> QrCode {
        row.as_of(self.now)
    }

    /// A mandate as of that instant.
    pub fn see_token(&self, row: &Token) -> Token {
        row.as_of(self.now)
    }
}

/// Payments as of now. The clock is read only where one of them waits for somebody.
pub async fn see_payments(
    app: &App,
    caller: &Caller,
    rows: Vec<Payment>,
) -> Result<Vec<Payment>, ApiError> {
    if !rows.iter().any(Payment::is_open) {
        return Ok(rows);
    }
    let now = AsOf::now(app, caller).await?.now;
    Ok(rows.into_iter().map(|row| row.as_of(now)).collect())
}
