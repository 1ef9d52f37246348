-- People who operate a server: their accounts, sessions, one-time links, and who did what.

-- Accounts. The e-mail is in lower case. The epoch counts passwords: a session of an earlier one is
-- over.
CREATE TABLE operators (
    id TEXT COLLATE "C" PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('view', 'operate', 'admin')),
    -- Argon2id, as a PHC string; nothing until a link was used.
    password TEXT COLLATE "C",
    epoch BIGINT NOT NULL,
    -- 1 for the one who used the link that the first start printed.
    founder BIGINT CHECK (founder = 1),
    created_ms BIGINT NOT NULL,
    disabled_ms BIGINT
);
-- Correctness: an e-mail leads to one account, and of many first links one makes an account.
CREATE UNIQUE INDEX operators_email_once ON operators (email);
CREATE UNIQUE INDEX operators_founder_once ON operators (founder) WHERE founder IS NOT NULL;

-- Sessions, by the digest of the cookie's token.
CREATE TABLE operator_sessions (
    digest TEXT COLLATE "C" PRIMARY KEY,
    operator TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    csrf TEXT COLLATE "C" NOT NULL,
    browser TEXT COLLATE "C" NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX operator_sessions_of ON operator_sessions (operator, created_ms);
CREATE INDEX operator_sessions_old ON operator_sessions (expires_ms);

-- One-time links that set a password, by the digest of the link's token. Without an operator: the
-- link of a first start.
CREATE TABLE sign_in_links (
    digest TEXT COLLATE "C" PRIMARY KEY,
    operator TEXT COLLATE "C",
    -- The account's when the link was made: a new password or a disabling since then closes it.
    epoch BIGINT,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT
);
CREATE INDEX sign_in_links_of ON sign_in_links (operator);

-- Wrong passwords of late, by the digest of the e-mail that was typed.
CREATE TABLE sign_in_tries (
    digest TEXT COLLATE "C" PRIMARY KEY,
    count BIGINT NOT NULL,
    since_ms BIGINT NOT NULL
);
CREATE INDEX sign_in_tries_old ON sign_in_tries (since_ms);

-- Who did what: written before the act, the outcome after it. Never deleted.
CREATE TABLE operator_actions (
    id TEXT COLLATE "C" PRIMARY KEY,
    operator TEXT COLLATE "C",
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    outcome TEXT COLLATE "C",
    done_ms BIGINT
);
