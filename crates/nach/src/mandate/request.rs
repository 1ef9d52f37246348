//! pain.009.001.01: a mandate to register. Source: rails 5.3.

use vasool_core::money::Paise;

use super::error::{MandateError, Why};
use super::message::{
    ID_MAX, NAME_MAX, Written, read_agent, read_header, read_umrn, write_account, write_agent,
    write_header, write_umrn,
};
use super::model::{AccountType, Amount, Creditor, Debtor, Frequency, Occurrence, Request};
use super::xml::{Node, Writer};
use crate::day::Day;

pub(super) fn write_request(request: &Request) -> Result<String, MandateError> {
    let mut writer = Writer::new("pain.009.001.01");
    writer.nest("MndtInitnReq", |writer| {
        write_header(writer, &request.header)?;
        writer.nest("Mndt", |writer| write_mandate(writer, request))
    })?;
    Ok(writer.finish())
}

fn write_mandate(writer: &mut Writer, request: &Request) -> Written {
    if let Some(umrn) = &request.umrn {
        write_umrn(writer, "MndtId", umrn)?;
    }
    writer.leaf("MndtReqId", &request.request_id, ID_MAX)?;
    writer.nest("Tp", |writer| {
        writer.nest("SvcLvl", |writer| writer.leaf("Prtry", &request.category, ID_MAX))?;
        writer.nest("LclInstrm", |writer| writer.leaf("Prtry", "DEBIT", ID_MAX))
    })?;
    writer.nest("Ocrncs", |writer| {
        match request.occurrence {
            Occurrence::Once => writer.leaf("SeqTp", "OOFF", 4)?,
            Occurrence::Recurring(frequency) => {
                writer.leaf("SeqTp", "RCUR", 4)?;
                writer.leaf("Frqcy", frequency.code(), 4)?;
            }
        }
        writer.nest("Drtn", |writer| writer.leaf("FrDt", &request.dated_on.to_iso(), 10))?;
        writer.leaf("FrstColltnDt", &request.first_on.to_iso(), 10)?;
        let last = request.final_on.map(Day::to_iso);
        writer.optional("FnlColltnDt", last.as_deref(), 10)
    })?;
    let (element, amount) = match request.amount {
        Amount::Fixed(amount) => ("ColltnAmt", amount),
        Amount::Maximum(amount) => ("MaxAmt", amount),
    };
    let rupees = format!("{}.{:02}", amount.get() / 100, amount.get() % 100);
    writer.leaf_with(element, " Ccy=\"INR\"", &rupees, 18)?;
    let creditor = &request.creditor;
    writer.nest("Cdtr", |writer| writer.leaf("Nm", &creditor.name, NAME_MAX))?;
    write_account(writer, "CdtrAcct", &creditor.utility_code, None)?;
    write_agent(writer, "CdtrAgt", &creditor.bank, None)?;
    let debtor = &request.debtor;
    writer.nest("Dbtr", |writer| {
        writer.leaf("Nm", &debtor.name, 40)?;
        let contacts = [&debtor.phone, &debtor.mobile, &debtor.email, &debtor.other];
        if contacts.iter().all(|contact| contact.is_none()) {
            return Ok(());
        }
        writer.nest("CtctDtls", |writer| {
            writer.optional("PhneNb", debtor.phone.as_deref(), ID_MAX)?;
            writer.optional("MobNb", debtor.mobile.as_deref(), ID_MAX)?;
            writer.optional("EmailAdr", debtor.email.as_deref(), NAME_MAX)?;
            writer.optional("Othr", debtor.other.as_deref(), NAME_MAX)
        })
    })?;
    write_account(writer, "DbtrAcct", &debtor.account_number, Some(debtor.account_type))?;
    write_agent(writer, "DbtrAgt", &debtor.bank, debtor.bank_name.as_deref())
}

