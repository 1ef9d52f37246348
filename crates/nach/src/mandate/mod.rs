//! Files about mandates, as NPCI's mandate management system (MMS) takes and gives them: a message
//! per mandate in XML, its paper as two images, both in a ZIP archive. Source: rails 5.2, 5.3.
//!
//! Changing a mandate (pain.010) is not here: the API has no such call.

pub mod archive;
mod batch;
mod error;
mod message;
mod model;
mod report;
mod request;
mod xml;

pub use batch::{
    IMAGE_BYTES_MAX, MANDATES_MAX, NamedMessage, SignedRequest, read_messages, read_requests,
    write_messages, write_requests,
};
pub use error::{MandateError, Why};
pub use message::Message;
pub use model::{
    AccountType, Amount, Cancellation, Creditor, Debtor, Decision, Frequency, Header, Member,
    Occurrence, Report, Request, Verdict, is_umrn, paper_umrn,
};

#[cfg(test)]
mod tests;
