//! Identifiers: a prefix and 14 base-62 characters that sort by creation. Source: common 2.
//!
//! Eight characters come from the millisecond clock and six are random. `apply` draws every id
//! and every random number from the [`Seed`] of its command, so the same input always gives the
//! same output.

use std::fmt;
use std::str::FromStr;

/// Characters of an id after its prefix.
pub const ID_LENGTH: usize = 14;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LOW_CHARACTERS: usize = 6;
/// 62^6: the number of ids in one millisecond.
const LOW_SPAN: u64 = 62 * 62 * 62 * 62 * 62 * 62;
/// The part of a millisecond that one command may draw from; see [`Seed::next`].
const COMMAND_SPAN: u64 = 1 << 24;
/// The largest gap between two ids of one command: 64 draws fit into [`COMMAND_SPAN`].
const STEP_SPAN: u64 = 1 << 18;

/// The 14 characters of an id, without prefix. Always ASCII letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawId([u8; ID_LENGTH]);

impl RawId {
    /// Reads exactly 14 characters of `[0-9A-Za-z]`.
    pub fn parse(text: &str) -> Option<RawId> {
        let bytes: [u8; ID_LENGTH] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then_some(RawId(bytes))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an id is ASCII")
    }

    /// The characters read as a number to the base of 62.
    pub fn to_number(&self) -> u128 {
        let digit = |byte: u8| DIGITS.iter().position(|known| *known == byte).unwrap_or(0);
        self.0.iter().fold(0, |sum, byte| sum * 62 + digit(*byte) as u128)
    }

    /// The id that is this number; `None` where it takes more than 14 characters.
    pub fn from_number(mut number: u128) -> Option<RawId> {
        let mut out = [b'0'; ID_LENGTH];
        for slot in out.iter_mut().rev() {
            *slot = DIGITS[(number % 62) as usize];
            number /= 62;
        }
        (number == 0).then_some(RawId(out))
    }

    /// The least id that could have been drawn so many milliseconds before this one.
    pub fn earlier(self, millis: u64) -> RawId {
        let before = u128::from(millis) * u128::from(LOW_SPAN);
        let number = self.to_number().saturating_sub(before) / u128::from(LOW_SPAN);
        RawId::from_number(number * u128::from(LOW_SPAN)).expect("it is less than an id")
    }

    /// The least and the greatest id that the command which drew this one may have drawn as well.
    /// Ids of other commands of the process lie outside; of other processes rarely any.
    pub fn command_span(self) -> (RawId, RawId) {
        let (number, span) = (self.to_number(), u128::from(COMMAND_SPAN));
        let id = |number| RawId::from_number(number).unwrap_or(self);
        (id(number.saturating_sub(span)), id(number + span))
    }

    fn from_parts(millis: u64, low: u64) -> RawId {
        let mut out = [b'0'; ID_LENGTH];
        write_base62(&mut out[..ID_LENGTH - LOW_CHARACTERS], millis);
        write_base62(&mut out[ID_LENGTH - LOW_CHARACTERS..], low);
        RawId(out)
    }
}

fn write_base62(out: &mut [u8], mut number: u64) {
    for slot in out.iter_mut().rev() {
        *slot = DIGITS[(number % 62) as usize];
        number /= 62;
    }
}

impl fmt::Display for RawId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RawId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RawId {
    type Err = ();

