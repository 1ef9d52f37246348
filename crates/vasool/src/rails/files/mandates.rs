//! Writing archives of mandates: to register, with their papers, and to end. Source: rails 5.2, 5.3.

use std::io::{Cursor, Write as _};

use vasool_core::failure::NachFailure;
use vasool_core::id::{RawId, TokenId};
use vasool_core::instruction::InstructionKey;
use vasool_core::nach_form::AccountKind;
use vasool_core::paper_nach::{NachAnswer, NachRows};
use vasool_nach::cycles::MANDATE_YEARS_MAX;
use vasool_nach::day::Day;
use vasool_nach::mandate::{
    AccountType, Amount, Cancellation, Creditor, Debtor, Frequency, Header, Member, Message,
    NamedMessage, Occurrence, Request, SignedRequest, write_messages, write_requests,
};
use vasool_nach::scan::{BankImages, Rules, Scan};
use vasool_store::rail_files::{OutFile, RegistrationLine, WithdrawalLine};

use super::debits::{joined, name};
use super::{FileBank, FileError, FileRail, FileResult};
use crate::wire::banks::bank_name;

/// Why a mandate is ended: at the customer's wish (rails 5.4). Our reading of who asks.
const CANCEL_REASON: &str = "C001";
/// What a mandate is refused with whose paper fits no bank's limits: the image is not clear.
const NOT_CLEAR: &str = "M027";
/// Characters of a reference that travels with a mandate.
const REFERENCE_MAX: usize = 140;

/// Id of the message that registers a mandate: what answers go by, beside the mandate's own id.
pub(super) fn registration_id(token: TokenId) -> String {
    format!("R{}", token.0.as_str())
}

/// Id of the message that ends a mandate.
pub(super) fn withdrawal_id(token: TokenId, number: i64) -> String {
    format!("C{}{number:03}", token.0.as_str())
}

/// Reads [`withdrawal_id`].
pub(super) fn read_withdrawal_id(text: &str) -> Option<(TokenId, i64)> {
    let (token, number) = text.strip_prefix('C')?.split_at_checked(14)?;
    let token = RawId::parse(token)?;
    Some((TokenId(token), number.parse().ok()?))
}

impl FileRail {
    /// Writes the mandates of a sealed file: the digest, or `None` when none of them can be sent. One
    /// whose paper fits no bank's limits is refused here.
    pub(super) async fn write_registrations(
        &self,
        file: &OutFile,
        file_name: &str,
        part: &str,
    ) -> FileResult<Option<String>> {
        let lines = self.parts.store.registrations_of_file(&file.id).await?;
        let stem = file_name.trim_end_matches(".zip").to_owned();
        let mut signed = vec![];
        for line in &lines {
            let picture = line.scan.picture.clone();
            // Whatever the rules were when it was taken: here only its size counts.
            let rules = || Rules::Test { file_name: "" };
            let making = tokio::task::spawn_blocking(move || {
                Scan::read(&picture, rules()).and_then(|scan| scan.for_bank())
            });
            match joined(making.await)? {
                Ok(images) => {
                    let stem = format!("{stem}-{:02}", signed.len() + 1);
                    signed.push(request(&self.parts.bank, file, line, images, stem));
                }
                Err(_) => self.refuse(line, file).await?,
            }
            self.keep_lease().await?;
        }
        if signed.is_empty() {
            return Ok(None);
        }
        let archive = write_requests(Cursor::new(vec![]), &signed).map_err(not_written)?;
        self.write_archive(archive.into_inner(), part).await
    }

    /// Writes the mandates to be ended of a sealed file.
    pub(super) async fn write_withdrawals(
        &self,
        file: &OutFile,
        file_name: &str,
        part: &str,
    ) -> FileResult<Option<String>> {
        let lines = self.parts.store.withdrawals_of_file(&file.id).await?;
        if lines.is_empty() {
            return Ok(None);
        }
        let stem = file_name.trim_end_matches(".zip");
        let numbered = lines.iter().enumerate();
        let messages: Vec<NamedMessage> = numbered
            .map(|(at, line)| NamedMessage {
                name: format!("{stem}-{:03}.xml", at + 1),
                message: Message::Cancellation(cancellation(&self.parts.bank, file, line)),
            })
            .collect();
        let archive = write_messages(Cursor::new(vec![]), &messages).map_err(not_written)?;
        self.write_archive(archive.into_inner(), part).await
    }

