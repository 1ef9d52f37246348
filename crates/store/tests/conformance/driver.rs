//! Runs commands through the core the way an engine does, one batch at a time.

use vasool_core::apply::apply;
use vasool_core::command::*;
use vasool_core::id::{PaymentId, Seed};
use vasool_core::instruction::BankAnswer;
use vasool_core::money::Paise;
use vasool_core::refund::{Refund, Speed};
use vasool_core::refunds::{Claim, RefundCommand, RefundDraft, Report};
use vasool_core::rejection::Rejection;
use vasool_core::scope::{Mode, Scope};
use vasool_core::smart_collect::VirtualAccountDraft;
use vasool_core::smart_collect::{InboundTransfer, NumberDraft, ReceiversDraft};
use vasool_core::tenant::{Merchant, Sealed};
use vasool_core::time::Millis;
use vasool_core::transfer::{Payee, Payer, TransferMode};
use vasool_core::virtual_account::VirtualAccount;
use vasool_core::webhook::Endpoint;
use vasool_core::working_set::{Stop, WorkingSet};
use vasool_store::{Store, StoreError};

use crate::world::batch;

/// When the stories begin, real milliseconds.
pub const START: Millis = Millis(1_780_000_000_000);

/// A caller with a clock.
pub struct Driver<'a> {
    pub store: &'a Store,
    pub real: Millis,
    seed: Seed,
    /// Batches that had to be applied again.
    pub conflicts: usize,
}

type Answer = Result<Reply, Rejection>;

impl<'a> Driver<'a> {
    pub fn new(store: &'a Store, noise: u64) -> Driver<'a> {
        Driver { store, real: START, seed: Seed::first(START.0, noise), conflicts: 0 }
    }

    /// One command in a batch of its own.
    pub async fn run(&mut self, command: Command) -> Answer {
        self.run_all(vec![command]).await.remove(0)
    }

    /// A command about a scope that must succeed.
    pub async fn did(&mut self, scope: Scope, command: ScopedCommand) -> Reply {
        self.run(Command::Scoped(scope.id, command)).await.unwrap()
    }

    /// Commands in one batch.
    pub async fn run_all(&mut self, commands: Vec<Command>) -> Vec<Answer> {
        let mut submissions = vec![];
        for command in commands {
            self.real = self.real.plus(1);
            self.seed = self.seed.next(self.real.0, self.seed.draw().number());
            submissions.push(Submission { command, real: self.real, seed: self.seed });
        }
        loop {
            match self.attempt(&submissions).await {
                Ok(answers) => return answers,
                Err(StoreError::Conflict(_)) => self.conflicts += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Applies and saves once.
    pub async fn attempt(&self, submissions: &[Submission]) -> Result<Vec<Answer>, StoreError> {
        let mut session = self.store.begin().await?;
        let keys = submissions.iter().flat_map(Submission::keys).collect();
        let mut set = session.load(keys, WorkingSet::default()).await?;
        let mut answers = vec![];
        for submission in submissions {
            answers.push(loop {
                match apply(&mut set, submission) {
                    Ok(reply) => break Ok(reply),
                    Err(Stop::Rejected(rejection)) => break Err(rejection),
                    Err(Stop::Missing(key)) => set = session.load(vec![key], set).await?,
                }
            });
        }
        session.save(batch(set).into()).await?;
        Ok(answers)
    }

    pub async fn merchant(&mut self, name: &str) -> Merchant {
        let key = |mode| KeyDraft { mode, id: None, secret: Sealed(vec![7; 40]) };
        let keys = vec![key(Mode::Test), key(Mode::Live)];
        let draft = MerchantDraft { name: name.to_owned(), parent: None, keys };
        match self.run(Command::CreateMerchant(draft)).await.unwrap() {
            Reply::Merchant(merchant, _) => Merchant::clone(&merchant),
            other => panic!("{other:?}"),
        }
    }

    pub async fn open(&mut self, scope: Scope, draft: VirtualAccountDraft) -> VirtualAccount {
        match self.did(scope, ScopedCommand::CreateVirtualAccount(draft)).await {
            Reply::VirtualAccount(account) => VirtualAccount::clone(&account),
            other => panic!("{other:?}"),
        }
    }

    /// Orders a refund under an idempotency key of its own.
    pub async fn refund(&mut self, scope: Scope, payment: PaymentId, amount: i64) -> Refund {
        let key = format!("key-of-{amount}");
        let claim = Claim { digest: key.clone(), request: key.clone(), key };
        let draft = RefundDraft { claim: Some(claim), ..refund_draft(payment, amount) };
        match self.did(scope, ScopedCommand::Refund(RefundCommand::Create(draft))).await {
            Reply::Refund(refund) => Refund::clone(&refund),
            other => panic!("{other:?}"),
        }
    }

    /// Reports what a bank says about a refund.
    pub async fn bank_says(&mut self, scope: Scope, refund: &Refund, answer: BankAnswer) {
        let report = Report { refund: refund.id, payment: refund.payment, at: self.real, answer };
        self.did(scope, ScopedCommand::Refund(RefundCommand::Report(report))).await;
    }

    pub async fn listen(&mut self, scope: Scope) -> Endpoint {
        let draft = EndpointDraft {
            url: "https://merchant.test/hook".to_owned(),
            events: vec!["payment.captured".to_owned(), "virtual_account.credited".to_owned()],
            secret: Some(Sealed(vec![1; 40])),
            alert_email: None,
            active: true,
        };
        match self.did(scope, ScopedCommand::CreateEndpoint(draft)).await {
            Reply::Endpoint(endpoint) => Endpoint::clone(&endpoint),
            other => panic!("{other:?}"),
        }
    }
}

/// An account to open, with a number that ends as wished.
pub fn with_number(descriptor: Option<&str>) -> VirtualAccountDraft {
    let descriptor = descriptor.map(str::to_owned);
    let number = NumberDraft { descriptor, vanity: false };
    let receivers = ReceiversDraft { bank_account: Some(number), ..ReceiversDraft::default() };
    VirtualAccountDraft { receivers, ..VirtualAccountDraft::default() }
}

/// A refund with nothing but an amount.
pub fn refund_draft(payment: PaymentId, amount: i64) -> RefundDraft {
    RefundDraft {
        payment,
        amount: Some(amount),
        speed: Speed::Normal,
        receipt: None,
        notes: vec![],
        claim: None,
        funds: None,
        rails: vec!["sandbox".to_owned()],
    }
}

/// Money for an account.
pub fn credit(account: &VirtualAccount, paise: i64, reference: &str) -> ScopedCommand {
    ScopedCommand::ReceiveTransfer(InboundTransfer {
        connector: "sandbox".to_owned(),
        mode: TransferMode::Neft,
        bank_reference: Some(reference.to_owned()),
        payee: Payee::account(account.account_number.as_deref().unwrap()),
        ifsc: None,
        amount: Paise::new(paise).unwrap(),
        payer: Some(Payer {
            name: Some("Meera".to_owned()),
            account_number: Some("0012345".to_owned()),
            ifsc: Some("HDFC0000001".to_owned()),
            ..Payer::default()
        }),
        narration: Some("rent".to_owned()),
    })
}

/// The same without a payer, who then cannot be reached.
pub fn nameless(command: ScopedCommand) -> ScopedCommand {
    match command {
        ScopedCommand::ReceiveTransfer(transfer) => {
            ScopedCommand::ReceiveTransfer(InboundTransfer { payer: None, ..transfer })
        }
        other => other,
    }
}