    fn from_str(text: &str) -> Result<RawId, ()> {
        RawId::parse(text).ok_or(())
    }
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub RawId);

        impl $name {
            /// What stands before the 14 characters on the wire.
            pub const PREFIX: &'static str = $prefix;
        }

        impl From<RawId> for $name {
            fn from(raw: RawId) -> Self {
                $name(raw)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

typed_ids! {
    /// A merchant account.
    MerchantId "acc_";
    /// A customer.
    CustomerId "cust_";
    /// An order.
    OrderId "order_";
    /// A payment.
    PaymentId "pay_";
    /// A refund.
    RefundId "rfnd_";
    /// A virtual account.
    VirtualAccountId "va_";
    /// A bank account: receiver, payer, allowed payer or a customer's own.
    BankAccountId "ba_";
    /// A fund account.
    FundAccountId "fa_";
    /// A bank transfer.
    BankTransferId "bt_";
    /// A UPI transfer.
    UpiTransferId "ut_";
    /// A UPI address that leads to a virtual account.
    VpaId "vpa_";
    /// A QR code: receiver of a virtual account, or standing alone.
    QrCodeId "qr_";
    /// A mandate.
    TokenId "token_";
    /// A registration link.
    InvoiceId "inv_";
    /// A person who operates the server.
    OperatorId "opr_";
    /// Something an operator did.
    ActionId "act_";
    /// A card that paid.
    CardId "card_";
    /// A webhook endpoint; the wire shows no prefix.
    EndpointId "";
    /// An event; the wire shows no prefix.
    EventId "";
    /// A change that causes events; their ids differ from it in the last character alone.
    OccurrenceId "";
    /// A bulk file.
    BatchId "batch_";
    /// A message (mail or SMS) that was sent.
    MessageId "msg_";
    /// An armed fault of the sandbox.
    FaultId "fault_";
}

/// Events one occurrence may have: as many as the last character of an id has values.
pub const EVENTS_MAX: usize = DIGITS.len();

impl OccurrenceId {
    /// The id of the event at this place, from 0.
    ///
    /// Panics at [`EVENTS_MAX`]: no change is told in so many events.
    pub fn event(self, at: usize) -> EventId {
        let mut bytes = self.0.0;
        bytes[ID_LENGTH - 1] = DIGITS[at];
        EventId(RawId(bytes))
    }
}

impl EventId {
    /// The occurrence this event belongs to.
    pub fn occurrence(self) -> OccurrenceId {
        let mut bytes = self.0.0;
        bytes[ID_LENGTH - 1] = DIGITS[0];
        OccurrenceId(RawId(bytes))
    }
}

/// Where a command draws its ids and random numbers from. The engine hands each command the
/// [`Seed::next`] of the one before, which keeps ids of one process strictly increasing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    millis: u64,
    low: u64,
    noise: u64,
}

impl Seed {
    /// The first seed of a process. `noise` must be unpredictable: it decides account numbers.
    pub fn first(real_millis: i64, noise: u64) -> Seed {
        let millis = u64::try_from(real_millis).unwrap_or(0);
        Seed { millis, low: mix(noise) % (LOW_SPAN / 2), noise }
    }

    /// The seed after this one: later in time, and above every id this one can draw.
    pub fn next(self, real_millis: i64, noise: u64) -> Seed {
        let now = u64::try_from(real_millis).unwrap_or(0);
        if now > self.millis {
            return Seed::first(real_millis, noise);
        }
        let low = self.low + COMMAND_SPAN;
        if low + COMMAND_SPAN >= LOW_SPAN {
            // The millisecond is used up: borrow from the next one rather than go back.
            return Seed { millis: self.millis + 1, low: mix(noise) % (LOW_SPAN / 2), noise };
        }
        Seed { millis: self.millis, low, noise }
    }

    /// The generator a command draws from.
    pub fn draw(self) -> Draw {
        Draw { millis: self.millis, low: self.low, state: self.noise }
    }
}

/// Draws ids and random digits, deterministically from a [`Seed`].
#[derive(Clone, Debug)]
pub struct Draw {
    millis: u64,
    low: u64,
    state: u64,
}

impl Draw {
    /// A new id, greater than every id drawn before.
    pub fn id<T: From<RawId>>(&mut self) -> T {
        let step = 1 + self.number() % (STEP_SPAN - 1);
        if self.low + step >= LOW_SPAN {
            self.millis += 1;
            self.low = 0;
        }
        self.low += step;
        RawId::from_parts(self.millis, self.low).into()
    }

    /// A new id that ends in `0`, with the ids of its events reserved behind it.
    pub fn occurrence(&mut self) -> OccurrenceId {
        let _: RawId = self.id();
        let span = DIGITS.len() as u64;
        if self.low + 2 * span >= LOW_SPAN {
            self.millis += 1;
            self.low = 0;
        }
        let first = (self.low / span + 1) * span;
        self.low = first + span - 1;
        OccurrenceId(RawId::from_parts(self.millis, first))
    }

    /// A random number, all 64 bits.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// `count` random decimal digits.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + (self.number() % 10) as u8)).collect()
    }

    /// `count` random capital letters and digits.
    pub fn alphanumerics(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(DIGITS[(self.number() % 36) as usize])).collect()
    }

    /// `count` random letters of both cases and digits.
    pub fn code(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(DIGITS[(self.number() % 62) as usize])).collect()
    }
}

/// The output function of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_print_their_prefix() {
        let id = PaymentId(RawId::parse("QcC3Rent000001").unwrap());
        assert_eq!(id.to_string(), "pay_QcC3Rent000001");
        assert_eq!(RawId::parse("QcC3Rent00000_"), None);
        assert_eq!(RawId::parse("QcC3Rent"), None);
    }

    #[test]
    fn the_same_seed_draws_the_same_ids() {
        let seed = Seed::first(1_780_000_000_123, 42);
        let (mut a, mut b) = (seed.draw(), seed.draw());
        for _ in 0..20 {
            assert_eq!(a.id::<RawId>(), b.id::<RawId>());
        }
        assert_eq!(a.digits(10), b.digits(10));
    }

    #[test]
    fn ids_of_one_command_lie_in_its_span() {
        let mut draw = Seed::first(1_780_000_000_123, 42).draw();
        let ids: Vec<RawId> = (0..64).map(|_| draw.id()).collect();
        for id in &ids {
            let (first, last) = id.command_span();
            assert!(ids.iter().all(|other| (first..=last).contains(other)));
        }
        let next: RawId = Seed::first(1_780_000_000_124, 42).draw().id();
        assert!(next > ids[63].command_span().1);
    }

    #[test]
    fn events_of_one_occurrence_differ_in_the_last_character() {
        let mut draw = Seed::first(1_780_000_000_123, 42).draw();
        let (first, second) = (draw.occurrence(), draw.occurrence());
        assert_eq!(first.event(0).0, first.0);
        assert_ne!(first.event(1), first.event(0));
        assert_eq!(first.event(61).occurrence(), first);
        assert!(second.0 > first.event(61).0);
        assert!(draw.id::<RawId>() > second.event(61).0);
    }

    proptest! {
        #[test]
        fn ids_of_one_process_increase(
            start in 1_700_000_000_000i64..1_900_000_000_000,
            steps in proptest::collection::vec((0i64..3, any::<u64>(), 1usize..60), 1..200),
        ) {
            let (mut now, mut seed) = (start, Seed::first(start, 7));
            let mut last = None;
            for (passed, noise, draws) in steps {
                let mut draw = seed.draw();
                for _ in 0..draws {
                    let id: RawId = draw.id();
                    prop_assert!(Some(id) > last);
                    last = Some(id);
                }
                now += passed;
                seed = seed.next(now, noise);
            }
        }
    }
}
