//! What is said of a sender, in every place and form in which servers and forgers say it.
//!
//! Placeholders as in `row`: `{d}` is the domain that the writer wants to be believed for, `{own}` the line of the server
//! that the house trusts.

/// What is said of the sender, and where.
pub struct Proof {
    pub name: &'static str,
    /// Above the sender's fields, as lines.
    pub top: &'static str,
    /// Below them.
    pub below: &'static str,
    pub signed: Signed,
    /// The domain for which that counts: `{d}`, another one, or none.
    pub proves: Option<&'static str>,
    pub honest: bool,
}

/// A DKIM signature over the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    No,
    /// By `{d}`, over all that letters are made of.
    Well,
    /// The same with `l=`.
    InPart,
    /// By a domain of the sender's own.
    ByAnother,
    /// By `{d}`, and the body changed on the way.
    AndChanged,
}

const fn says(name: &'static str, top: &'static str) -> Proof {
    Proof { name, top, below: "", signed: Signed::No, proves: None, honest: false }
}

const fn proves(name: &'static str, top: &'static str) -> Proof {
    Proof { proves: Some("{d}"), honest: true, ..says(name, top) }
}

const fn signed(name: &'static str, signed: Signed) -> Proof {
    Proof { signed, ..says(name, "{own}\n") }
}

pub const PROOFS: [Proof; 46] = [
    Proof { honest: true, ..says("no results", "{own}\n") },
    proves("dmarc=pass", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n"),
    proves("above its line", "Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n{own}\n"),
    proves("dkim=pass", "{own}\nAuthentication-Results: mx.northwind.example; dkim=pass header.d={d} header.s=s1\n"),
    proves(
        "folded",
        "{own}\nAuthentication-Results:\n\tmx.northwind.example\n  1;\n\tspf=fail\n smtp.mailfrom=x@evil.example;\n dmarc=pass\n\theader.from={d}\n",
    ),
    proves(
        "with comments",
        "{own}\nAuthentication-Results: mx.northwind.example (a (nested; \\) one)); dmarc=pass (p=none; d=fail) header.from={d} (x)\n",
    ),
    proves("in capitals", "{own}\nAUTHENTICATION-RESULTS: MX.Northwind.Example; DMARC=Pass HEADER.FROM={d}\n"),
    Proof {
        honest: false,
        ..proves("a quoted id", "{own}\nAuthentication-Results: \"mx.northwind.example\"; dmarc=pass header.from={d}\n")
    },
    says("no line of the server", "Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n"),
    says("another server", "{own}\nAuthentication-Results: mx.evil.example; dmarc=pass header.from={d}\n"),
    says(
        "below another server's line",
        "{own}\nReceived: from x by mx.evil.example with ESMTPS id 2; Mon, 23 Nov 2026 08:08:00 +0000\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says(
        "only another server's line",
        "Received: from x by mx.evil.example with ESMTPS id 2; Mon, 23 Nov 2026 08:08:00 +0000\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says(
        "a line that names the server elsewhere",
        "Received: from mx.northwind.example (by mx.northwind.example) by mx.evil.example for <by mx.northwind.example>; Mon, 23 Nov 2026 08:08:00 +0000\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    Proof {
        below: "Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
        ..says("below the sender's fields", "{own}\n")
    },
    Proof {
        below: "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
        ..says("with its line below the sender's fields", "{own}\n")
    },
    says(
        "below a field of the sender",
        "{own}\nComments: hello\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says(
        "pass in a comment",
        "{own}\nAuthentication-Results: mx.northwind.example; none (dmarc=pass header.from={d})\n",
    ),
    says(
        "fail, and pass in a comment",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=fail (dmarc=pass header.from={d}) header.from={d}\n",
    ),
    says(
        "a comment that ends early",
        "{own}\nAuthentication-Results: mx.northwind.example; spf=pass (x\\) ; dmarc=pass header.from={d}\n",
    ),
    says(
        "pass and fail in two",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n\
         Authentication-Results: mx.northwind.example; dmarc=fail header.from={d}\n",
    ),
    says(
        "pass in two",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    Proof {
        below: "Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
        ..says(
            "fail above, pass below",
            "{own}\nAuthentication-Results: mx.northwind.example; dmarc=fail header.from={d}\n",
        )
    },
    says(
        "fail and pass in one",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=fail header.from={d}; dmarc=pass header.from={d}\n",
    ),
    says("dmarc=fail", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=fail header.from={d}\n"),
    Proof { honest: true, ..says("none", "{own}\nAuthentication-Results: mx.northwind.example; none\n") },
    says("dmarc=none", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=none header.from={d}\n"),
    says("dmarc=temperror", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=temperror header.from={d}\n"),
    says("dmarc=passed", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=passed header.from={d}\n"),
    Proof {
        proves: Some("evil.example"),
        ..says(
            "pass for another",
            "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from=evil.example\n",
        )
    },
    says("pass for nobody", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass\n"),
    says(
        "pass for two",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from=evil.example header.from={d}\n",
    ),
    says("spf=pass", "{own}\nAuthentication-Results: mx.northwind.example; spf=pass smtp.mailfrom={d}\n"),
    says("arc=pass", "{own}\nAuthentication-Results: mx.northwind.example; arc=pass header.from={d} header.d={d}\n"),
    says(
        "a chain's results",
        "{own}\nARC-Authentication-Results: i=1; mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says("kept results", "{own}\nAuthentication-Results-Original: mx.northwind.example; dmarc=pass header.from={d}\n"),
    says(
        "dkim of a domain around it",
        "{own}\nAuthentication-Results: mx.northwind.example; dkim=pass header.d={d}.evil.example; dkim=pass header.d=example; dkim=pass header.d=x{d}\n",
    ),
    says(
        "an id that goes on",
        "{own}\nAuthentication-Results: mx.northwind.example.evil.example; dmarc=pass header.from={d}\n",
    ),
    says(
        "an id that begins earlier",
        "{own}\nAuthentication-Results: xmx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says("an id that is cut", "{own}\nAuthentication-Results: northwind.example; dmarc=pass header.from={d}\n"),
    says(
        "everything as the id",
        "{own}\nAuthentication-Results: \"mx.northwind.example; dmarc=pass header.from={d}\"; none\n",
    ),
    says(
        "a version that does not exist",
        "{own}\nAuthentication-Results: mx.northwind.example 2; dmarc=pass header.from={d}\n",
    ),
    says(
        "pass in a reason",
        "{own}\nAuthentication-Results: mx.northwind.example; spf=none reason=\"x; dmarc=pass header.from={d}\"\n",
    ),
    Proof { proves: Some("{d}"), honest: true, ..signed("a signature", Signed::Well) },
    signed("a signature with l=", Signed::InPart),
    signed("another's signature", Signed::ByAnother),
    signed("a signature of other words", Signed::AndChanged),
];
