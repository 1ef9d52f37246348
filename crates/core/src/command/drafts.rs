//! What commands carry that has no room of its own: merchants, keys, webhooks, clocks, faults.

use crate::id::{MerchantId, RawId};
use crate::sandbox::{FaultKind, FaultTarget, RailOperation};
use crate::scope::Mode;
use crate::tenant::Sealed;

/// A merchant to open.
#[derive(Clone, Debug)]
pub struct MerchantDraft {
    /// Shown on virtual accounts.
    pub name: String,
    /// Whose keys may act for it.
    pub parent: Option<MerchantId>,
    /// Its first keys.
    pub keys: Vec<KeyDraft>,
}

/// A key pair to add. The secret is drawn and sealed before the command is made, because the
/// command must not hold it in the clear.
#[derive(Clone, Debug)]
pub struct KeyDraft {
    /// Which mode it opens.
    pub mode: Mode,
    /// A given id, or one that is drawn.
    pub id: Option<RawId>,
    /// The secret.
    pub secret: Sealed,
}

/// What a second customer with the same e-mail and contact gets. Source: common 6.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDuplicate {
    /// `fail_existing=1`.
    Refuse,
    /// `fail_existing=0`.
    AnswerExisting,
}

/// A webhook to add.
#[derive(Clone, Debug)]
pub struct EndpointDraft {
    /// Where events go.
    pub url: String,
    /// Which events.
    pub events: Vec<String>,
    /// What signs them.
    pub secret: Option<Sealed>,
    /// Who gets the mail.
    pub alert_email: Option<String>,
    /// Whether it starts active.
    pub active: bool,
}

/// Changes to a webhook; an outer `None` leaves the field.
#[derive(Clone, Debug, Default)]
pub struct EndpointEdit {
    /// See [`EndpointDraft::url`].
    pub url: Option<String>,
    /// See [`EndpointDraft::events`].
    pub events: Option<Vec<String>>,
    /// A new secret, or its removal.
    pub secret: Option<Option<Sealed>>,
    /// See [`EndpointDraft::alert_email`].
    pub alert_email: Option<Option<String>>,
    /// See [`EndpointDraft::active`].
    pub active: Option<bool>,
}

/// A change of the merchant's test clock. Source: sandbox 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockChange {
    /// Forward by seconds.
    Advance(i64),
    /// Stand still.
    Freeze,
    /// Run on.
    Thaw,
}

/// A fault to arm.
#[derive(Clone, Debug)]
pub struct FaultDraft {
    /// Where it waits.
    pub target: FaultTarget,
    /// What it does.
    pub kind: FaultKind,
    /// Which events it meets; empty is all.
    pub events: Vec<String>,
    /// Which operation of a rail it meets; `None` is all.
    pub operation: Option<RailOperation>,
    /// How many deliveries or answers.
    pub times: i64,
    /// How long, for delays and outages.
    pub seconds: i64,
}
