//! Who holds a UPI address, as the sandbox's banks know it. Source: common 12.2, decisions 35.

/// What a bank of the sandbox says of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Its holder's name.
    Holder(String),
    /// The bank does not know it.
    Nobody,
    /// It is no address at all.
    Malformed,
}

/// People of the contracts whose names their addresses do not tell.
const PEOPLE: &[(&str, &str)] = &[("meera", "MEERA IYER"), ("testpayer", "TEST PAYER")];

/// The holder of an address (lower case). Every address has one but those that stand for a
/// failure; the name is made of the words before the `@`, in capitals as banks print it.
pub fn holder(address: &str) -> Known {
    match address {
        "failure@razorpay" => return Known::Nobody,
        "fail.invalid_vpa@sandbox" => return Known::Malformed,
        _ => {}
    }
    let username = address.split('@').next().unwrap_or(address);
    if let Some((_, name)) = PEOPLE.iter().find(|(known, _)| *known == username) {
        return Known::Holder((*name).to_owned());
    }
    let words: Vec<String> = username
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_uppercase)
        .collect();
    // A telephone number tells no name.
    Known::Holder(if words.is_empty() { "TEST PAYER".to_owned() } else { words.join(" ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cm_123_names() {
        for (address, name) in [
            ("meera@examplebank", "MEERA IYER"),
            ("arun.kumar2@okaxis", "ARUN KUMAR"),
            ("9000012345@upi", "TEST PAYER"),
            ("success@razorpay", "SUCCESS"),
        ] {
            assert_eq!(holder(address), Known::Holder(name.to_owned()), "{address}");
        }
        assert_eq!(holder("failure@razorpay"), Known::Nobody);
        assert_eq!(holder("fail.invalid_vpa@sandbox"), Known::Malformed);
    }
}
