//! The rules of payment collection.