    async fn write_archive(&self, bytes: Vec<u8>, part: &str) -> FileResult<Option<String>> {
        let (directory, part) = (self.parts.directory.clone(), part.to_owned());
        let writing = tokio::task::spawn_blocking(move || {
            let mut file = directory.create_part(&part)?;
            file.write_all(&bytes)?;
            Ok::<_, FileError>(Some(directory.complete(file)?))
        });
        joined(writing.await)?
    }

    async fn refuse(&self, line: &RegistrationLine, file: &OutFile) -> FileResult<()> {
        let token = &line.token;
        let rows = NachRows { token: token.id, payment: token.payment, order: token.order };
        let key = InstructionKey::Register(token.id);
        let refused = NachAnswer::Refused(NachFailure::of_mandate(Some(NOT_CLEAR)));
        self.report(token.scope, (key, 1), rows, file.created, refused).await
    }
}

fn not_written(error: vasool_nach::mandate::MandateError) -> FileError {
    FileError::Make(error.to_string())
}

fn header(bank: &FileBank, file: &OutFile, message_id: String, to: &str) -> Header {
    let name = bank_name(to).unwrap_or(to);
    Header {
        message_id,
        created_at: file.created.to_time(),
        from: Member { id: bank.ifsc.clone(), name: bank.bank_name.clone() },
        to: Member { id: to.to_owned(), name: name.to_owned() },
    }
}

fn request(
    bank: &FileBank,
    file: &OutFile,
    line: &RegistrationLine,
    images: BankImages,
    stem: String,
) -> SignedRequest {
    let RegistrationLine { token, form, .. } = line;
    let account = &token.account;
    let dated_on = Day::at(token.created_at);
    let last = dated_on.plus_years(MANDATE_YEARS_MAX);
    let request = Request {
        header: header(bank, file, registration_id(token.id), &account.ifsc),
        umrn: None,
        request_id: token.id.to_string(),
        category: bank.category.clone(),
        // The API's frequency is not kept: a merchant presents as it sees fit, within the maximum.
        occurrence: Occurrence::Recurring(Frequency::AsPresented),
        dated_on,
        first_on: dated_on,
        final_on: Some(Day::at(token.ends_at).min(last)),
        amount: Amount::Maximum(token.max_amount),
        creditor: Creditor {
            name: bank.company.clone(),
            utility_code: bank.utility_code.clone(),
            bank: bank.ifsc.clone(),
        },
        debtor: Debtor {
            name: name(&account.holder, 40),
            phone: None,
            mobile: form.contact.clone(),
            email: form.email.clone(),
            other: form.reference1.as_deref().map(|text| name(text, REFERENCE_MAX)),
            account_number: account.number.clone(),
            account_type: match account.kind {
                AccountKind::Savings => AccountType::Savings,
                AccountKind::Current => AccountType::Current,
                AccountKind::CashCredit => AccountType::CashCredit,
                AccountKind::Nre | AccountKind::Nro => AccountType::Other,
            },
            bank: account.ifsc.clone(),
            bank_name: bank_name(&account.ifsc).map(str::to_owned),
        },
    };
    SignedRequest { stem, request, grey_jpeg: images.grey_jpeg, bilevel_tiff: images.bilevel_tiff }
}

fn cancellation(bank: &FileBank, file: &OutFile, line: &WithdrawalLine) -> Cancellation {
    let id = withdrawal_id(line.token.id, line.number);
    Cancellation {
        header: header(bank, file, id, &line.token.account.ifsc),
        umrn: line.umrn.clone(),
        reason: CANCEL_REASON.to_owned(),
    }
}
