//! UPI addresses of virtual accounts. Source: smart-collect 5.2.

use crate::apply::Context;
use crate::receiver::{ReceiverKind, VpaReceiver};
use crate::rejection::Rejection;
use crate::scope::Mode;
use crate::working_set::{Decision, Lookup, WorkingSet};

/// Characters of the merchant's prefix and the descriptor together.
const TAIL_LENGTH: usize = 20;

/// The address of a new receiver: from a descriptor if one is given, else drawn.
///
/// Rejects: `VpaNotInTestMode`, `DescriptorLength`, `DescriptorCharacters`.
pub fn vpa_receiver(
    set: &WorkingSet,
    ctx: &mut Context,
    descriptor: Option<&str>,
) -> Decision<VpaReceiver> {
    let settings = &ctx.tenant.clone().settings;
    if ctx.scope.mode == Mode::Test && !settings.vpa_in_test_mode {
        return Err(Rejection::VpaNotInTestMode.into());
    }
    let head = format!("{}.{}", settings.vpa_namespace, settings.vpa_merchant_prefix);
    let length = TAIL_LENGTH - settings.vpa_merchant_prefix.len();
    let receiver = |ctx: &mut Context, tail: &str| VpaReceiver {
        id: ctx.draw.id(),
        username: format!("{head}{tail}"),
        handle: settings.vpa_handle.clone(),
    };
    let Some(descriptor) = descriptor else {
        loop {
            let tail = ctx.draw.digits(length);
            let drawn = receiver(ctx, &tail);
            if set.lookup(&address_lookup(ctx, &drawn))?.is_empty() {
                return Ok(drawn);
            }
        }
    };
    if descriptor.chars().count() != length {
        return Err(Rejection::DescriptorLength(ReceiverKind::Vpa).into());
    }
    if !descriptor.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Rejection::DescriptorCharacters(ReceiverKind::Vpa).into());
    }
    Ok(receiver(ctx, &descriptor.to_ascii_lowercase()))
}

/// Finds who holds an address.
pub fn address_lookup(ctx: &Context, receiver: &VpaReceiver) -> Lookup {
    Lookup::Vpa(ctx.scope.id.address_space(), receiver.address())
}
