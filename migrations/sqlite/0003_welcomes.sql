-- Which people of staff were welcomed, and what their answer proved: the level of the mail, and by whose word. The address
-- is the one that was measured; a stranger's is one that answered and that the configuration does not know as theirs.
CREATE TABLE welcomes (
    person      TEXT   NOT NULL PRIMARY KEY,
    letters     BIGINT NOT NULL,
    written_at  BIGINT,
    measured_at BIGINT,
    level       BIGINT,
    proof       TEXT,
    address     TEXT,
    stranger    TEXT
) WITHOUT ROWID;
