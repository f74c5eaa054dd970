//! Files that stand uuencoded in the words (POSIX uuencode; Outlook and old Unix programs write them so): taken out of the
//! text and given as files. A block is one only when every line of it is; whatever else begins with `begin` is text.
//! yEnc, which is for news and not for mail, stays the text that it is.

use crate::mail::clean_line;

/// A file out of the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UuFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The words without the files in them, and the files; `None` where there is none.
pub fn split(text: &[u8]) -> Option<(Vec<u8>, Vec<UuFile>)> {
    let (mut rest, mut files) = (Vec::new(), Vec::new());
    let (mut kept, mut at) = (0, 0);
    while let Some(begin) = next_begin(text, at) {
        match block(&text[begin..]) {
            Some((file, length)) => {
                rest.extend_from_slice(&text[kept..begin]);
                files.push(file);
                (kept, at) = (begin + length, begin + length);
            }
            None => at = begin + 6,
        }
    }
    if files.is_empty() {
        return None;
    }
    rest.extend_from_slice(&text[kept..]);
    Some((rest, files))
}

/// All that an `x-uuencode` transfer encoding says of a part: the first block, or lines without their `begin`.
pub fn decoded(text: &[u8]) -> Vec<u8> {
    if let Some((file, _)) = next_begin(text, 0).and_then(|at| block(&text[at..])) {
        return file.bytes;
    }
    let mut out = Vec::new();
    for line in text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii_end) {
        if line.is_empty() || line.starts_with(b"begin ") {
            continue;
        }
        if line == b"end" {
            break;
        }
        decode_line(line, &mut out);
    }
    out
}

fn next_begin(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < text.len() {
        if text[at..].starts_with(b"begin ") {
            return Some(at);
        }
        at = text[at..].iter().position(|b| *b == b'\n').map(|n| at + n + 1)?;
    }
    None
}

/// The block at the start of `text` and its length: `begin 644 name`, lines, a line of length none, `end`.
fn block(text: &[u8]) -> Option<(UuFile, usize)> {
    let mut lines = text.split_inclusive(|b| *b == b'\n');
    let first = lines.next()?;
    let mut at = first.len();
    let name = file_name(first)?;
    let mut bytes = Vec::new();
    for whole in lines {
        let line = whole.strip_suffix(b"\n").unwrap_or(whole);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        at += whole.len();
        match line {
            b"end" => return (!bytes.is_empty()).then_some((UuFile { name, bytes }, at)),
            b"" | b"`" | b" " => {}
            line => {
                if !is_data(line) {
                    return None;
                }
                decode_line(line, &mut bytes);
            }
        }
    }
    // The mail was cut off: what is there of the file, if that is more than a line that looks like one.
    (bytes.len() > 45).then_some((UuFile { name, bytes }, at))
}

fn file_name(line: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(line.strip_prefix(b"begin ")?);
    let (mode, name) = line.trim().split_once(' ')?;
    let is_mode = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| (b'0'..=b'7').contains(&b));
    let name = clean_line(name.trim().trim_matches('"'));
    (is_mode && !name.is_empty()).then_some(name)
}

/// Blanks at the end may have been lost on the way, and some writers pad by one.
fn is_data(line: &[u8]) -> bool {
    let count = usize::from(value(line[0]));
    let full = count.div_ceil(3) * 4;
    line.iter().all(|b| (0x20..=0x60).contains(b))
        && count > 0
        && line.len() <= full + 2
        && line.len() > 1
        && (line.len() > count.div_ceil(3) * 2 || line.len() == full + 1)
}

fn value(byte: u8) -> u8 {
    byte.wrapping_sub(32) & 0x3f
}

fn decode_line(line: &[u8], out: &mut Vec<u8>) {
    let Some((length, data)) = line.split_first() else { return };
    let (length, start) = (usize::from(value(*length)), out.len());
    for four in data.chunks(4) {
        let word = four.iter().fold(0, |word, b| word << 6 | u32::from(value(*b))) << (6 * (4 - four.len()));
        out.extend_from_slice(&word.to_be_bytes()[1..]);
    }
    // Blanks at the line's end are zeros, and get lost.
    out.resize(start + length, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_out_of_the_words() {
        let text = b"See the file.\r\n\r\nbegin 644 a cat.txt\r\n#0V%T\r\n`\r\nend\r\n\r\nMei\r\n";
        let (rest, files) = split(text).expect("a file");
        assert_eq!(rest, b"See the file.\r\n\r\n\r\nMei\r\n");
        assert_eq!(files, [UuFile { name: "a cat.txt".into(), bytes: b"Cat".to_vec() }]);
    }

    #[test]
    fn two_files_are_two_and_a_cut_one_is_kept() {
        let line = format!("M{}\n", "0V%T".repeat(15));
        let text = format!("begin 644 one\n#0V%T\n`\nend\nbegin 755 two\n{}", line.repeat(3));
        let (rest, files) = split(text.as_bytes()).expect("files");
        assert!(rest.is_empty() && files[1].bytes.len() == 135 && files[1].bytes.starts_with(b"CatCat"));
    }

    #[test]
    fn words_that_begin_so_are_words() {
        for text in [
            "begin 644 lamps at once\nplease, they are broken.\nend\n",
            "begin the repair\n",
            "begin 644 name\nend\n",
            "=ybegin line=128 size=3 name=a\nxyz\n=yend size=3\n",
            "> begin 644 a\n> #0V%T\n> `\n> end\n",
        ] {
            assert_eq!(split(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_part_that_is_uuencoded_as_a_whole_is_read() {
        assert_eq!(decoded(b"begin 644 a\n#0V%T\n`\nend\n"), b"Cat");
        assert_eq!(decoded(b"#0V%T\n"), b"Cat");
    }

    #[test]
    fn many_beginnings_cost_no_more_than_their_length() {
        assert_eq!(split("begin 644 a\n".repeat(100_000).as_bytes()), None);
    }
}
