//! Every key that the file may hold, block by block. What does not stand here is an unknown key; what stands here
//! must be explained in the manual, `config.toml`, and must be read: tests check both.

/// Block and its keys; `sla` is each `[sla.NAME]`, `calendar` each `[calendar.NAME]`.
pub const BLOCKS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "company", "database", "alerts", "mailbox", "team", "person", "calendar", "sla", "kind", "letters",
            "security", "limits", "board",
        ],
    ),
    ("company", &["name", "timezone", "language", "case_prefix"]),
    ("database", &["url"]),
    ("alerts", &["to"]),
    (
        "mailbox",
        &[
            "name",
            "address",
            "aliases",
            "display_name",
            "provider",
            "subaddressing",
            "sla",
            "team",
            "letter",
            "after",
            "start",
            "via_list",
            "form_senders",
            "imap",
            "smtp",
            "maildir",
        ],
    ),
    (
        "mailbox.imap",
        &["host", "port", "tls", "ca_file", "fingerprint", "username", "password", "oauth2", "folder", "poll"],
    ),
    (
        "mailbox.smtp",
        &[
            "host",
            "port",
            "tls",
            "ca_file",
            "fingerprint",
            "username",
            "password",
            "oauth2",
            "envelope",
            "connections",
            "per_minute",
            "in_doubt_wait",
            "dkim",
        ],
    ),
    ("oauth2", &["token_url", "login_url", "client_id", "client_secret", "scope", "grant", "token_file"]),
    ("dkim", &["domain", "selector", "key"]),
    ("secret", &["env", "file", "command"]),
    ("mailbox.maildir", &["inbox", "outgoing"]),
    ("team", &["name", "purpose", "assign", "lead"]),
    (
        "person",
        &["id", "name", "title", "email", "aliases", "teams", "languages", "hours", "may_offer", "authority", "away"],
    ),
    ("person.away", &["from", "to", "stand_in"]),
    ("calendar", &["timezone", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "holidays", "holidays_ics"]),
    (
        "sla",
        &[
            "calendar",
            "first_response",
            "next_update",
            "resolution",
            "customer_silent",
            "check_in",
            "auto_close",
            "escalation",
            "ladder",
        ],
    ),
    ("sla.escalation", &["at", "on", "to", "acknowledge", "tell_customer"]),
    ("kind", &["name", "words", "says", "letter", "sla", "fix_team", "design_team", "check_in", "trend"]),
    ("kind.trend", &["customers", "within"]),
    ("letters", &["folder", "tone", "transcripts", "lists"]),
    ("security", &["key", "staff_proof", "trusted_authserv_id", "verify_dkim", "max_message_size", "bot_guard"]),
    ("trusted_authserv_id", &["id", "host"]),
    ("limits", &["per_address_hour", "per_address_day", "per_domain_hour", "burst", "per_person_hour", "blocked"]),
    ("board", &["listen", "token"]),
];

/// The keys of a block; empty where the admin chooses them (`calendar`s by name, words by language).
pub fn of(block: &str) -> &'static [&'static str] {
    BLOCKS.iter().find(|(name, _)| *name == block).map_or(&[], |(_, keys)| keys)
}

/// ` It belongs in [mailbox.smtp].` for a key that another block near this one knows.
pub fn home_of(key: &str, block: &str) -> String {
    let house = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let homes = || BLOCKS.iter().filter(|(name, keys)| !name.is_empty() && keys.contains(&key));
    let near = homes().find(|(name, _)| house(name) == house(block));
    match near.or_else(|| homes().next().filter(|_| homes().count() == 1)) {
        Some((home, _)) => format!(" It belongs in [{home}]."),
        None => String::new(),
    }
}
