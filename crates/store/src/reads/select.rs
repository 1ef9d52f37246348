//! Builds the statements of reads, which both databases understand.

use crate::columns::{JOIN_LAST_LINE, Record, Value, account_columns};
use crate::reads::Page;

/// A `SELECT` that grows condition by condition, with numbered places.
pub struct Select {
    columns: String,
    /// What is read, and the name it is known by in conditions, with a dot; empty without one.
    from: String,
    /// The part of it that a search for the ids of a page needs.
    search_from: String,
    alias: &'static str,
    conditions: String,
    pub params: Vec<Value<'static>>,
    /// `ORDER BY` and what follows, or nothing.
    tail: String,
}

impl Select {
    /// Rows of one table.
    pub fn from<T: Record>() -> Select {
        Select::columns(&T::TABLE.column_list(), T::TABLE.name, "")
    }

    /// Accounts `v` with the totals of their last statement line `l`.
    pub fn accounts() -> Select {
        let from = format!("virtual_accounts v {JOIN_LAST_LINE}");
        let select = Select::columns(&account_columns(), &from, "v.");
        Select { search_from: "virtual_accounts v".to_owned(), ..select }
    }

    /// Columns of a table under an alias (with a dot), or of a join.
    pub fn columns(columns: &str, from: &str, alias: &'static str) -> Select {
        Select {
            columns: columns.to_owned(),
            from: from.to_owned(),
            search_from: from.to_owned(),
            alias,
            conditions: String::new(),
            params: vec![],
            tail: String::new(),
        }
    }

    /// A condition that ends in an operator, and what it compares with.
    pub fn and(self, condition: &str, value: impl Into<Value<'static>>) -> Select {
        let place = self.params.len() + 1;
        self.and_sql(&format!("{condition} ${place}"), vec![value.into()])
    }

    /// The same, unless there is nothing to compare with.
    pub fn and_opt<T: Into<Value<'static>>>(self, condition: &str, value: Option<T>) -> Select {
        match value {
            Some(value) => self.and(condition, value),
            None => self,
        }
    }

    /// A condition with places of its own, numbered from [`Select::next_place`].
    pub fn and_sql(mut self, condition: &str, params: Vec<Value<'static>>) -> Select {
        self.conditions += if self.conditions.is_empty() { " WHERE " } else { " AND " };
        self.conditions += condition;
        self.params.extend(params);
        self
    }

    /// A text somewhere in a column, without regard to the case of ASCII letters.
    pub fn and_contains(self, column: &str, text: &str) -> Select {
        let place = self.next_place();
        let condition = format!("lower({column}) LIKE ${place} ESCAPE '!'");
        self.and_sql(&condition, vec![contains_pattern(text).into()])
    }

    /// The number of the next place.
    pub fn next_place(&self) -> usize {
        self.params.len() + 1
    }

    /// In this order.
    pub fn order_by(mut self, order: &str) -> Select {
        self.tail = format!(" ORDER BY {order}");
        self
    }

    /// At most `count` rows after leaving out `skip`.
    pub fn limit(mut self, count: i64, skip: i64) -> Select {
        let place = self.next_place();
        self.params.push(Value::Int(count));
        self.params.push(Value::Int(skip));
        self.tail += &format!(" LIMIT ${place} OFFSET ${}", place + 1);
        self
    }

    /// One page, newest first.
    pub fn page(self, page: Page) -> Select {
        self.page_by(page, "DESC")
    }

    /// One page, oldest first. Source: common 4.1, payments of an order.
    pub fn page_oldest_first(self, page: Page) -> Select {
        self.page_by(page, "ASC")
    }

    /// The ids of the page are found first, in the index alone, so that leaving out many rows reads
    /// none of them.
    fn page_by(self, page: Page, direction: &str) -> Select {
        let alias = self.alias;
        let select = self
            .and_opt(&format!("{alias}created_at >="), page.from.map(|at| at.0))
            .and_opt(&format!("{alias}created_at <="), page.to.map(|at| at.0));
        let order = format!("{alias}created_at {direction}, {alias}id {direction}");
        let mut select = select.order_by(&order).limit(page.count, page.skip);
        let (from, conditions, tail) = (&select.search_from, &select.conditions, &select.tail);
        select.conditions =
            format!(" WHERE {alias}id IN (SELECT {alias}id FROM {from}{conditions}{tail})");
        select.order_by(&order)
    }

    /// Lets conditions of a page ask for what the search for its ids leaves out otherwise.
    pub fn searching_all(mut self) -> Select {
        self.search_from = self.from.clone();
        self
    }

    /// Names the index a search for the ids of a page must use. SQLite keeps no statistics and
    /// would take any index of the right order.
    pub fn searching_by(mut self, index: &str) -> Select {
        self.search_from += &format!(" INDEXED BY {index}");
        self
    }

    /// The statement.
    pub fn sql(&self) -> String {
        format!("SELECT {} FROM {}{}{}", self.columns, self.from, self.conditions, self.tail)
    }
}

/// A pattern that finds a text anywhere, itself taken literally.
pub fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_ascii_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
