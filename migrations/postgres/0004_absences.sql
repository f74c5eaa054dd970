-- Who is away, or back, as somebody told the desk by mail: it stands beside the absences of the configuration. Without a
-- last day they are back, whatever the configuration says.
CREATE TABLE absences (
    person   TEXT   NOT NULL PRIMARY KEY,
    from_day TEXT   NOT NULL,
    to_day   TEXT,
    stand_in TEXT,
    said_by  TEXT   NOT NULL,
    said_at  BIGINT NOT NULL
);
