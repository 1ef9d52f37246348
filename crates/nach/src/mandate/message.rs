//! The messages as XML, written and read. Source: rails 5.3.

use super::error::{MandateError, Why};
use super::model::{AccountType, Cancellation, Header, Member, Report, Request, is_umrn};
use super::report::{read_cancellation, read_report, write_cancellation, write_report};
use super::request::{read_request, write_request};
use super::xml::{self, Node, Writer};
use crate::day::{from_timestamp, timestamp};

/// Any message about mandates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A mandate to register.
    Request(Box<Request>),
    /// A mandate to end.
    Cancellation(Cancellation),
    /// Decisions.
    Report(Report),
}

pub(super) type Written = Result<(), MandateError>;

/// Characters of an id.
pub(super) const ID_MAX: usize = 35;
/// Characters of a name.
pub(super) const NAME_MAX: usize = 140;

impl Message {
    /// The message as XML.
    ///
    /// Errors when a value does not fit its element, or is no text.
    pub fn to_xml(&self) -> Result<String, MandateError> {
        match self {
            Message::Request(request) => write_request(request),
            Message::Cancellation(cancellation) => write_cancellation(cancellation),
            Message::Report(report) => write_report(report),
        }
    }

    /// Reads a message of at most 1 MiB.
    pub fn from_xml(bytes: &[u8]) -> Result<Message, MandateError> {
        let root = xml::read(bytes)?;
        if !root.is("Document") {
            return Err(MandateError::new("Document", Why::UnknownMessage));
        }
        if let Some(node) = root.optional("MndtInitnReq")? {
            return Ok(Message::Request(Box::new(read_request(node)?)));
        }
        if let Some(node) = root.optional("MndtCxlReq")? {
            return Ok(Message::Cancellation(read_cancellation(node)?));
        }
        if let Some(node) = root.optional("MndtAccptncRpt")? {
            return Ok(Message::Report(read_report(node)?));
        }
        Err(MandateError::new("Document", Why::UnknownMessage))
    }
}

pub(super) fn write_header(writer: &mut Writer, header: &Header) -> Written {
    writer.nest("GrpHdr", |writer| {
        writer.leaf("MsgId", &header.message_id, ID_MAX)?;
        writer.leaf("CreDtTm", &timestamp(header.created_at), ID_MAX)?;
        write_agent(writer, "InstgAgt", &header.from.id, Some(&header.from.name))?;
        write_agent(writer, "InstdAgt", &header.to.id, Some(&header.to.name))
    })
}

pub(super) fn read_header(node: &Node) -> Result<Header, MandateError> {
    let header = node.one("GrpHdr")?;
    let created_at = from_timestamp(&header.text_of("CreDtTm", ID_MAX)?)
        .ok_or(MandateError::new("CreDtTm", Why::NotADate))?;
    let member = |name| {
        let (id, name) = read_agent(header.one(name)?)?;
        Ok(Member { id, name: name.ok_or(MandateError::new("Nm", Why::Missing))? })
    };
    Ok(Header {
        message_id: header.text_of("MsgId", ID_MAX)?,
        created_at,
        from: member("InstgAgt")?,
        to: member("InstdAgt")?,
    })
}

pub(super) fn write_agent(
    writer: &mut Writer,
    element: &'static str,
    id: &str,
    name: Option<&str>,
) -> Written {
    writer.nest(element, |writer| {
        writer.nest("FinInstnId", |writer| {
            writer.nest("ClrSysMmbId", |writer| writer.leaf("MmbId", id, ID_MAX))?;
            writer.optional("Nm", name, NAME_MAX)
        })
    })
}

pub(super) fn read_agent(node: &Node) -> Result<(String, Option<String>), MandateError> {
    let institution = node.one("FinInstnId")?;
    let id = institution.one("ClrSysMmbId")?.text_of("MmbId", ID_MAX)?;
    Ok((id, institution.optional_text("Nm", NAME_MAX)?))
}

pub(super) fn write_account(
    writer: &mut Writer,
    element: &'static str,
    number: &str,
    kind: Option<AccountType>,
) -> Written {
    writer.nest(element, |writer| {
        writer
            .nest("Id", |writer| writer.nest("Othr", |writer| writer.leaf("Id", number, ID_MAX)))?;
        let Some(kind) = kind else { return Ok(()) };
        writer.nest("Tp", |writer| writer.leaf("Prtry", kind.code(), ID_MAX))
    })
}

pub(super) fn write_umrn(writer: &mut Writer, name: &'static str, umrn: &str) -> Written {
    if !is_umrn(umrn) {
        return Err(MandateError::new(name, Why::NotAUmrn));
    }
    writer.leaf(name, umrn, 20)
}

pub(super) fn read_umrn(node: &Node, name: &'static str) -> Result<Option<String>, MandateError> {
    match node.optional_text(name, ID_MAX)? {
        Some(umrn) if is_umrn(&umrn) => Ok(Some(umrn)),
        Some(_) => Err(MandateError::new(name, Why::NotAUmrn)),
        None => Ok(None),
    }
}
