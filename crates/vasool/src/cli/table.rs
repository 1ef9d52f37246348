//! Tables for terminals: columns as wide as what is in them, numbers to the right.

use super::say;

/// Where a column's texts stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Texts.
    Left,
    /// Numbers and amounts.
    Right,
}

/// A table of rows under titles.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(String, Side)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: &[(&str, Side)]) -> Table {
        let columns = columns.iter().map(|(title, side)| ((*title).to_owned(), *side)).collect();
        Table { columns, rows: vec![] }
    }

    /// One row more, a text per column.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Rows of texts.
    pub fn rows(&mut self, rows: Vec<Vec<String>>) {
        self.rows.extend(rows);
    }

    /// The lines, titles first.
    pub fn lines(&self) -> Vec<String> {
        let width = |text: &str| text.chars().count();
        let widest = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell));
            cells.chain([width(&self.columns[at].0)]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(widest).collect();
        let titles: Vec<String> = self.columns.iter().map(|(title, _)| title.clone()).collect();
        let line = |cells: &Vec<String>| {
            let mut line = String::new();
            for (at, ((_, side), cell)) in self.columns.iter().zip(cells).enumerate() {
                let gap = " ".repeat(widths[at].saturating_sub(width(cell)));
                if at > 0 {
                    line += "  ";
                }
                match side {
                    Side::Left => line.extend([cell.as_str(), gap.as_str()]),
                    Side::Right => line.extend([gap.as_str(), cell.as_str()]),
                }
            }
            line.trim_end().to_owned()
        };
        std::iter::once(&titles).chain(&self.rows).map(line).collect()
    }

    /// Prints it.
    pub fn say(&self) {
        self.lines().iter().for_each(|line| say(line));
    }
}

/// Names and values, the values in one column.
pub fn say_pairs(pairs: &[(String, String)]) {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, value) in pairs {
        say(&format!("{name:<width$}  {value}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let mut table = Table::new(&[("NAME", Side::Left), ("PAID", Side::Right)]);
        table.row(["Blue Lotus".to_owned(), "₹5.00".to_owned()]);
        table.row(["x".to_owned(), "₹1,00,000.00".to_owned()]);
        let expected =
            ["NAME                PAID", "Blue Lotus         ₹5.00", "x           ₹1,00,000.00"];
        assert_eq!(table.lines(), expected);
    }
}
