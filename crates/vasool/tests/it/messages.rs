//! Mails and SMS of live mode leave, and what fails is tried again. Those of test mode stay.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use vasool::clock::{Clock, SimulatedClock};
use vasool::messages::{MailSender, NotSent, Outbox, Sender, Senders, SmsGateway, SmsOptions, Try};
use vasool_core::id::{MessageId, RawId};
use vasool_core::sandbox::Message;
use vasool_core::scope::ScopeId;
use vasool_core::time::{Millis, Time};

use crate::harness::{Receiver, TestApp, link};
use crate::on_both_databases;

/// Fails so many times, then keeps what it was given.
#[derive(Default)]
struct Flaky {
    failures: AtomicUsize,
    never: bool,
    sent: Mutex<Vec<(String, String)>>,
}

impl Sender for Flaky {
    fn send<'a>(&'a self, message: &'a Message) -> Try<'a> {
        Box::pin(async {
            if self.never {
                return Err(NotSent::Never("a wrong number".to_owned()));
            }
            let left = self.failures.load(Ordering::SeqCst);
            if left > 0 {
                self.failures.store(left - 1, Ordering::SeqCst);
                return Err(NotSent::Later("busy".to_owned()));
            }
            let sent = (message.to.clone(), message.text.clone());
            self.sent.lock().unwrap().push(sent);
            Ok(())
        })
    }
}

/// An outbox whose clock is far enough ahead that everything is due, and that clock.
fn outbox(app: &TestApp, sms: &Arc<Flaky>, mail: &Arc<Flaky>) -> (Outbox, Arc<SimulatedClock>) {
    let now = app.app.clock.now().plus(130_000);
    let clock = Arc::new(SimulatedClock::new(now, 1));
    let senders = Senders { mail: Some(mail.clone()), sms: Some(sms.clone()) };
    (Outbox::new(app.app.store.clone(), Clock::Simulated(clock.clone()), senders), clock)
}

async fn counts(app: &TestApp) -> (i64, i64) {
    let counts = app.app.store.outgoing_counts().await.unwrap();
    (counts.waiting, counts.failed)
}

on_both_databases! {
    async fn what_fails_is_tried_again_and_sent_once(app: TestApp) {
        app.live.post("/v1/subscription_registration/auth_links", link()).await.ok();
        assert_eq!(counts(&app).await, (2, 0));
        let (sms, mail) = (Arc::new(Flaky::default()), Arc::new(Flaky::default()));
        sms.failures.store(2, Ordering::SeqCst);
        let (outbox, clock) = outbox(&app, &sms, &mail);
        outbox.send_due().await.unwrap();
        assert_eq!(mail.sent.lock().unwrap().len(), 1);
        assert_eq!(counts(&app).await, (1, 0));
        assert_eq!(outbox.send_due().await.unwrap(), 0, "it rests");
        for _ in 0..2 {
            clock.advance(600_000);
            outbox.send_due().await.unwrap();
        }
        let sent = sms.sent.lock().unwrap().clone();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].1.contains("http://pay.example.test/i/"), "{sent:?}");
        assert_eq!(counts(&app).await, (0, 0));
        clock.advance(86_400_000);
        assert_eq!(outbox.send_due().await.unwrap(), 0);
    }

    async fn what_cannot_be_sent_is_given_up_and_shown(app: TestApp) {
        app.live.post("/v1/subscription_registration/auth_links", link()).await.ok();
        let sms = Arc::new(Flaky { never: true, ..Flaky::default() });
        let mail = Arc::new(Flaky::default());
        mail.failures.store(usize::MAX, Ordering::SeqCst);
        let (outbox, clock) = outbox(&app, &sms, &mail);
        outbox.send_due().await.unwrap();
        assert_eq!(counts(&app).await, (1, 1), "a wrong number is not tried again");
        for _ in 0..30 {
            clock.advance(3_600_000);
            outbox.send_due().await.unwrap();
        }
        assert_eq!(counts(&app).await, (0, 2), "a day is over");
        for channel in ["sms", "email"] {
            assert_eq!(app.app.store.count_alerts_to_operator(channel).await.unwrap(), 1);
        }
        let metrics = app.test.send_plain("/metrics").await;
        let text = String::from_utf8(metrics.bytes.to_vec()).unwrap();
        assert!(text.contains("vasool_messages{state=\"failed\"} 2"), "{text}");
    }

    async fn what_test_mode_writes_stays_to_be_read(app: TestApp) {
        app.test.post("/v1/subscription_registration/auth_links", link()).await.ok();
        assert_eq!(counts(&app).await, (0, 0));
        let list = app.test.get("/v1/sandbox/messages").await.ok();
        assert_eq!(list["count"], 2);
    }
}

