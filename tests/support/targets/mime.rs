//! MIME to `Mail`: any bytes are a mail with its defects listed, whose parts can be had and passed on.

use amends::arrive::{html, relay};
use amends::mail::{Address, INTERNAL_MARK, Mail, Relayed};

use super::checks;

pub fn body(data: &[u8]) {
    let mail = checks::read(data);
    assert!(mail.html.is_some() || mail.text.trim().is_empty() == mail.new_text.trim().is_empty());
    if mail.html.is_none() {
        checks::only_takes_lines_away(&mail.text, &mail.new_text);
    }
    if let Some(clean) = mail.html.as_deref().and_then(html::sanitise) {
        checks::harmless_html(&clean);
    }
    passed_on(data, &mail);
}

/// Fifty names at most, each cut, and what stands around them.
const NAMES_BYTES: usize = 32 * 1024;

/// As files beside a letter, and as a colleague's reply.
fn passed_on(raw: &[u8], mail: &Mail) {
    let most = mail.attachments.iter().map(|file| file.size_bytes).sum::<usize>() / 2;
    let files = relay::files(raw, most);
    // The names of those that did not fit stand in a short text of their own.
    let told = files.last().filter(|file| file.name.as_deref() == Some("not attached.txt"));
    let told = told.map_or(0, |file| file.bytes.len());
    let all: usize = files.iter().map(|file| file.bytes.len()).sum();
    assert!(all <= most || told <= NAMES_BYTES && all - told <= most, "{all} bytes of at most {most}");
    let names = files.iter().filter_map(|file| file.name.as_deref());
    names.for_each(checks::file_name);
    let own: Vec<Address> = Address::parse("support@northwind.example").into_iter().collect();
    for command_lines in [0, 1] {
        if let Ok(relayed) = relay::relayed(raw, command_lines, &own) {
            relay_is_safe(&relayed);
        }
    }
}

fn relay_is_safe(relayed: &Relayed) {
    let mark = INTERNAL_MARK.to_lowercase();
    assert!(!relayed.text.to_lowercase().contains(&mark), "a notice leaks: {:?}", relayed.text);
    assert!(!relayed.text.contains(['\r', '\0']), "{:?}", relayed.text);
    if let Some(html) = &relayed.html {
        checks::harmless_html(html);
    }
    let names = relayed.files.iter().filter_map(|file| file.name.as_deref());
    names.for_each(checks::file_name);
}
