//! People with a browser: pages and forms instead of the API.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::{HeaderMap, Method};
use vasool::web::session::token::Token;
use vasool::web::session::{Role, SESSION_MS};
use vasool_core::id::{OperatorId, Seed};
use vasool_store::Store;
use vasool_store::operators::NewSession;

use super::{Client, TestApp};

static COUNTER: AtomicU64 = AtomicU64::new(1);

/// Someone with a browser that keeps one cookie.
#[derive(Clone)]
pub struct Person {
    pub http: Client,
    /// The cookie, `name=value`; empty for who is not signed in.
    pub cookie: String,
    /// What forms of the session carry.
    pub csrf: String,
    pub id: Option<OperatorId>,
    pub email: String,
}

/// A page, or where to go instead.
#[derive(Debug)]
pub struct Shown {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl Shown {
    /// Checks the status; returns the page.
    #[track_caller]
    pub fn is(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.html);
        &self.html
    }

    /// Where the answer, a 303, leads.
    #[track_caller]
    pub fn leads_to(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.html);
        self.headers["location"].to_str().expect("a place")
    }

    /// The value of the cookie header, if one came.
    pub fn cookie(&self) -> Option<&str> {
        self.headers.get("set-cookie").map(|value| value.to_str().expect("text"))
    }
}

impl TestApp {
    /// A browser without a session.
    pub fn nobody(&self) -> Person {
        let http = Client::new(&self.base, "", "");
        let (cookie, csrf, email) = Default::default();
        Person { http, cookie, csrf, id: None, email }
    }

    /// A new operator with this role who is signed in. Quick: without a password that anybody knows.
    pub async fn sign_in(&self, role: Role) -> Person {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let (store, clock) = (&self.app.store, &self.app.clock);
        let now = clock.now();
        let id: OperatorId = Seed::first(now.0, clock.noise()).draw().id();
        let email = format!("{}{number}@example.test", role.as_str());
        assert!(store.create_operator(id, &email, "Meera Iyer", role, now).await.expect("a row"));
        assert!(store.set_operator_password(id, 0, "no hash").await.expect("a row"));
        let (token, csrf) = (Token::draw().expect("randomness"), Token::draw().expect("some"));
        let session = NewSession {
            digest: &token.digest(),
            operator: id,
            epoch: 1,
            csrf: csrf.as_str(),
            browser: "Testing/1.0",
            now,
            expires: now.plus(SESSION_MS),
        };
        store.begin_session(session).await.expect("a session");
        let (cookie, csrf) =
            (format!("vasool_session={}", token.as_str()), csrf.as_str().to_owned());
        Person { cookie, csrf, id: Some(id), email, ..self.nobody() }
    }
}

impl Person {
    fn client(&self) -> Client {
        match self.cookie.is_empty() {
            true => self.http.clone(),
            false => self.http.with_header("cookie", &self.cookie),
        }
    }

    /// The same browser at another server.
    pub fn at(self, other: &Client) -> Person {
        Person { http: other.clone(), ..self }
    }

    /// The same with one more header on every request.
    pub fn with_header(&self, name: &str, value: &str) -> Person {
        Person { http: self.http.with_header(name, value), ..self.clone() }
    }

    /// Opens a page; does not follow where it leads.
    pub async fn get(&self, path: &str) -> Shown {
        self.send(Method::GET, path, String::new()).await
    }

    /// Sends a form with the session's token in it.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        self.post_plain(path, &[fields, &[("csrf", &self.csrf)]].concat()).await
    }

    /// Sends exactly these fields.
    pub async fn post_plain(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let escape = |text: &str| vasool::wire::percent::escape(text, b"");
        let pairs =
            fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
        self.send(Method::POST, path, pairs.collect::<Vec<_>>().join("&")).await
    }

    async fn send(&self, method: Method, path: &str, body: String) -> Shown {
        let kind = Some("application/x-www-form-urlencoded").filter(|_| method == Method::POST);
        let answer = self.client().send_as(method, path, None, kind, body.into()).await;
        let html = String::from_utf8(answer.bytes.to_vec()).expect("text");
        Shown { status: answer.status, headers: answer.headers, html }
    }

    /// Keeps the cookie of an answer, as a browser does, and learns the token of forms.
    pub async fn keep(mut self, shown: &Shown) -> Person {
        let cookie = shown.cookie().expect("a cookie");
        self.cookie = cookie.split(';').next().expect("a pair").to_owned();
        let page = self.get("/dashboard/account").await;
        let (_, rest) = page.is(200).split_once("name=\"csrf\" value=\"").expect("a form");
        self.csrf = rest.split('"').next().expect("its end").to_owned();
        self
    }
}

/// Changes rows behind the server's back, to move them in time.
pub async fn sql(app: &TestApp, sql: &str) -> usize {
    let changed = match &app.app.store {
        Store::Sqlite(store) => store.execute(sql.to_owned(), vec![]).await,
        Store::Postgres(store) => store.execute(sql.to_owned(), vec![]).await,
        Store::Memory(_) => panic!("no database"),
    };
    changed.expect(sql)
}
