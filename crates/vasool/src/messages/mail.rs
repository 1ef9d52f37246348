//! Mails over SMTP.

use lettre::message::{Mailbox, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use vasool_core::sandbox::Message;

use super::{NotSent, Sender, Try};

/// A mail server, and who writes.
pub struct MailSender {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl MailSender {
    /// A sender to `url`, such as `smtp://user:password@host:587?tls=required` or `smtps://…`, in the
    /// name of `from`, such as `Blue Lotus <no-reply@example.com>`.
    ///
    /// Errors say what is wrong, without the URL: it may hold a password.
    pub fn new(url: &str, from: &str) -> Result<MailSender, String> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| "not a URL of an SMTP server")?
            .build();
        let from = from.parse().map_err(|_| format!("{from:?} is no sender of mails"))?;
        Ok(MailSender { server, from })
    }

    fn mail(&self, message: &Message) -> Result<lettre::Message, NotSent> {
        let to: Mailbox =
            message.to.parse().map_err(|_| NotSent::Never("no address of a mail".to_owned()))?;
        let host = self.from.email.domain();
        lettre::Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(message.subject.clone())
            // The same on every try, so that a mail that comes twice is known for one.
            .message_id(Some(format!("<{}@{host}>", message.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|error| NotSent::Never(error.to_string()))
    }
}

impl Sender for MailSender {
    fn send<'a>(&'a self, message: &'a Message) -> Try<'a> {
        Box::pin(async {
            let mail = self.mail(message)?;
            match self.server.send(mail).await {
                Ok(_) => Ok(()),
                // Words of the server may repeat the address.
                Err(error) if error.is_permanent() => {
                    Err(NotSent::Never("the mail server refuses it".to_owned()))
                }
                Err(error) if error.is_transient() => {
                    Err(NotSent::Later("the mail server cannot take it now".to_owned()))
                }
                Err(_) => Err(NotSent::Later("the mail server cannot be reached".to_owned())),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_server_or_sender_is_refused() {
        assert!(MailSender::new("smtp://localhost:25", "Blue <a@example.com>").is_ok());
        assert!(MailSender::new("smtps://u:p@mail.example.com", "a@example.com").is_ok());
        let error = MailSender::new("http://u:secret@host", "a@example.com").err().unwrap();
        assert!(!error.contains("secret"), "{error}");
        assert!(MailSender::new("smtp://localhost", "nobody").is_err());
    }
}
