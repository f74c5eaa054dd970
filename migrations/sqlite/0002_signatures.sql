-- DKIM signatures that proved a mail, by the SHA-256 of (d, Message-ID, bh): a second mail with one is a replay. Kept for
-- as long as a signature counts.
CREATE TABLE signatures (
    mark    BLOB   NOT NULL PRIMARY KEY,
    mail_id BIGINT NOT NULL REFERENCES mails (id),
    seen_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX signatures_seen ON signatures (seen_at);