fn message(channel: &'static str, to: &str) -> Message {
    Message {
        id: MessageId(RawId::parse("QcM1Message001").unwrap()),
        scope: ScopeId(-1),
        channel,
        to: to.to_owned(),
        subject: "Please sign".to_owned(),
        text: "Dear Asha,\n\nthe form: http://pay.example.test/i/abc\n".to_owned(),
        links: vec![],
        due: Some(Millis(0)),
        created_at: Time(0),
    }
}

/// A mail server that takes one mail and answers its end with `last`: what it was told.
async fn mail_server(last: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let (mut told, mut is_data) = (String::new(), false);
        writer.write_all(b"220 here\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            told.push_str(&line);
            told.push('\n');
            let answer = match line.as_str() {
                "." => {
                    is_data = false;
                    last
                }
                _ if is_data => continue,
                "DATA" => {
                    is_data = true;
                    "354 go on"
                }
                "QUIT" => "221 bye",
                line if line.starts_with("EHLO") => "250 here",
                _ => "250 ok",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            if line == "." || line == "QUIT" {
                break;
            }
        }
        told
    });
    (url, task)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_goes_over_smtp() {
    let (url, told) = mail_server("250 taken").await;
    let sender = MailSender::new(&url, "Blue Lotus <no-reply@example.com>").unwrap();
    sender.send(&message("email", "asha.verma@example.com")).await.unwrap();
    let told = told.await.unwrap();
    for part in [
        "MAIL FROM:<no-reply@example.com>",
        "RCPT TO:<asha.verma@example.com>",
        "Subject: Please sign",
        "Message-ID: <msg_QcM1Message001@example.com>",
        "http://pay.example.test/i/abc",
    ] {
        assert!(told.contains(part), "{part} is missing: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_says_later_or_never() {
    let to = message("email", "asha.verma@example.com");
    for (answer, is_never) in [("554 spam", true), ("451 busy", false)] {
        let (url, _told) = mail_server(answer).await;
        let sender = MailSender::new(&url, "no-reply@example.com").unwrap();
        let error = sender.send(&to).await.unwrap_err();
        assert_eq!(matches!(error, NotSent::Never(_)), is_never, "{error:?}");
    }
    let nobody = MailSender::new("smtp://127.0.0.1:1", "no-reply@example.com").unwrap();
    assert!(matches!(nobody.send(&to).await, Err(NotSent::Later(_))));
    let nowhere = message("email", "acc_1@merchant@x");
    assert!(matches!(nobody.send(&nowhere).await, Err(NotSent::Never(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_sms_goes_to_the_gateway() {
    let receiver = Receiver::start().await;
    let options = SmsOptions { url: receiver.url.clone(), token: Some("secret".to_owned()) };
    let gateway = SmsGateway::new(options).unwrap();
    gateway.send(&message("sms", "+919820012345")).await.unwrap();
    let received = receiver.until(1).await.remove(0);
    let want = json!({
        "id": "msg_QcM1Message001", "to": "+919820012345",
        "text": "Dear Asha,\n\nthe form: http://pay.example.test/i/abc\n",
    });
    assert_eq!(received.json(), want);
    assert_eq!(received.headers["authorization"], "Bearer secret");
    receiver.always(500);
    let busy = gateway.send(&message("sms", "+919820012345")).await;
    assert_eq!(busy, Err(NotSent::Later("the gateway answered 500".to_owned())));
    receiver.always(422);
    let wrong = gateway.send(&message("sms", "+919820012345")).await;
    assert_eq!(wrong, Err(NotSent::Never("the gateway answered 422".to_owned())));
}
