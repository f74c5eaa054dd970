//! Text whose lines flow (RFC 3676): a line that ends in a blank goes on in the next, so that each paragraph is one line
//! again. The depth of quotes is kept, as `>` signs and a blank; a signature's line ends every flow.

/// Joins what flows; `del_sp`: the blank at a line's end was put there for flowing only (section 4.1).
pub fn unwrapped(text: &str, del_sp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The quote depth of the paragraph that still flows.
    let mut flows: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let bare = line.trim_start_matches('>');
        let depth = line.len() - bare.len();
        // Section 4.4: a blank stuffed before what must not be taken for a mark.
        let words = bare.strip_prefix(' ').unwrap_or(bare);
        let is_signature = words == "-- ";
        if flows.is_some() && (flows != Some(depth) || is_signature) {
            out.push('\n');
            flows = None;
        }
        if flows.is_none() && depth > 0 {
            out.extend(std::iter::repeat_n('>', depth));
            out.push_str(if words.is_empty() { "" } else { " " });
        }
        let flowing = words.ends_with(' ') && !is_signature;
        out.push_str(if flowing && del_sp { &words[..words.len() - 1] } else { words });
        if flowing {
            flows = Some(depth);
        } else {
            out.push('\n');
            flows = None;
        }
    }
    if flows.is_some() {
        out.push('\n');
    }
    if !text.ends_with('\n') {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_whole_and_quotes_stay_quotes() {
        let text = "My lamp \nis broken \nagain.\nPlease help.\n\n> You wrote that \n> it works.\n>> And \n>> before.\n> So.\n";
        let want = "My lamp is broken again.\nPlease help.\n\n> You wrote that it works.\n>> And before.\n> So.\n";
        assert_eq!(unwrapped(text, false), want);
    }

    #[test]
    fn stuffing_goes_and_signatures_stay() {
        assert_eq!(
            unwrapped(" From here \non.\n >no quote\n-- \nMei \nTan", false),
            "From here on.\n>no quote\n-- \nMei Tan"
        );
        assert_eq!(unwrapped("Words that flow \n-- \nMei\n", false), "Words that flow \n-- \nMei\n");
    }

    #[test]
    fn text_without_blanks_between_its_words_is_joined_without_any() {
        assert_eq!(unwrapped("\u{30e9}\u{30f3} \n\u{30d7}\n", true), "\u{30e9}\u{30f3}\u{30d7}\n");
        assert_eq!(unwrapped("two  \nwords\n", true), "two words\n");
    }

    #[test]
    fn a_flow_ends_where_the_depth_changes() {
        assert_eq!(unwrapped("> quoted \nmine\n", false), "> quoted \nmine\n");
        assert_eq!(unwrapped("", false), "");
    }
}
