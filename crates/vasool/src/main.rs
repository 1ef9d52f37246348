//! The vasool binary.
fn main() {}
