//! Round trips of anything that can be written, and what a reader does with anything else.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn any_text(length: usize) -> impl Strategy<Value = String> {
    "[ -~]{0,40}".prop_map(move |text| fit(&text, length))
}

fn any_required(length: usize) -> impl Strategy<Value = String> {
    any_text(length).prop_filter("not empty", |text| !text.is_empty())
}

prop_compose! {
    fn any_batch()(
        names in (any_required(40), any_text(9), any_text(10), any_text(10), any_text(18)),
        limit in 0..10_000_000_000_000i64,
        seconds in 0..250_000_000_000i64,
        user_number in any_required(18),
        bank in any_required(11),
        account in any_text(35),
        cycle in any_text(2),
    ) -> Batch {
        Batch {
            user_name: names.0,
            file_number: names.1,
            user_limit: paise(limit),
            settlement_on: Day::at(vasool_core::time::Time(seconds)),
            file_sequence: names.2,
            checksum: names.3,
            user_number,
            user_reference: names.4,
            sponsor_bank: bank,
            user_account: account,
            settlement_cycle: cycle,
        }
    }
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let code = "[0-9A-Z]{2}".prop_filter("a failure", |code| code != "00");
    (0..4_usize, code).prop_map(|(kind, code)| {
        let code = Code::new(&code).unwrap();
        [Outcome::Accepted, Outcome::Returned(code), Outcome::Rejected(code), Outcome::Extended]
            [kind]
    })
}

prop_compose! {
    fn any_item()(
        account_type in prop::sample::select(vec![10u8, 11, 12, 13, 29, 30, 31]),
        amount in 1..10_000_000_000i64,
        texts in (
            any_required(40), any_text(20), any_required(11), any_required(35), any_required(11),
            any_required(30), any_text(3), any_required(20),
        ),
        stamp in (any_text(3), any_text(10), any_text(10)),
        outcome in option::of(any_outcome()),
    ) -> Item {
        Item {
            debit: Debit {
                account_type: AccountType::from_code(account_type).unwrap(),
                holder: texts.0,
                narration: texts.1,
                amount: paise(amount),
                destination_bank: texts.2,
                destination_account: texts.3,
                sponsor_bank: texts.4,
                user_number: String::new(),
                reference: texts.5,
                product: texts.6,
                umrn: texts.7,
            },
            stamp: Stamp { settlement: stamp.0, sequence: stamp.1, checksum: stamp.2 },
            outcome,
        }
    }
}

fn any_kind() -> impl Strategy<Value = FileKind> {
    use FileKind::{Input, Inward, Response, Return};
    prop::sample::select(vec![Input, Response, Inward, Return])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(
        kind in any_kind(), batch in any_batch(), mut items in vec(any_item(), 0..6),
    ) {
        for item in &mut items {
            item.debit.user_number = batch.user_number.clone();
            let outcome = item.outcome.unwrap_or(Outcome::Accepted);
            item.outcome = kind.has_outcomes().then_some(outcome);
        }
        let mut file = vec![];
        let totals = write(&mut file, kind, Dialect::default(), &batch, items.iter()).unwrap();
        prop_assert_eq!(read(kind, &file).unwrap(), (batch, totals, items));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_read_or_refused(kind in any_kind(), bytes in vec(any::<u8>(), 0..4000)) {
        let _ = read(kind, &bytes);
    }

    /// A good file with a few bytes changed: what is still read, is written again to the byte where
    /// its blanks are.
    #[test]
    fn any_damage_is_read_or_refused(
        kind in any_kind(), changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let items: Vec<Item> = answered()
            .into_iter()
            .map(|item| Item { outcome: item.outcome.filter(|_| kind.has_outcomes()), ..item })
            .collect();
        let mut file = text(kind, &items);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok((_, totals, items)) = read(kind, &file) {
            let sum: i64 = items.iter().map(|item| item.debit.amount.get()).sum();
            prop_assert_eq!((totals.count as usize, totals.amount.get()), (items.len(), sum));
        }
    }
}
