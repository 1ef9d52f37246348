//! What the network answers, in its own codes, and what each means to us. Source: rails 3.7.

use super::MandateFault;

/// Codes of one meaning.
#[derive(Debug)]
pub struct NpciCode {
    /// As the network spells them.
    pub codes: &'static [&'static str],
    /// What they mean, in a few words.
    pub meaning: &'static str,
    /// What follows from them.
    pub outcome: NpciOutcome,
}

/// What follows from a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NpciOutcome {
    /// Done.
    Success,
    /// Not decided: the status must be asked for.
    Pending,
    /// Refused, with this row of the table of reserve-pay 15.
    Failed(u8),
    /// Refused because of what became of the mandate, which the payer's side knows first.
    Ended(MandateFault),
}

/// Outcomes whose reason is in a second code. Source: rails 3.7.
const PAIRED: [&str; 3] = ["U30", "U31", "U67"];
/// A code that the table does not know: the gateway's fault, not the payer's.
const UNKNOWN: NpciOutcome = NpciOutcome::Failed(15);

/// What an answer means: `code`, and the bank's own code where the network sends one beside it.
/// A code nobody has written down is a fault of the gateway.
pub fn outcome_of(code: &str, bank: Option<&str>) -> NpciOutcome {
    let known = |code: &str| {
        NPCI_CODES.iter().find(|known| known.codes.contains(&code)).map(|known| known.outcome)
    };
    let paired = bank.filter(|_| PAIRED.contains(&code)).and_then(known);
    // A bank's yes beside a no of the network decides nothing.
    let paired = paired.filter(|outcome| *outcome != NpciOutcome::Success);
    paired.or_else(|| known(code)).unwrap_or(UNKNOWN)
}

