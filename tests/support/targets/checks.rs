//! What holds of every mail that was read, whatever its bytes were; the characters that nothing cleaned may hold.

use amends::arrive::parse;
use amends::classify::{self, Class, Found, Place, Proven, Rules, Verdict};
use amends::mail::{Address, Defect, Mail, Party};

/// mail-rules section 6.
const MOST_FIELDS: usize = 1000;
const MOST_REFERENCES: usize = 100;
const MOST_ADDRESSES: usize = 500;
const MOST_PARTS: usize = 1000;

/// Neither shown nor harmless: control characters, and what turns the direction of text or has no width (Unicode's
/// Bidi_Control and the format characters; tags are invisible letters). Written out here once more, so that a gap in
/// the program's own list is found.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One line that may stand in a header and on a screen.
pub fn is_clean(text: &str) -> bool {
    !text.chars().any(is_unsafe)
}

/// Reads the mail twice and asks what must hold of it. Its own words are not asked here: see `new_text`.
pub fn read(raw: &[u8]) -> Mail {
    let mail = parse::parse(raw);
    assert_eq!(mail, parse::parse(raw), "read twice, the mail is another one");
    fields(&mail);
    people(&mail);
    ids(&mail);
    files(raw, &mail);
    verdict(&mail);
    mail
}

fn fields(mail: &Mail) {
    assert!(mail.headers.len() <= MOST_FIELDS, "{} fields", mail.headers.len());
    for header in &mail.headers {
        let fits = |b: u8| b.is_ascii_graphic() && b != b':';
        assert!(!header.name.is_empty() && header.name.bytes().all(fits), "a field's name: {:?}", header.name);
        assert!(!header.value.contains(['\r', '\n', '\0']), "a field's value holds a line end: {:?}", header.value);
    }
    assert!(mail.subject.as_deref().is_none_or(|s| is_clean(s) && !s.is_empty()), "subject {:?}", mail.subject);
    assert!(is_clean(&mail.from_text), "From as text: {:?}", mail.from_text);
    assert!(mail.parts.leaf + mail.parts.multipart + mail.parts.embedded <= MOST_PARTS);
}

fn people(mail: &Mail) {
    let all = || mail.from.iter().chain(&mail.reply_to).chain(&mail.to).chain(&mail.cc);
    assert!(all().count() <= MOST_ADDRESSES);
    all().for_each(party);
    assert!(mail.sender().is_none() || mail.from_fields == 1 && mail.from.len() == 1);
    // Where there is none or more than one, nobody is answered (mail-rules section 2, row 5).
    let said = mail.has_defect(Defect::NoFrom) || mail.has_defect(Defect::SeveralFrom);
    assert!(said || mail.from_fields == 1, "{} From fields, and no defect says so", mail.from_fields);
}

/// An address can stand in an envelope, a name in a header.
pub fn party(party: &Party) {
    envelope(&party.address);
    if let Some(name) = &party.name {
        assert!(is_clean(name) && !name.trim().is_empty() && name.chars().count() <= 128, "a name: {name:?}");
    }
}

/// RFC 5321 section 4.1.2 and 4.5.3.1, by hand: not as the program itself checks it.
pub fn envelope(address: &Address) {
    let text = address.as_str();
    let (local, domain) = text.rsplit_once('@').expect("an address without an @");
    let harmless = |b: u8| b.is_ascii_graphic() && !b"<>()[]\\,;:\"@".contains(&b);
    assert!(text.len() <= 254 && !local.is_empty() && local.len() <= 64, "{text:?} is too long or too short");
    assert!(local.bytes().all(harmless) && domain.bytes().all(harmless), "{text:?} breaks an envelope");
    assert!(!local.starts_with('.') && !local.ends_with('.') && !local.contains(".."), "{text:?} is no dot-atom");
    assert!(!domain.split('.').any(str::is_empty), "{text:?} has an empty label");
    assert_eq!(Address::parse(text).as_ref(), Some(address), "{text:?} does not survive a second reading");
}

