//! Short URLs: a code that leads to something a person opens. Source: common 2, decisions 12.

use crate::apply::Context;
use crate::id::{OrderId, QrCodeId, RawId};
use crate::scope::ScopeId;

/// Characters of a code.
const CODE_LENGTH: usize = 8;

/// A short URL's code and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortLink {
    /// Eight letters and digits.
    pub code: String,
    /// Whose.
    pub scope: ScopeId,
    /// What it leads to.
    pub target: LinkTarget,
}

/// What a short URL leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// The picture of a QR code.
    QrCode(QrCodeId),
    /// The form of an order for a paper mandate. Source: paper-nach 5.1.
    NachForm(OrderId),
    /// The page that takes the signed form. Source: paper-nach 5.3.
    NachUpload(OrderId),
}

impl LinkTarget {
    /// The kind as it is stored.
    pub fn kind(self) -> &'static str {
        match self {
            LinkTarget::QrCode(_) => "qr_code",
            LinkTarget::NachForm(_) => "nach_form",
            LinkTarget::NachUpload(_) => "nach_upload",
        }
    }

    /// The id as it is stored.
    pub fn raw(self) -> RawId {
        match self {
            LinkTarget::QrCode(id) => id.0,
            LinkTarget::NachForm(id) | LinkTarget::NachUpload(id) => id.0,
        }
    }

    /// Reads what was stored.
    pub fn parse(kind: &str, raw: RawId) -> Option<LinkTarget> {
        match kind {
            "qr_code" => Some(LinkTarget::QrCode(QrCodeId(raw))),
            "nach_form" => Some(LinkTarget::NachForm(OrderId(raw))),
            "nach_upload" => Some(LinkTarget::NachUpload(OrderId(raw))),
            _ => None,
        }
    }
}

impl ShortLink {
    /// A link with a code nobody can guess from another.
    pub fn draw(ctx: &mut Context, target: LinkTarget) -> ShortLink {
        ShortLink { code: ctx.draw.code(CODE_LENGTH), scope: ctx.scope.id, target }
    }
}