/// The table. Reasons the table of reserve-pay 15 does not have became their nearest: wrong, missing
/// and used-up PINs are one row, and so are credits that failed.
#[rustfmt::skip]
pub static NPCI_CODES: &[NpciCode] = &[
    NpciCode { codes: &["00"], meaning: "success", outcome: NpciOutcome::Success },
    NpciCode { codes: &["01"], meaning: "pending", outcome: NpciOutcome::Pending },
    NpciCode { codes: &["Z9"], meaning: "insufficient funds in remitter account", outcome: NpciOutcome::Failed(18) },
    NpciCode { codes: &["ZM"], meaning: "wrong UPI PIN", outcome: NpciOutcome::Failed(17) },
    NpciCode { codes: &["Z6"], meaning: "PIN tries exceeded", outcome: NpciOutcome::Failed(17) },
    NpciCode { codes: &["AM"], meaning: "PIN not set", outcome: NpciOutcome::Failed(17) },
    NpciCode { codes: &["ZA"], meaning: "declined by customer", outcome: NpciOutcome::Failed(33) },
    NpciCode { codes: &["Z7"], meaning: "frequency limit (remitter bank)", outcome: NpciOutcome::Failed(43) },
    NpciCode { codes: &["Z8"], meaning: "per-transaction limit (remitter bank)", outcome: NpciOutcome::Failed(44) },
    NpciCode { codes: &["ZU"], meaning: "remitting bank limit", outcome: NpciOutcome::Failed(24) },
    NpciCode { codes: &["U02", "U03"], meaning: "amount cap, net debit cap", outcome: NpciOutcome::Failed(44) },
    NpciCode { codes: &["FL", "FP"], meaning: "first-transaction ₹5,000 limit; 24 h cooling period", outcome: NpciOutcome::Failed(44) },
    NpciCode { codes: &["PS"], meaning: "maximum balance exceeded", outcome: NpciOutcome::Failed(11) },
    NpciCode { codes: &["QL"], meaning: "beyond the PSP's mandate cap", outcome: NpciOutcome::Failed(25) },
    NpciCode { codes: &["QK", "VK"], meaning: "mandate request limit; too many mandates", outcome: NpciOutcome::Failed(26) },
    NpciCode { codes: &["VS", "U01"], meaning: "duplicate mandate; duplicate request", outcome: NpciOutcome::Failed(14) },
    NpciCode { codes: &["NO", "VF"], meaning: "original not found; UMN does not exist", outcome: NpciOutcome::Failed(30) },
    NpciCode { codes: &["VL", "VM"], meaning: "not allowed on CC/PF/PPF; nature of debit", outcome: NpciOutcome::Failed(28) },
    NpciCode { codes: &["VG", "VY", "ZH", "ZG", "ZE"], meaning: "VPA wrong, unknown, restricted, not permitted", outcome: NpciOutcome::Failed(22) },
    NpciCode { codes: &["XH", "XI", "B3"], meaning: "account does not exist; type not permitted", outcome: NpciOutcome::Failed(2) },
    NpciCode { codes: &["X6", "X7"], meaning: "merchant invalid or unreachable", outcome: NpciOutcome::Failed(21) },
    NpciCode { codes: &["B1"], meaning: "mobile number changed", outcome: NpciOutcome::Failed(27) },
    NpciCode { codes: &["ZX", "ZY"], meaning: "dormant/inactive account", outcome: NpciOutcome::Failed(13) },
    NpciCode { codes: &["YE", "YF", "VO", "VZ"], meaning: "frozen; court order; attachment", outcome: NpciOutcome::Failed(13) },
    NpciCode { codes: &["VP", "VQ"], meaning: "death; insolvency", outcome: NpciOutcome::Failed(13) },
    NpciCode { codes: &["59", "K1", "U16", "M16", "ZI"], meaning: "fraud/risk decline", outcome: NpciOutcome::Failed(36) },
    NpciCode { codes: &["XV", "XW", "TM", "S0", "S1", "S2", "S3"], meaning: "compliance; requester blocked; spam", outcome: NpciOutcome::Failed(46) },
    NpciCode { codes: &["YC", "YD"], meaning: "do not honour", outcome: NpciOutcome::Failed(32) },
    NpciCode { codes: &["U69"], meaning: "collect request expired", outcome: NpciOutcome::Failed(31) },
    NpciCode { codes: &["UX", "VU", "QD"], meaning: "VPA or mandate expired", outcome: NpciOutcome::Failed(37) },
    NpciCode { codes: &["VA", "QC"], meaning: "mandate revoked", outcome: NpciOutcome::Ended(MandateFault::Cancelled) },
    NpciCode { codes: &["VT", "QA"], meaning: "mandate paused", outcome: NpciOutcome::Ended(MandateFault::Paused) },
    NpciCode { codes: &["VE", "QB"], meaning: "already honoured", outcome: NpciOutcome::Failed(14) },
    NpciCode { codes: &["VB", "VC", "VD", "VI", "QH"], meaning: "recurrence/amount/day mismatch", outcome: NpciOutcome::Failed(12) },
    NpciCode { codes: &["IC", "ID", "IE"], meaning: "amount not blocked; debit above the block; funds blocked for another mandate", outcome: NpciOutcome::Failed(12) },
    NpciCode { codes: &["VH", "U14"], meaning: "signature tampered; encryption error", outcome: NpciOutcome::Failed(19) },
    NpciCode { codes: &["U30"], meaning: "debit failed (outcome)", outcome: NpciOutcome::Failed(12) },
    NpciCode { codes: &["U31"], meaning: "credit failed (outcome)", outcome: NpciOutcome::Failed(11) },
    NpciCode { codes: &["U67", "UT"], meaning: "debit / remitter timeout", outcome: NpciOutcome::Failed(40) },
    NpciCode { codes: &["BT", "U68", "RB"], meaning: "beneficiary timeout; credit reversal timeout (deemed)", outcome: NpciOutcome::Pending },
    NpciCode { codes: &["U28", "XY", "Y1", "HS"], meaning: "remitter bank/CBS/HSM down", outcome: NpciOutcome::Failed(4) },
    NpciCode { codes: &["U78"], meaning: "beneficiary bank offline", outcome: NpciOutcome::Failed(11) },
    NpciCode { codes: &["UP", "U09", "U20", "X1"], meaning: "PSP or auth timeout; no answer in TAT", outcome: NpciOutcome::Failed(40) },
    NpciCode { codes: &["U17", "U18"], meaning: "PSP not registered; no auth acknowledgement", outcome: NpciOutcome::Failed(23) },
    NpciCode { codes: &["U08", "IR", "UB", "XB", "XC"], meaning: "system exception, catch-all", outcome: NpciOutcome::Failed(15) },
    NpciCode { codes: &["U66"], meaning: "device fingerprint mismatch", outcome: NpciOutcome::Failed(46) },
    NpciCode { codes: &["U70", "U80", "U82", "U85", "U86", "U87", "U88", "U89"], meaning: "late response, throttle, connect/read timeouts", outcome: NpciOutcome::Failed(5) },
    NpciCode { codes: &["DF", "DT"], meaning: "duplicate RRN", outcome: NpciOutcome::Failed(15) },
    NpciCode { codes: &["MQ7", "MB7"], meaning: "MCC does not fit purpose; mandate validity above one year", outcome: NpciOutcome::Failed(19) },
    NpciCode { codes: &["MR", "MB"], meaning: "merged bank", outcome: NpciOutcome::Failed(3) },
    NpciCode { codes: &["QU", "VJ"], meaning: "payer account changed", outcome: NpciOutcome::Failed(3) },
    NpciCode { codes: &["ZR", "ZS", "ZT"], meaning: "OTP wrong/expired/tries", outcome: NpciOutcome::Failed(34) },
    NpciCode { codes: &["21", "32"], meaning: "full / partial reversal", outcome: NpciOutcome::Failed(34) },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::row_of_number;

    #[test]
    fn each_code_is_written_once_and_leads_somewhere() {
        let mut all: Vec<&str> = NPCI_CODES.iter().flat_map(|known| known.codes).copied().collect();
        for known in NPCI_CODES {
            if let NpciOutcome::Failed(number) = known.outcome {
                assert!(row_of_number(number).is_some_and(|row| row.number != 47), "{number}");
            }
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn codes_become_rows() {
        let reason = |code, bank| match outcome_of(code, bank) {
            NpciOutcome::Failed(number) => row_of_number(number).unwrap().name(),
            other => format!("{other:?}"),
        };
        for (code, bank, want) in [
            ("Z9", None, "insufficient_funds"),
            ("ZA", None, "payment_declined.2"),
            ("YC", None, "payment_declined.1"),
            ("U30", Some("Z9"), "insufficient_funds"),
            ("U30", Some("00"), "debit_declined"),
            ("U30", None, "debit_declined"),
            ("Z9", Some("ZM"), "insufficient_funds"),
            ("U87", None, "bank_technical_error.1"),
            ("S2", None, "transaction_not_allowed"),
            ("U67", None, "request_timed_out.1"),
            ("??", None, "gateway_technical_error.1"),
            ("00", None, "Success"),
            ("RB", None, "Pending"),
            ("QC", None, "Ended(Cancelled)"),
        ] {
            assert_eq!(reason(code, bank), want, "{code} {bank:?}");
        }
    }
}
