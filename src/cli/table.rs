//! Aligned columns that fit on a terminal of 80.

const WIDTH: usize = 80;

/// Lines of columns two blanks apart; the last one is cut where a line would be wider than 80.
pub fn columns(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(|h| (*h).to_owned()).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&head).chain(rows).collect();
    let widths: Vec<usize> = (0..head.len()).map(|c| all.iter().map(|r| length(&r[c])).max().unwrap_or(0)).collect();
    let lines = all.iter().map(|row| line(row, &widths));
    lines.collect::<Vec<_>>().join("\n")
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
        if at + 1 == row.len() {
            let room = WIDTH.saturating_sub(length(&line)).max(10);
            line.push_str(&cut(cell, room));
        } else {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width - length(cell) + 2));
        }
    }
    line.trim_end().to_owned()
}

/// A paragraph in lines that fit, each behind `indent`. A word that is longer than a line stays whole.
pub fn wrapped(text: &str, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(word) <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines.join("\n")
}

/// At most so many characters, with `…` where some are missing.
fn cut(text: &str, most: usize) -> String {
    if length(text) <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_wrapped_behind_its_indent() {
        let wrapped = wrapped(&"word ".repeat(40), "   ");
        assert!(wrapped.lines().count() > 1);
        assert!(wrapped.lines().all(|l| l.starts_with("   word") && l.chars().count() <= 80), "{wrapped}");
    }

    #[test]
    fn columns_line_up_and_fit_on_a_terminal() {
        let rows =
            vec![vec!["NW-1".into(), "ä".into(), "x".repeat(200)], vec!["NW-1001".into(), "b".into(), "y".into()]];
        let table = columns(&["CASE", "WHO", "SUBJECT"], &rows);
        assert!(table.lines().all(|l| l.chars().count() <= 80), "{table}");
        assert_eq!(table.lines().last(), Some("NW-1001  b    y"));
    }
}
