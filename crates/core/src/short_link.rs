//! Short URLs: a code that leads to something a person opens. Source: common 2, decisions 12.

use crate::apply::Context;
use crate::id::{QrCodeId, RawId};
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
}

impl LinkTarget {
    /// The kind as it is stored.
    pub fn kind(self) -> &'static str {
        match self {
            LinkTarget::QrCode(_) => "qr_code",
        }
    }

    /// The id as it is stored.
    pub fn raw(self) -> RawId {
        match self {
            LinkTarget::QrCode(id) => id.0,
        }
    }

    /// Reads what was stored.
    pub fn parse(kind: &str, raw: RawId) -> Option<LinkTarget> {
        (kind == "qr_code").then_some(LinkTarget::QrCode(QrCodeId(raw)))
    }
}

impl ShortLink {
    /// A link with a code nobody can guess from another.
    pub fn draw(ctx: &mut Context, target: LinkTarget) -> ShortLink {
        ShortLink { code: ctx.draw.code(CODE_LENGTH), scope: ctx.scope.id, target }
    }
}
