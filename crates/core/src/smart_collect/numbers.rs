//! Account numbers. Source: smart-collect 5.2.

use crate::apply::Context;
use crate::receiver::ReceiverKind;
use crate::rejection::Rejection;
use crate::settings::Settings;
use crate::working_set::{Decision, Lookup, WorkingSet};

/// Characters of an ordinary account number.
const NUMBER_LENGTH: usize = 16;
/// Characters after `RZRP` and the handle of a vanity number.
const VANITY_LENGTH: usize = 9;

/// The number of a new account: from a descriptor if one is given, else drawn.
///
/// Rejects: `DescriptorNotAllowed`, `HandleNotSet`, `DescriptorLength`, `DescriptorCharacters`,
/// `DescriptorTaken`.
pub fn account_number(
    set: &WorkingSet,
    ctx: &mut Context,
    descriptor: Option<&str>,
    vanity: bool,
) -> Decision<String> {
    let tenant = ctx.tenant.clone();
    let Some(descriptor) = descriptor else {
        return drawn(
            set,
            ctx,
            &head(&tenant.settings, vanity).unwrap_or_else(|| plain(&tenant.settings)),
        );
    };
    if !tenant.settings.va_custom_descriptor {
        return Err(Rejection::DescriptorNotAllowed.into());
    }
    let head = if vanity {
        head(&tenant.settings, true).ok_or(Rejection::HandleNotSet)?
    } else {
        plain(&tenant.settings)
    };
    if descriptor.len() > head.tail || descriptor.is_empty() {
        return Err(Rejection::DescriptorLength(ReceiverKind::BankAccount).into());
    }
    if !descriptor.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Rejection::DescriptorCharacters(ReceiverKind::BankAccount).into());
    }
    Ok(format!("{}{:0>width$}", head.text, descriptor.to_ascii_uppercase(), width = head.tail))
}

/// What an account number starts with, and how many characters follow.
struct Head {
    text: String,
    tail: usize,
    letters: bool,
}

fn plain(settings: &Settings) -> Head {
    let text = settings.va_number_prefix.clone();
    Head { tail: NUMBER_LENGTH - text.len(), text, letters: false }
}

/// The head of a vanity number, if one is asked for and a handle is set.
fn head(settings: &Settings, vanity: bool) -> Option<Head> {
    let handle = settings.va_handle.as_deref().filter(|_| vanity)?;
    Some(Head { text: format!("RZRP{handle}"), tail: VANITY_LENGTH, letters: true })
}

/// A number no account of any merchant ever had.
fn drawn(set: &WorkingSet, ctx: &mut Context, head: &Head) -> Decision<String> {
    loop {
        let tail = if head.letters {
            ctx.draw.alphanumerics(head.tail)
        } else {
            ctx.draw.digits(head.tail)
        };
        let number = format!("{}{tail}", head.text);
        if set.lookup(&Lookup::NumberUse(number.clone()))?.is_empty() {
            return Ok(number);
        }
    }
}
