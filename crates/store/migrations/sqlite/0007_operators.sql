-- People who operate a server: their accounts, sessions, one-time links, and who did what.

-- Accounts. The e-mail is in lower case. The epoch counts passwords: a session of an earlier one is
-- over.
CREATE TABLE operators (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('view', 'operate', 'admin')),
    -- Argon2id, as a PHC string; nothing until a link was used.
    password TEXT,
    epoch INTEGER NOT NULL,
    -- 1 for the one who used the link that the first start printed.
    founder INTEGER CHECK (founder = 1),
    created_ms INTEGER NOT NULL,
    disabled_ms INTEGER
) STRICT, WITHOUT ROWID;
-- Correctness: an e-mail leads to one account, and of many first links one makes an account.
CREATE UNIQUE INDEX operators_email_once ON operators (email);
CREATE UNIQUE INDEX operators_founder_once ON operators (founder) WHERE founder IS NOT NULL;

-- Sessions, by the digest of the cookie's token.
CREATE TABLE operator_sessions (
    digest TEXT PRIMARY KEY,
    operator TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    csrf TEXT NOT NULL,
    browser TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX operator_sessions_of ON operator_sessions (operator, created_ms);
CREATE INDEX operator_sessions_old ON operator_sessions (expires_ms);

-- One-time links that set a password, by the digest of the link's token. Without an operator: the
-- link of a first start.
CREATE TABLE sign_in_links (
    digest TEXT PRIMARY KEY,
    operator TEXT,
    -- The account's when the link was made: a new password or a disabling since then closes it.
    epoch INTEGER,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_links_of ON sign_in_links (operator);

-- Wrong passwords of late, by the digest of the e-mail that was typed.
CREATE TABLE sign_in_tries (
    digest TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_tries_old ON sign_in_tries (since_ms);

-- Who did what: written before the act, the outcome after it. Never deleted.
CREATE TABLE operator_actions (
    id TEXT PRIMARY KEY,
    operator TEXT,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    outcome TEXT,
    done_ms INTEGER
) STRICT, WITHOUT ROWID;
