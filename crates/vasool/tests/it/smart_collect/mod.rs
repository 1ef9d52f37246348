//! Rows SC-01 to SC-123, as far as virtual accounts with a bank-account receiver go.

mod credits;
