//! Debits of mandates, each for an order of its own.

use std::fmt::Write as _;

use crate::http::Target;
use crate::random::Random;
use crate::scenario::Scenario;

/// Debits sent to one mandate before the next one takes its place: the network numbers them with
/// three digits.
const DEBITS_MAX: u64 = 990;

/// Which mandate is debited next.
pub enum Choice {
    /// Any.
    Spread(Random),
    /// The same again and again, until its debits are used up.
    Hot,
}

/// One debit of one rupee per order.
pub struct Debits {
    orders: Vec<Box<str>>,
    /// Token and customer.
    mandates: Vec<(Box<str>, Box<str>)>,
    choice: Choice,
    sent: u64,
    taken: u64,
    pending: u64,
    json: String,
}

impl Debits {
    /// `orders`: ids, one per line, used in turn. `mandates`: token and customer, one pair per line.
    pub fn new(orders: &str, mandates: &str, choice: Choice) -> Result<Debits, String> {
        let orders: Vec<Box<str>> = orders.lines().map(Box::from).collect();
        let pair = |line: &str| {
            let (token, customer) = line.split_once(' ')?;
            Some((Box::from(token), Box::from(customer)))
        };
        let mandates: Option<Vec<_>> = mandates.lines().map(pair).collect();
        let mandates = mandates.filter(|mandates| !mandates.is_empty());
        let mandates = mandates.ok_or("no mandates: a line is a token and its customer")?;
        if orders.is_empty() {
            return Err("no orders".to_owned());
        }
        let (sent, taken, pending) = (0, 0, 0);
        Ok(Debits { orders, mandates, choice, sent, taken, pending, json: String::new() })
    }
}

impl Scenario for Debits {
    type Sent = ();

    fn name(&self) -> &'static str {
        "debits"
    }

    fn is_used_up(&self) -> bool {
        let used = match self.choice {
            Choice::Spread(_) => 0,
            Choice::Hot => self.sent / DEBITS_MAX,
        };
        self.sent >= self.orders.len() as u64 || used >= self.mandates.len() as u64
    }

    fn request(&mut self, target: &Target, out: &mut Vec<u8>) {
        let mandate = match &mut self.choice {
            Choice::Spread(random) => random.below(self.mandates.len() as u64),
            Choice::Hot => self.sent / DEBITS_MAX,
        };
        let (token, customer) = &self.mandates[mandate as usize];
        let order = &self.orders[self.sent as usize];
        self.sent += 1;
        self.json.clear();
        write!(
            self.json,
            r#"{{"amount":100,"currency":"INR","order_id":"{order}","customer_id":"{customer}","token":"{token}","recurring":"1","contact":"9000012345","email":"payer@example.test"}}"#,
        )
        .expect("memory");
        target.post("/v1/payments/create/json", &self.json, out);
    }

    fn answered(&mut self, (): (), body: &[u8]) {
        let mark = b"razorpay_signature";
        if body.windows(mark.len()).any(|part| part == mark) {
            self.taken += 1;
        } else {
            self.pending += 1;
        }
    }

    /// Over the whole run, with the warm-up: what the server's books must show.
    fn numbers(&self) -> Vec<(&'static str, u64)> {
        vec![("total_debited", self.taken), ("total_pending", self.pending)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(debits: &mut Debits) -> String {
        let target = Target::new("http://127.0.0.1:1", None).unwrap();
        let mut out = vec![];
        debits.request(&target, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_order_is_debited_once() {
        let random = Random::new(1);
        let mut debits =
            Debits::new("order_1\norder_2\n", "token_1 cust_1\n", Choice::Spread(random)).unwrap();
        let first = sent(&mut debits);
        let pair = r#""order_id":"order_1","customer_id":"cust_1","token":"token_1""#;
        assert!(first.contains(pair), "{first}");
        assert!(sent(&mut debits).contains("order_2"));
        assert!(debits.is_used_up());
        debits.answered((), br#"{"razorpay_payment_id":"pay_1","razorpay_signature":"00"}"#);
        debits.answered((), br#"{"razorpay_payment_id":"pay_2","next":[]}"#);
        assert_eq!(debits.numbers(), [("total_debited", 1), ("total_pending", 1)]);
    }

    #[test]
    fn a_hot_mandate_is_used_up_before_the_next() {
        let orders = "order_1\n".repeat(2_000);
        let mut debits = Debits::new(&orders, "token_1 c\ntoken_2 c\n", Choice::Hot).unwrap();
        let mut tokens = vec![];
        while !debits.is_used_up() {
            tokens.push(sent(&mut debits).contains("token_1"));
        }
        assert_eq!(tokens.len() as u64, 2 * DEBITS_MAX);
        assert!(tokens.iter().is_sorted_by(|a, b| a >= b));
        assert_eq!(tokens.iter().filter(|first| **first).count() as u64, DEBITS_MAX);
    }

    #[test]
    fn files_must_hold_something() {
        assert!(Debits::new("", "token_1 cust_1", Choice::Hot).is_err());
        assert!(Debits::new("order_1", "", Choice::Hot).is_err());
        assert!(Debits::new("order_1", "token_1", Choice::Hot).is_err());
    }
}
