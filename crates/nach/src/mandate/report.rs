//! pain.011.001.01 and pain.012.001.01: a mandate to end, and decisions on mandates. The layout is
//! that of the ISO messages; how NPCI's members fill them is unverified (rails 5.3).

use super::error::{MandateError, Why};
use super::message::{ID_MAX, Written, read_header, read_umrn, write_header, write_umrn};
use super::model::{Cancellation, Decision, Report, Verdict};
use super::xml::{Node, Writer};

pub(super) fn write_cancellation(cancellation: &Cancellation) -> Result<String, MandateError> {
    let mut writer = Writer::new("pain.011.001.01");
    writer.nest("MndtCxlReq", |writer| {
        write_header(writer, &cancellation.header)?;
        writer.nest("UndrlygCxlDtls", |writer| {
            writer.nest("CxlRsn", |writer| {
                writer.nest("Rsn", |writer| writer.leaf("Prtry", &cancellation.reason, ID_MAX))
            })?;
            writer.nest("OrgnlMndt", |writer| write_umrn(writer, "OrgnlMndtId", &cancellation.umrn))
        })
    })?;
    Ok(writer.finish())
}

pub(super) fn read_cancellation(node: &Node) -> Result<Cancellation, MandateError> {
    let details = node.one("UndrlygCxlDtls")?;
    Ok(Cancellation {
        header: read_header(node)?,
        umrn: read_umrn(details.one("OrgnlMndt")?, "OrgnlMndtId")?
            .ok_or(MandateError::new("OrgnlMndtId", Why::Missing))?,
        reason: details.at(&["CxlRsn", "Rsn"])?.text_of("Prtry", ID_MAX)?,
    })
}

pub(super) fn write_report(report: &Report) -> Result<String, MandateError> {
    if report.decisions.is_empty() {
        return Err(MandateError::new("UndrlygAccptncDtls", Why::Missing));
    }
    let mut writer = Writer::new("pain.012.001.01");
    writer.nest("MndtAccptncRpt", |writer| {
        write_header(writer, &report.header)?;
        let mut decisions = report.decisions.iter();
        decisions.try_for_each(|decision| write_decision(writer, decision))
    })?;
    Ok(writer.finish())
}

fn write_decision(writer: &mut Writer, decision: &Decision) -> Written {
    writer.nest("UndrlygAccptncDtls", |writer| {
        writer.nest("OrgnlMsgInf", |writer| {
            writer.leaf("MsgId", &decision.original_message_id, ID_MAX)?;
            writer.leaf("MsgNmId", &decision.original_message, ID_MAX)
        })?;
        writer.nest("AccptncRslt", |writer| match &decision.verdict {
            Verdict::Accepted => writer.leaf("Accptd", "true", 5),
            Verdict::Rejected(code) => {
                writer.leaf("Accptd", "false", 5)?;
                let Some(code) = code else { return Ok(()) };
                writer.nest("RjctRsn", |writer| writer.leaf("Prtry", code, ID_MAX))
            }
        })?;
        writer.nest("OrgnlMndt", |writer| match (&decision.request_id, &decision.umrn) {
            (None, Some(umrn)) => write_umrn(writer, "OrgnlMndtId", umrn),
            (None, None) => Err(MandateError::new("OrgnlMndt", Why::Missing)),
            (Some(id), umrn) => writer.nest("OrgnlMndt", |writer| {
                if let Some(umrn) = umrn {
                    write_umrn(writer, "MndtId", umrn)?;
                }
                writer.leaf("MndtReqId", id, ID_MAX)
            }),
        })
    })
}

pub(super) fn read_report(node: &Node) -> Result<Report, MandateError> {
    let decisions: Result<Vec<_>, _> = node.all("UndrlygAccptncDtls").map(read_decision).collect();
    let decisions = decisions?;
    if decisions.is_empty() {
        return Err(MandateError::new("UndrlygAccptncDtls", Why::Missing));
    }
    Ok(Report { header: read_header(node)?, decisions })
}

fn read_decision(node: &Node) -> Result<Decision, MandateError> {
    let original = node.one("OrgnlMsgInf")?;
    let result = node.one("AccptncRslt")?;
    let reason = match result.optional("RjctRsn")? {
        Some(reason) => Some(reason.text_of("Prtry", ID_MAX)?),
        None => None,
    };
    let verdict = match (result.text_of("Accptd", 5)?.as_str(), reason) {
        ("true" | "1", None) => Verdict::Accepted,
        ("true" | "1", Some(_)) => return Err(MandateError::new("RjctRsn", Why::Contradiction)),
        ("false" | "0", reason) => Verdict::Rejected(reason),
        _ => return Err(MandateError::new("Accptd", Why::UnknownCode)),
    };
    let mandate = node.one("OrgnlMndt")?;
    let (request_id, umrn) = match mandate.optional("OrgnlMndt")? {
        Some(inner) => (inner.optional_text("MndtReqId", ID_MAX)?, read_umrn(inner, "MndtId")?),
        None => (None, read_umrn(mandate, "OrgnlMndtId")?),
    };
    if request_id.is_none() && umrn.is_none() {
        return Err(MandateError::new("OrgnlMndt", Why::Missing));
    }
    Ok(Decision {
        original_message_id: original.text_of("MsgId", ID_MAX)?,
        original_message: original.text_of("MsgNmId", ID_MAX)?,
        request_id,
        umrn,
        verdict,
    })
}
