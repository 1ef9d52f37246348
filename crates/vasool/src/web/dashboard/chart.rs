//! What was collected by hour and rail, as a picture that needs no script, and as a table.

use std::fmt::Write as _;

use vasool_core::money::Paise;

use super::figures::Figures;
use crate::format::rupees;

const WIDTH: i64 = 720;
const HEIGHT: i64 = 190;
/// Room above the highest bar, and below for the hours.
const TOP: i64 = 18;
const FLOOR: i64 = 166;
const HOURS: i64 = 24;
/// Width of one hour, and of its bar.
const STEP: i64 = WIDTH / HOURS;
const BAR: i64 = STEP - 6;

/// Rails in the order they are stacked, with the words for people and the class of their colour. What
/// is none of these is the last.
const RAILS: [(&str, &str, &str); 5] = [
    ("UPI", "UPI", "r1"),
    ("NEFT", "NEFT", "r2"),
    ("RTGS", "RTGS", "r3"),
    ("IMPS", "IMPS", "r4"),
    ("", "NACH and others", "r5"),
];

/// Paise collected in each hour, by rail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    hours: [[i64; RAILS.len()]; HOURS as usize],
}

/// One rail of a day.
pub struct RailTotal {
    /// Its words.
    pub words: &'static str,
    /// The class of its colour.
    pub class: &'static str,
    /// Together.
    pub amount: String,
}

impl Chart {
    /// The chart of a day.
    pub fn of(figures: &Figures) -> Chart {
        let mut hours = [[0; RAILS.len()]; HOURS as usize];
        for row in &figures.hours {
            let rail = RAILS.iter().position(|(name, ..)| row.rail.eq_ignore_ascii_case(name));
            let hour = usize::try_from(row.hour).ok().and_then(|hour| hours.get_mut(hour));
            if let Some(hour) = hour {
                hour[rail.unwrap_or(RAILS.len() - 1)] += row.amount;
            }
        }
        Chart { hours }
    }

    /// The rails that brought something, with what they brought.
    pub fn rails(&self) -> Vec<RailTotal> {
        let total = |at: usize| self.hours.iter().map(|hour| hour[at]).sum::<i64>();
        let all = RAILS.iter().enumerate().map(|(at, (_, words, class))| (at, *words, *class));
        all.filter(|(at, ..)| total(*at) > 0)
            .map(|(at, words, class)| RailTotal { words, class, amount: in_rupees(total(at)) })
            .collect()
    }

    /// The hours in which something came, with what came.
    pub fn table(&self) -> Vec<(String, String)> {
        let sums = self.hours.iter().map(|hour| hour.iter().sum::<i64>()).enumerate();
        sums.filter(|(_, sum)| *sum > 0)
            .map(|(hour, sum)| (format!("{hour:02}:00 to {:02}:00", hour + 1), in_rupees(sum)))
            .collect()
    }

    /// The picture. Nothing in it comes from outside but numbers.
    pub fn svg(&self) -> String {
        let highest = self.hours.iter().map(|hour| hour.iter().sum::<i64>()).max().unwrap_or(0);
        let mut svg = format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             aria-label=\"Collected by hour\"><line x1=\"0\" x2=\"{WIDTH}\" y1=\"{FLOOR}\" \
             y2=\"{FLOOR}\"/>"
        );
        if highest > 0 {
            let text = in_rupees(highest);
            let _ = write!(
                svg,
                "<line x1=\"0\" x2=\"{WIDTH}\" y1=\"{TOP}\" y2=\"{TOP}\" stroke-dasharray=\"2 4\"/>\
                 <text x=\"0\" y=\"{}\">{text}</text>",
                TOP - 5
            );
        }
        for (at, hour) in (0..).zip(&self.hours) {
            let mut y = FLOOR;
            for (amount, (_, _, class)) in hour.iter().zip(RAILS) {
                let height = bar_height(*amount, highest);
                y -= height;
                if height > 0 {
                    let x = at * STEP + 3;
                    let _ = write!(
                        svg,
                        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{BAR}\" \
                         height=\"{height}\"/>"
                    );
                }
            }
            if at % 6 == 0 {
                let (x, y) = (at * STEP + 3, HEIGHT - 6);
                let _ = write!(svg, "<text x=\"{x}\" y=\"{y}\">{at:02}:00</text>");
            }
        }
        svg + "</svg>"
    }
}

/// Height of a part of a bar; what is there at all can be seen.
fn bar_height(amount: i64, highest: i64) -> i64 {
    if amount <= 0 || highest <= 0 {
        return 0;
    }
    let height = i128::from(amount) * i128::from(FLOOR - TOP) / i128::from(highest);
    i64::try_from(height).unwrap_or(0).max(1)
}

/// A sum of amounts, each of which is none below zero.
fn in_rupees(paise: i64) -> String {
    rupees(Paise::new(paise).unwrap_or(Paise::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion() {
        assert_eq!(bar_height(500, 1_000), (FLOOR - TOP) / 2);
        assert_eq!(bar_height(1_000, 1_000), FLOOR - TOP);
        assert_eq!((bar_height(1, i64::MAX), bar_height(0, 10), bar_height(0, 0)), (1, 0, 0));
    }

    #[test]
    fn rails_are_stacked_and_named() {
        let mut hours = [[0; RAILS.len()]; HOURS as usize];
        hours[9] = [100, 0, 0, 0, 300];
        let chart = Chart { hours };
        let rails: Vec<(&str, String)> =
            chart.rails().into_iter().map(|rail| (rail.words, rail.amount)).collect();
        let want = [("UPI", "₹1.00".to_owned()), ("NACH and others", "₹3.00".to_owned())];
        assert_eq!(rails, want);
        assert_eq!(chart.table(), [("09:00 to 10:00".to_owned(), "₹4.00".to_owned())]);
        let svg = chart.svg();
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(svg.contains("₹4.00"));
    }
}
