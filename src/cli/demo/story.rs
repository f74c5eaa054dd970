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
     what happens when nobody does what they should, and how it is put right.",
    "Only the mails of customers and staff and the hour are staged. Every line marked with an arrow is a letter that \
     Amends sends by itself, as it would with your inbox.",
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
    /// Somebody of staff answers the last letter of that name that they had, from Outlook.
    Outlook { from: Writer, letter: &'static str, words: &'static str },
    /// Somebody taps a link of the last letter of that name that they had; `words` are what the link writes.
    Tap { from: Writer, letter: &'static str, label: &'static str, words: &'static str },
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
const TOM: Writer = Writer { name: "Tom Weber", address: "tom@northwind.example" };
const LENA: Writer = Writer { name: "Lena Voss", address: "lena@northwind.example" };

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
        at: "2026-11-23T09:00:00",
        title: "The desk opens",
        happens: Happens::Hour,
        tells: "Mei's list for the day says what it asks of her. But Mei is ill, and nobody has told the desk.",
        in_full: &[("today", "mei@northwind.example")],
        remark: "Two such lists a day, and no mail for every clock: a desk that writes too much is not read.",
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
        at: "2026-11-24T16:20:00",
        title: "Tom answers, and is done",
        happens: Happens::Outlook {
            from: TOM,
            letter: "customer-wrote",
            words: "#close answered\n\nDear Rosa,\n\nyes, we do: three of them to Lisbon cost 14 euros, and arrive within a\n\
                    week.\n\nTom Weber\n",
        },
        tells: "He presses Reply in Outlook, with one command on top. The words go to Rosa; the command does not, and \
                nothing of what Outlook quoted below.",
        in_full: &[("reply", ROSA.address)],
        remark: "",
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
        title: "A new day",
        happens: Happens::Hour,
        tells: "Lena finds a new date overdue on her desk. And now there is room for the letter that had to wait: Klaus \
                had none today, and no date falls on this day that could break and need it.",
        in_full: &[("escalated", KLAUS.address)],
        remark: "",
    },
    Scene {
        at: "2026-11-25T09:20:00",
        title: "Lena takes it",
        happens: Happens::Tap { from: LENA, letter: "escalation", label: "I take it", words: "#take" },
        tells: "One tap in her mail. The case is hers, nobody above her is rung for it, and she has a mail now whose reply \
                goes to Klaus. What she answers to the one before stays inside: the address decides, not the sender's care.",
        in_full: &[],
        remark: "",
    },
    Scene {
        at: "2026-11-25T09:45:00",
        title: "A person writes at last",
        happens: Happens::Outlook {
            from: LENA,
            letter: "new-case",
            words: "#fixed fri 12:00\n\nDear Klaus Berger,\n\nyou should have had this mail on Monday, and there is no good\n\
                    reason why you did not. Your 89 euros went back to you this morning;\nthe bank says that they are with \
                    you by Friday noon. The lamp is yours\nto throw away.\n\nI am sorry, for the lamps and for the \
                    silence.\n\nLena Voss\n",
        },
        tells: "Outlook again. She says that it is put right, and from when: the customer is asked after that.",
        in_full: &[("reply", KLAUS.address)],
        remark: "From the address that Klaus knows, under Lena's name. Her command and our notice stayed behind.",
    },
    Scene {
        at: "2026-12-01T17:30:00",
        title: "Does it hold?",
        happens: Happens::Hour,
        tells: "Two working days after the money should be there, Klaus is asked. Most desks never do.",
        in_full: &[("check-in", KLAUS.address)],
        remark: "",
    },
    Scene {
        at: "2026-12-02T09:30:00",
        title: "It does not",
        happens: Happens::Tap {
            from: KLAUS,
            letter: "check-in",
            label: "No, it does not",
            words: "No, it does not hold.",
        },
        tells: "A tap on No. Nothing has arrived. So the case is open again, one rung higher: Jane is asked at once, and \
                Klaus hears sorry a second time, with a date.",
        in_full: &[("sorry-again", KLAUS.address)],
        remark: "",
    },
    Scene {
        at: "2026-12-02T10:30:00",
        title: "A digit was wrong",
        happens: Happens::Outlook {
            from: LENA,
            letter: "customer-wrote",
            words: "#fixed thu 12:00\n\nDear Klaus Berger,\n\nI had a digit of your account wrong: my mistake, and I have \
                    looked at\nit twice now. The 89 euros are with you tomorrow.\n\nLena Voss\n",
        },
        tells: "",
        in_full: &[],
        remark: "",
    },
    Scene {
        at: "2026-12-07T17:30:00",
        title: "Asked once more",
        happens: Happens::Hour,
        tells: "Two working days after Thursday.",
        in_full: &[],
        remark: "",
    },
    Scene {
        at: "2026-12-07T18:05:00",
        title: "It holds",
        happens: Happens::Tap { from: KLAUS, letter: "check-in", label: "Yes, it holds", words: "Yes, it holds." },
        tells: "This is the one ending that counts as recovered. Silence would not have.",
        in_full: &[("recovered", KLAUS.address)],
        remark: "",
    },
];

/// What the teller says after the last scene.
pub const EPILOGUE: &str = "Nearly nobody at Northwind did what they should. Klaus still had an apology at once, the truth in \
     the minute in which a date broke, the name of somebody who could decide, his money, and the question whether it had \
     really come. And he never had to ask.";
