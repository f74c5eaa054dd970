-- The tables of Amends on PostgreSQL. Instants are UTC microseconds, yes and no are 1 and 0, addresses are folded to lower case.
-- migrations/sqlite holds the same tables; a released migration is never edited.

-- Who this desk is, and the next free numbers.
CREATE TABLE desk (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row for each life (UIDVALIDITY) of each folder; the highest met is the one that counts.
CREATE TABLE folders (
    account          TEXT   NOT NULL,
    folder           TEXT   NOT NULL,
    uidvalidity      BIGINT NOT NULL,
    met              BIGINT NOT NULL,
    mark             BIGINT NOT NULL,
    first_contact_at BIGINT NOT NULL,
    held_because     TEXT,
    PRIMARY KEY (account, folder, uidvalidity)
);

CREATE TABLE mails (
    id                BIGINT  NOT NULL PRIMARY KEY,
    mailbox           TEXT    NOT NULL,
    received_at       BIGINT  NOT NULL,
    stored_at         BIGINT  NOT NULL,
    imported          BIGINT  NOT NULL,
    header_only       BIGINT  NOT NULL,
    size_bytes        BIGINT  NOT NULL,
    sha256            BYTEA    NOT NULL,
    attempts          BIGINT  NOT NULL,
    next_try_at       BIGINT  NOT NULL,
    -- From here on written once, by the mail's turn.
    settled_at        BIGINT,
    disposition       TEXT,
    sender            TEXT,
    message_id        TEXT,
    digest            BYTEA,
    subject           TEXT,
    class             TEXT,
    sign              TEXT,
    level             BIGINT,
    authenticated     BIGINT,
    no_letter_because TEXT,
    case_id           BIGINT,
    duplicate_of      BIGINT,
    words             BYTEA
);
CREATE INDEX mails_pending ON mails (next_try_at, id) WHERE settled_at IS NULL;
CREATE INDEX mails_sha256 ON mails (sha256);
CREATE INDEX mails_message_id ON mails (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX mails_nameless ON mails (digest) WHERE message_id IS NULL AND digest IS NOT NULL;
CREATE INDEX mails_case ON mails (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX mails_words ON mails (words, sender) WHERE words IS NOT NULL;
CREATE INDEX mails_parked ON mails (mailbox, settled_at) WHERE disposition IN ('machine_parked', 'blocked');

-- Raw bytes apart: settling a large mail must not rewrite it.
CREATE TABLE raw_mails (
    mail_id BIGINT  NOT NULL PRIMARY KEY REFERENCES mails (id),
    zstd    BYTEA    NOT NULL
);

-- Which messages we have, for ever. Without a mail: it was there before the first contact.
CREATE TABLE ledger (
    account     TEXT   NOT NULL,
    folder      TEXT   NOT NULL,
    uidvalidity BIGINT NOT NULL,
    uid         BIGINT NOT NULL,
    mail_id     BIGINT REFERENCES mails (id),
    seen_at     BIGINT NOT NULL,
    marked_at   BIGINT,
    PRIMARY KEY (account, folder, uidvalidity, uid)
);
CREATE INDEX ledger_unmarked ON ledger (account, mail_id) WHERE marked_at IS NULL;

-- The document is the truth; the columns are what is searched by.
CREATE TABLE cases (
    id              BIGINT  NOT NULL PRIMARY KEY,
    mailbox         TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    outcome         TEXT,
    owner           TEXT,
    team            TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    sla             TEXT    NOT NULL,
    priority        TEXT    NOT NULL,
    customer        TEXT,
    subject         TEXT    NOT NULL,
    opened_at       BIGINT  NOT NULL,
    closed_at       BIGINT,
    first_letter_at BIGINT,
    next_due_at     BIGINT,
    log_lines       BIGINT  NOT NULL,
    document        TEXT    NOT NULL
);
CREATE INDEX cases_customer ON cases (customer, opened_at) WHERE customer IS NOT NULL;
CREATE INDEX cases_open ON cases (owner) WHERE state <> 'closed';
CREATE INDEX cases_closed ON cases (owner, closed_at) WHERE state = 'closed';

-- Everything of a case that waits for an instant: running clocks by their target, its next ring, its next letter.
CREATE TABLE clocks (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    what    TEXT   NOT NULL,
    n       BIGINT NOT NULL,
    version BIGINT NOT NULL,
    due_at  BIGINT NOT NULL,
    PRIMARY KEY (case_id, what, n, version)
);
CREATE INDEX clocks_due ON clocks (due_at);

CREATE TABLE log (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    n       BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    who     TEXT   NOT NULL,
    what    TEXT   NOT NULL,
    PRIMARY KEY (case_id, n)
);
-- What people did, and not what the desk or customers did by the thousand.
CREATE INDEX log_of_people ON log (who, at) WHERE who <> 'desk' AND who <> 'customer';

-- Who stands on a case: with a number they take part in it, without one they were only mentioned in To or Cc.
CREATE TABLE participants (
    case_id   BIGINT NOT NULL REFERENCES cases (id),
    address   TEXT   NOT NULL,
    no        BIGINT,
    mentioned BIGINT NOT NULL,
    PRIMARY KEY (case_id, address)
);

CREATE TABLE outbox (
    id            BIGINT  NOT NULL PRIMARY KEY,
    key           TEXT    NOT NULL UNIQUE,
    case_id       BIGINT REFERENCES cases (id),
    mailbox       TEXT    NOT NULL,
    letter        TEXT    NOT NULL,
    -- As it is written in the envelope, and as it is compared.
    recipient     TEXT    NOT NULL,
    address       TEXT    NOT NULL,
    domain        TEXT    NOT NULL,
    person        TEXT,
    unasked       BIGINT  NOT NULL,
    authenticated BIGINT  NOT NULL,
    automatic     BIGINT  NOT NULL,
    envelope_from TEXT,
    message_id    TEXT    NOT NULL UNIQUE,
    state         TEXT    NOT NULL,
    -- The next try, or the end of the wait for a proof.
    next_try_at   BIGINT  NOT NULL,
    tries         BIGINT  NOT NULL,
    doubts        BIGINT  NOT NULL,
    interruptions BIGINT  NOT NULL,
    fence         BIGINT  NOT NULL,
    lease_until   BIGINT,
    created_at    BIGINT  NOT NULL,
    sent_at       BIGINT,
    stale_after   BIGINT,
    last_answer   TEXT
);
CREATE INDEX outbox_due ON outbox (mailbox, next_try_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state IN ('sending', 'committing');
CREATE INDEX outbox_doubtful ON outbox (next_try_at) WHERE state = 'in_doubt';
CREATE INDEX outbox_held ON outbox (id) WHERE state = 'held';
CREATE INDEX outbox_stale ON outbox (stale_after) WHERE stale_after IS NOT NULL AND state IN ('queued', 'deferred', 'held');
CREATE INDEX outbox_case ON outbox (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX outbox_address ON outbox (address, created_at) WHERE person IS NULL;
CREATE INDEX outbox_strangers ON outbox (domain, created_at) WHERE person IS NULL AND authenticated = 0;
CREATE INDEX outbox_strangers_at ON outbox (created_at) WHERE person IS NULL AND authenticated = 0;
CREATE INDEX outbox_person ON outbox (person, created_at) WHERE person IS NOT NULL;
CREATE INDEX outbox_rings ON outbox (created_at) WHERE letter = 'escalation';

-- The letter as it goes over the wire.
CREATE TABLE letter_bytes (
    letter_id  BIGINT  NOT NULL PRIMARY KEY REFERENCES outbox (id),
    size_bytes BIGINT  NOT NULL,
    zstd       BYTEA    NOT NULL
);

CREATE TABLE attempts (
    letter_id BIGINT NOT NULL REFERENCES outbox (id),
    n         BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    outcome   TEXT   NOT NULL,
    answer    TEXT   NOT NULL,
    PRIMARY KEY (letter_id, n)
);

-- What stands against writing to an address by itself.
CREATE TABLE addresses (
    address       TEXT   NOT NULL PRIMARY KEY,
    hard_failures BIGINT NOT NULL,
    stopped_at    BIGINT,
    muted_until   BIGINT,
    spam          BIGINT NOT NULL,
    quick_answers BIGINT NOT NULL,
    quick_since   BIGINT
);

-- Rings that wait for a person's digest; the key is used up like a letter's.
CREATE TABLE folded_rings (
    key     TEXT   NOT NULL PRIMARY KEY,
    person  TEXT   NOT NULL,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    ring    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    told_in BIGINT
);
CREATE INDEX folded_rings_waiting ON folded_rings (person, at) WHERE told_in IS NULL;

-- Who got the last case of a team that assigns in rotation.
CREATE TABLE rotation (
    team   TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL
);

-- Mails of staff that wait for a confirmation, made from the cases' documents.
CREATE TABLE held (
    mail_id  BIGINT NOT NULL PRIMARY KEY REFERENCES mails (id),
    case_id  BIGINT NOT NULL REFERENCES cases (id),
    person   TEXT   NOT NULL,
    asked_at BIGINT NOT NULL
);
CREATE INDEX held_person ON held (person, asked_at);
