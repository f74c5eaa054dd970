//! The story that the demo tells, as data: who writes what and when, and which hours are worth telling.
//!
//! Only the customers' words and the teller's stand here. What Amends does, and every letter, comes from the desk
//! itself; a scene that says an hour at which nothing happens fails the demo, so the two cannot drift apart.

/// Berlin, as in the demo's `config.toml`.
pub const ZONE: &str = "Europe/Berlin";
/// Before anything has happened.
pub const BEGINS: &str = "2026-11-20T23:30:00";
/// The server that vouches for senders (RFC 8601) in the demo's `config.toml`.
pub const AUTHSERV: &str = "mx.northwind.example";
pub const SUPPORT: &str = "support@northwind.example";

/// What the teller says before the first scene.
pub const PROLOGUE: &[&str] = &[
    "Northwind Lamps sells lamps, and now and then one of them fails. Customers write to support@northwind.example. Mei, \
     Tom and Lena answer them; Jane, the Head of Service, can decide. All of them only write mail. Between them stands \
     Amends.",
    "Whoever writes is to hear from a person within four working hours; the desk is open on weekdays from 9:00. This is \
     what happens when nobody does what they should.",
    "Only the customers' mails and the hour are staged. Every line marked with an arrow is a letter that Amends writes \
     by itself, as it would with your inbox.",
];

/// An hour worth telling.
pub struct Scene {
    /// Wall clock of [`ZONE`].
    pub at: &'static str,
    pub title: &'static str,
    pub happens: Happens,
    /// What the teller says before Amends acts.
    pub tells: &'static str,
    /// Which of its letters are shown whole.
    pub in_full: &'static [Shown],
    /// What the teller says after it.
    pub remark: &'static str,
}

/// A letter by the name of its template and whom it goes to.
pub type Shown = (&'static str, &'static str);

/// What sets a scene off.
pub enum Happens {
    /// Somebody writes to the desk.
    Mail { from: Writer, subject: &'static str, words: &'static str },
    /// Somebody presses Reply under the last letter that they had from the desk.
    Reply { from: Writer, words: &'static str },
    /// Nothing but the hour: a clock of a case comes due.
    Hour,
}

#[derive(Clone, Copy)]
pub struct Writer {
    pub name: &'static str,
    pub address: &'static str,
}

pub const KLAUS: Writer = Writer { name: "Klaus Berger", address: "klaus@berger.example" };
pub const ROSA: Writer = Writer { name: "Rosa Diaz", address: "rosa@diaz.example" };

pub const SCENES: &[Scene] = &[
    Scene {
        at: "2026-11-20T23:40:00",
        title: "A lamp fails for the second time",
        happens: Happens::Mail {
            from: KLAUS,
            subject: "Lamp broken again",
            words: "Hello,\n\nthe lamp that you sent me for the broken one has gone dark tonight. That\n\
                    is two lamps in two months. I do not want a third one, I want my money\nback.\n\nKlaus Berger\n",
        },
        tells: "Nobody reads this before Monday. But in the same second:",
        in_full: &[("apology", KLAUS.address)],
        remark: "It names what failed, makes no excuse, asks nothing that Klaus has said already, does not play human at \
                 midnight, and gives one date. That date is a clock from now on.",
    },
    Scene {
        at: "2026-11-23T12:00:00",
        title: "Three of the four hours are gone",
        happens: Happens::Hour,
        tells: "Mei is ill, and nobody has told the desk. Amends only sees that she has not written, and reminds \
                her: two hours are left, and one of them is her lunch break.",
        in_full: &[],
        remark: "",
    },
    Scene {
        at: "2026-11-23T14:00:00",
        title: "The date has passed",
        happens: Happens::Hour,
        tells: "This is where a desk falls silent and hopes. Amends tells Klaus in that very minute that the date was \
                not kept, and asks Lena, who leads the team. She has an hour to take it.",
        in_full: &[("holding", KLAUS.address)],
        remark: "What we know, what we do not know, when we write again. The new date is a clock, too.",
    },
    Scene {
        at: "2026-11-23T15:00:00",
        title: "Lena has not taken it",
        happens: Happens::Hour,
        tells: "So it climbs one step further: to Jane, who can decide. One question, his own words, what he was told, \
                and what happens if nobody acts.",
        in_full: &[("escalation", "jane@northwind.example")],
        remark: "Klaus is to learn before whom his case lies. But he had a letter an hour ago, and a desk that writes too \
                 much is not read. That letter waits.",
    },
    Scene {
        at: "2026-11-24T14:45:00",
        title: "The second date comes near",
        happens: Happens::Hour,
        tells: "Mei is back, behind a full inbox. Nobody has written to Klaus.",
        in_full: &[],
        remark: "",
    },
    Scene {
        at: "2026-11-24T15:30:00",
        title: "Somebody only asks something",
        happens: Happens::Mail {
            from: ROSA,
            subject: "Do you send to Portugal?",
            words: "Hello,\n\ndo you also send to Lisbon, and what would that cost?\n\nRosa\n",
        },
        tells: "Nothing went wrong here, so nobody says sorry. Rosa gets a short note that names a person and a date.",
        in_full: &[],
        remark: "",
    },
    Scene {
        at: "2026-11-24T16:05:00",
        title: "She writes again",
        happens: Happens::Reply {
            from: ROSA,
            words: "I forgot to say: it would be three of them, as a present for Christmas.\n\nRosa\n",
        },
        tells: "She pressed Reply under our note. Her mail finds its case even if her mail program loses the subject.",
        in_full: &[],
        remark: "Tom hears of it. Rosa is sent nothing: she asked a question, not for receipts.",
    },
    Scene {
        at: "2026-11-24T17:30:00",
        title: "The second date has passed",
        happens: Happens::Hour,
        tells: "Tuesday evening was promised, and Klaus hears in that minute that it was not kept either. The letter names \
                Jane, and what nobody knows yet.",
        in_full: &[],
        remark: "",
    },
    Scene {
        at: "2026-11-25T09:00:00",
        title: "The desk opens",
        happens: Happens::Hour,
        tells: "Lena finds a new date overdue on her desk. And now there is room for the letter that had to wait: Klaus \
                had none today, and no date falls on this day that could break and need it.",
        in_full: &[("escalated", KLAUS.address)],
        remark: "",
    },
];

/// What the teller says after the last scene.
pub const EPILOGUE: &str = "Nobody at Northwind did what they should. Klaus still had an apology at once, the truth in the \
     minute in which a date broke, and the name of somebody who can decide. And he never had to ask.";