pub(super) fn read_request(node: &Node) -> Result<Request, MandateError> {
    let mandate = node.one("Mndt")?;
    if mandate.at(&["Tp", "LclInstrm"])?.text_of("Prtry", ID_MAX)? != "DEBIT" {
        return Err(MandateError::new("LclInstrm", Why::UnknownCode));
    }
    let when = mandate.one("Ocrncs")?;
    let frequency = when.optional_text("Frqcy", 4)?;
    let occurrence = match (when.text_of("SeqTp", 4)?.as_str(), frequency) {
        ("OOFF", None) => Occurrence::Once,
        ("RCUR", Some(code)) => Occurrence::Recurring(
            Frequency::from_code(&code).ok_or(MandateError::new("Frqcy", Why::UnknownCode))?,
        ),
        ("OOFF", Some(_)) => return Err(MandateError::new("Frqcy", Why::Contradiction)),
        ("RCUR", None) => return Err(MandateError::new("Frqcy", Why::Missing)),
        _ => return Err(MandateError::new("SeqTp", Why::UnknownCode)),
    };
    let final_on = match when.optional("FnlColltnDt")? {
        Some(_) => Some(read_day(when, "FnlColltnDt")?),
        None => None,
    };
    let amount = match (mandate.optional("ColltnAmt")?, mandate.optional("MaxAmt")?) {
        (Some(node), None) => Amount::Fixed(read_amount("ColltnAmt", node)?),
        (None, Some(node)) => Amount::Maximum(read_amount("MaxAmt", node)?),
        (None, None) => return Err(MandateError::new("MaxAmt", Why::Missing)),
        (Some(_), Some(_)) => return Err(MandateError::new("MaxAmt", Why::Contradiction)),
    };
    Ok(Request {
        header: read_header(node)?,
        umrn: read_umrn(mandate, "MndtId")?,
        request_id: mandate.text_of("MndtReqId", ID_MAX)?,
        category: mandate.at(&["Tp", "SvcLvl"])?.text_of("Prtry", ID_MAX)?,
        occurrence,
        dated_on: read_day(when.one("Drtn")?, "FrDt")?,
        first_on: read_day(when, "FrstColltnDt")?,
        final_on,
        amount,
        creditor: Creditor {
            name: mandate.one("Cdtr")?.text_of("Nm", NAME_MAX)?,
            utility_code: mandate.at(&["CdtrAcct", "Id", "Othr"])?.text_of("Id", ID_MAX)?,
            bank: read_agent(mandate.one("CdtrAgt")?)?.0,
        },
        debtor: read_debtor(mandate)?,
    })
}

fn read_debtor(mandate: &Node) -> Result<Debtor, MandateError> {
    let debtor = mandate.one("Dbtr")?;
    let contacts = debtor.optional("CtctDtls")?;
    let contact = |name, max| match contacts {
        Some(node) => node.optional_text(name, max),
        None => Ok(None),
    };
    let account = mandate.one("DbtrAcct")?;
    let kind = account.one("Tp")?.text_of("Prtry", ID_MAX)?;
    let account_type =
        AccountType::from_code(&kind).ok_or(MandateError::new("DbtrAcct", Why::UnknownCode))?;
    let (bank, bank_name) = read_agent(mandate.one("DbtrAgt")?)?;
    Ok(Debtor {
        name: debtor.text_of("Nm", 40)?,
        phone: contact("PhneNb", ID_MAX)?,
        mobile: contact("MobNb", ID_MAX)?,
        email: contact("EmailAdr", NAME_MAX)?,
        other: contact("Othr", NAME_MAX)?,
        account_number: account.at(&["Id", "Othr"])?.text_of("Id", ID_MAX)?,
        account_type,
        bank,
        bank_name,
    })
}

fn read_day(node: &Node, name: &'static str) -> Result<Day, MandateError> {
    Day::from_iso(&node.text_of(name, 10)?).ok_or(MandateError::new(name, Why::NotADate))
}

/// Rupees with at most two decimals, digits only.
fn read_amount(name: &'static str, node: &Node) -> Result<Paise, MandateError> {
    let bad = MandateError::new(name, Why::NotAnAmount);
    if node.currency.as_deref() != Some("INR") {
        return Err(bad);
    }
    let text = node.value(name, 18)?;
    let (rupees, decimals) = text.split_once('.').unwrap_or((&text, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    if !is_number(rupees) || !is_number(decimals) || decimals.len() > 2 {
        return Err(bad);
    }
    let paise: Option<i64> = format!("{rupees}{decimals:0<2}").parse().ok();
    paise.and_then(Paise::new).ok_or(bad)
}
