//! One record of 306 bytes: values in and out of its fields by the tables.

use vasool_core::money::Paise;

use super::error::Why;
use super::layout::{Field, Kind, Name, RECORD_BYTES, find};
use crate::day::Day;

/// A record of one table.
pub(crate) struct Record {
    bytes: [u8; RECORD_BYTES],
    table: &'static [Field],
}

/// A field's name with what is wrong in it; the caller knows the line.
pub(crate) type FieldResult<T> = Result<T, (Name, Why)>;

impl Record {
    pub(crate) fn blank(table: &'static [Field]) -> Record {
        Record { bytes: [b' '; RECORD_BYTES], table }
    }

    /// A record that was read; `None` when it has another length.
    pub(crate) fn from_line(line: &[u8], table: &'static [Field]) -> Option<Record> {
        Some(Record { bytes: line.try_into().ok()?, table })
    }

    pub(crate) fn bytes(&self) -> &[u8; RECORD_BYTES] {
        &self.bytes
    }

    fn slot(&mut self, field: &Field) -> &mut [u8] {
        &mut self.bytes[field.start - 1..field.start - 1 + field.length]
    }

    fn raw(&self, name: Name) -> &[u8] {
        let field = find(self.table, name);
        &self.bytes[field.start - 1..field.start - 1 + field.length]
    }

    /// Puts text at the left of its field. Blanks around it are dropped: they could not be told
    /// from the padding when it is read.
    pub(crate) fn put_text(&mut self, name: Name, text: &str) -> FieldResult<()> {
        let (field, text) = (find(self.table, name), text.trim_matches(' '));
        debug_assert_eq!(field.kind, Kind::Text);
        if !text.bytes().all(is_printable) {
            return Err((name, Why::NotPrintable));
        }
        let slot = self.slot(field);
        let left = slot.get_mut(..text.len()).ok_or((name, Why::TooLong))?;
        left.copy_from_slice(text.as_bytes());
        Ok(())
    }

    /// Puts text that may not be empty.
    pub(crate) fn put_required(&mut self, name: Name, text: &str) -> FieldResult<()> {
        if text.trim_matches(' ').is_empty() {
            return Err((name, Why::Missing));
        }
        self.put_text(name, text)
    }

    /// Puts a number at the right of its field, behind zeros.
    pub(crate) fn put_number(&mut self, name: Name, number: u64) -> FieldResult<()> {
        let field = find(self.table, name);
        debug_assert_eq!(field.kind, Kind::Number);
        let digits = format!("{number:0width$}", width = field.length);
        if digits.len() > field.length {
            return Err((name, Why::TooLong));
        }
        self.slot(field).copy_from_slice(digits.as_bytes());
        Ok(())
    }

    pub(crate) fn put_amount(&mut self, name: Name, amount: Paise) -> FieldResult<()> {
        // An amount is never negative.
        self.put_number(name, amount.get().unsigned_abs())
    }

    pub(crate) fn put_date(&mut self, name: Name, day: Day) {
        let field = find(self.table, name);
        debug_assert_eq!(field.kind, Kind::Date);
        self.slot(field).copy_from_slice(day.to_compact().as_bytes());
    }

    /// Text without the blanks around it.
    pub(crate) fn text(&self, name: Name) -> FieldResult<String> {
        let raw = self.raw(name);
        if !raw.iter().copied().all(is_printable) {
            return Err((name, Why::NotPrintable));
        }
        Ok(String::from_utf8_lossy(raw).trim_matches(' ').to_owned())
    }

    pub(crate) fn required(&self, name: Name) -> FieldResult<String> {
        let text = self.text(name)?;
        if text.is_empty() { Err((name, Why::Missing)) } else { Ok(text) }
    }

    pub(crate) fn number(&self, name: Name) -> FieldResult<u64> {
        let mut number = 0_u64;
        // Thirteen digits, the longest field, fit.
        for byte in self.raw(name) {
            if !byte.is_ascii_digit() {
                return Err((name, Why::NotDigits));
            }
            number = number * 10 + u64::from(byte - b'0');
        }
        Ok(number)
    }

    pub(crate) fn amount(&self, name: Name) -> FieldResult<Paise> {
        let number = i64::try_from(self.number(name)?).ok();
        number.and_then(Paise::new).ok_or((name, Why::WrongAmount))
    }

    pub(crate) fn date(&self, name: Name) -> FieldResult<Day> {
        let text = std::str::from_utf8(self.raw(name)).ok();
        text.and_then(Day::from_compact).ok_or((name, Why::NotADate))
    }

    /// The one byte of a field of one byte.
    pub(crate) fn byte(&self, name: Name) -> u8 {
        self.raw(name)[0]
    }
}

fn is_printable(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte)
}

/// A text as a fixed field can carry it: printable ASCII, everything else a blank, blanks joined,
/// cut at `length`. Our choice: names of payers come from the API in any script and length.
pub fn fit(text: &str, length: usize) -> String {
    let mut fitted = String::new();
    for c in text.chars() {
        let c = if c.is_ascii_graphic() { c } else { ' ' };
        if c == ' ' && (fitted.is_empty() || fitted.ends_with(' ')) {
            continue;
        }
        if fitted.len() == length {
            break;
        }
        fitted.push(c);
    }
    fitted.truncate(fitted.trim_end().len());
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ach::layout::DETAIL;

    #[test]
    fn text_is_left_and_numbers_are_right() {
        let mut record = Record::blank(DETAIL);
        record.put_text(Name::Narration, " rent ").unwrap();
        record.put_amount(Name::Amount, Paise::new(49_900).unwrap()).unwrap();
        assert_eq!(&record.bytes()[87..107], b"rent                ");
        assert_eq!(&record.bytes()[120..133], b"0000000049900");
        assert_eq!(record.text(Name::Narration).unwrap(), "rent");
        assert_eq!(record.amount(Name::Amount).unwrap().get(), 49_900);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut record = Record::blank(DETAIL);
        let long = record.put_text(Name::Narration, "123456789012345678901");
        assert!(matches!(long, Err((Name::Narration, Why::TooLong))));
        let script = record.put_text(Name::AccountHolder, "आशा");
        assert!(matches!(script, Err((_, Why::NotPrintable))));
        let number = record.put_number(Name::Amount, 10_000_000_000_000);
        assert!(matches!(number, Err((Name::Amount, Why::TooLong))));
        assert!(matches!(record.number(Name::Amount), Err((_, Why::NotDigits))));
    }

    #[test]
    fn a_text_is_fitted() {
        assert_eq!(fit("  Asha   Verma\t(आशा) & Sons ", 40), "Asha Verma ( ) & Sons");
        assert_eq!(fit("abcdef", 3), "abc");
        assert_eq!(fit("ab cdef", 3), "ab");
        assert_eq!(fit("आशा", 3), "");
    }
}
