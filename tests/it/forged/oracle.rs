//! What a mail is worth, added up from its ingredients by mail-rules section 5. It asks nothing of the program.

use super::row::{Row, Token};

/// The most that may come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    pub level: u8,
    /// Its command may be obeyed, on the row's case and on the other one that a token may name.
    pub may_close: bool,
    pub may_close_other: bool,
    /// Its words may go to the customer.
    pub may_write: bool,
}

/// Whose token it is, of which purpose, for which case. Nothing that was changed is anybody's.
struct Holds {
    person: &'static str,
    replies: bool,
    other_case: bool,
}

fn holds(token: Token) -> Option<Holds> {
    let mei = Holds { person: "mei", replies: true, other_case: false };
    match token {
        Token::Reply | Token::Shouted | Token::InCc | Token::InDeliveredTo => Some(mei),
        Token::Internal => Some(Holds { replies: false, ..mei }),
        Token::Janes => Some(Holds { person: "jane", ..mei }),
        Token::OfOtherCase => Some(Holds { other_case: true, ..mei }),
        _ => None,
    }
}

pub fn worth(row: &Row) -> Worth {
    let Some(person) = row.from.person else {
        return Worth { level: 0, may_close: false, may_close_other: false, may_write: false };
    };
    let token = holds(row.token).filter(|token| token.person == person);
    let aligned = row.proof.proves.is_some_and(|domain| domain == "{d}" || domain == row.from.domain);
    let level = match (&token, aligned) {
        (None, false) => 1,
        (Some(_), false) => 2,
        (None, true) => 3,
        (Some(_), true) => 4,
    };
    let proven = level == 4 && !row.asks_again();
    let (here, replies) = token.map_or((false, false), |t| (!t.other_case, t.replies));
    // Jane answers no customers: her words stay inside.
    let speaks = replies && person == "mei" && row.body.words;
    Worth {
        level,
        may_close: proven && here && row.body.commands,
        may_close_other: proven && !here && row.body.commands,
        may_write: proven && here && speaks,
    }
}