fn ids(mail: &Mail) {
    assert!(mail.references.len() <= MOST_REFERENCES);
    for id in mail.message_id.iter().chain(&mail.in_reply_to).chain(&mail.references) {
        let text = id.as_str();
        let fits = |c: char| !c.is_whitespace() && !c.is_control() && c != '<' && c != '>';
        assert!(!text.is_empty() && text.chars().all(fits), "an id: {text:?}");
    }
}

/// Every file that is listed can be read back, and its name can be written to a disk.
fn files(raw: &[u8], mail: &Mail) {
    for (index, file) in mail.attachments.iter().enumerate() {
        let bytes = parse::attachment_bytes(raw, index).expect("a file that was listed");
        assert_eq!(bytes.len(), file.size_bytes, "file {index}");
        assert_eq!(amends::mail::Digest::of(&bytes), file.sha256, "file {index}");
        file.name.as_deref().into_iter().for_each(file_name);
    }
    assert_eq!(parse::attachment_bytes(raw, mail.attachments.len()), None);
}

/// A name, and no path.
pub fn file_name(name: &str) {
    assert!(is_clean(name) && !name.is_empty(), "a file's name: {name:?}");
    assert!(!name.contains(['/', '\\']) && name != "." && name != "..", "a file's name is a path: {name:?}");
    assert!(name.chars().count() <= 204, "a file's name has {} characters", name.chars().count());
}

/// As if the sender were proven and nothing known of us: then only the class stands between a mail and a letter.
pub fn verdict(mail: &Mail) -> Verdict {
    let (rules, found) = (Rules::default(), Found::default());
    let proven = Proven { authenticated: true, ..Proven::default() };
    classify::questions(mail, proven, &rules);
    let verdict = classify::classify(mail, proven, &found, &rules);
    assert!(!verdict.sign.is_empty());
    let machine = !matches!(verdict.class, Class::Human);
    assert!(!machine || !verdict.answer.is_yes(), "{:?} is answered: {}", verdict.class, verdict.sign);
    let limit = mail.defects.iter().any(|defect| defect.is_limit());
    assert!(!limit || !verdict.answer.is_yes(), "answered beyond the limits: {:?}", mail.defects);
    assert!(!verdict.answer.is_yes() || mail.sender().is_some(), "an answer to nobody");
    assert_eq!(verdict.level.0, 0, "a stranger has authority");
    assert!(!matches!(verdict.place, Place::Case(_) | Place::Report { .. } | Place::Echo(_) | Place::Duplicate(_)));
    verdict
}

/// `part` is `whole` with lines left out: none is changed, none moved, none made up. What nobody sees at the ends of a
/// line does not count.
pub fn only_takes_lines_away(whole: &str, part: &str) {
    fn bare(line: &str) -> &str {
        line.trim_matches(|c: char| c.is_whitespace() || is_unsafe(c))
    }
    // RFC 9580 section 7.2: a line of a mail signed in place that begins with a dash has another before it.
    let signed = whole.contains("-----BEGIN PGP SIGNED MESSAGE-----");
    let escaped = |known: &str, line: &str| known.strip_prefix("- ").is_some_and(|rest| bare(rest) == line);
    let is = |known: &str, line: &str| known == line || signed && escaped(known, line);
    let mut lines = whole.lines().map(bare);
    for line in part.lines().map(bare) {
        assert!(
            lines.by_ref().any(|known| is(known, line)),
            "{line:?} is not a line of {whole:?}, or not in its order"
        );
    }
}

/// HTML that our pages and letters may show.
pub fn harmless_html(html: &str) {
    let lower = html.to_ascii_lowercase();
    for tag in ["script", "style", "form", "input", "iframe", "object", "embed", "link", "meta", "base", "svg", "math"]
    {
        let opens = |rest: &str| rest.as_bytes().first().is_none_or(|b| !b.is_ascii_alphanumeric());
        let found = lower.split('<').skip(1).any(|rest| rest.strip_prefix(tag).is_some_and(opens));
        assert!(!found, "<{tag}> in {html:?}");
    }
}
