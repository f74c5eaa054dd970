use super::*;

/// The methods of a field as one line: `dkim=pass header.d=c.example; spf=fail`.
fn told(value: &str) -> Option<String> {
    let found = parse(value)?;
    let method = |m: &Method| {
        let properties = m.properties.iter().map(|(n, v)| format!(" {n}={v}")).collect::<String>();
        format!("{}={}{properties}", m.name, m.result)
    };
    Some(format!("{}: {}", found.id, found.methods.iter().map(method).collect::<Vec<_>>().join("; ")))
}

#[test]
fn comments_quotes_and_blanks_are_seen_through() {
    for (value, seen) in [
        (
            "mx.n.example 1 (a (nested) ; comment);\r\n dkim=pass (2048-bit; ok) header.d = \"C.example\" header.b=x ; spf=pass",
            "mx.n.example: dkim=pass header.d=c.example header.b=x; spf=pass",
        ),
        ("mx.n.example; none", "mx.n.example: "),
        ("MX.N.Example;dkim=pass", "mx.n.example: dkim=pass"),
        ("\"mx.n.example\"; dkim=pass", "mx.n.example: dkim=pass"),
        ("(c) mx.n.example (c) 1 (c) ; (c) dkim (c) = (c) pass (c)", "mx.n.example: dkim=pass"),
        (
            "mx.n.example; dmarc=pass(p=NONE dis=NONE) header.from=c.example",
            "mx.n.example: dmarc=pass header.from=c.example",
        ),
        ("mx.n.example; dkim / 1 = pass header . d = c.example", "mx.n.example: dkim=pass header.d=c.example"),
        ("mx.n.example; dkim/1=pass header.d=c.example", "mx.n.example: dkim=pass header.d=c.example"),
        (
            "mx.n.example; dkim=pass header.b=ab= header.d=c.example",
            "mx.n.example: dkim=pass header.b=ab= header.d=c.example",
        ),
        (
            "mx.n.example; dkim=fail reason=\"bad; dkim=pass (x\" header.d=c.example",
            "mx.n.example: dkim=fail header.d=c.example",
        ),
        (
            "mx.n.example; spf=pass (a \\) dkim=pass; (b)) smtp.mailfrom=\"a b; c\"@c.example",
            "mx.n.example: spf=pass smtp.mailfrom=a b; c@c.example",
        ),
        ("mx.n.example; dkim=pass header.i=@c.example x-bits=2048", "mx.n.example: dkim=pass header.i=@c.example"),
        ("mx.n.example;;; dkim=pass;", "mx.n.example: dkim=pass"),
        // What is joined by a comment only is not one word.
        ("mx.n.example; dkim=pa(x)ss", "mx.n.example: dkim=pa"),
        // Versions that do not exist, and properties that contradict each other.
        ("mx.n.example; dkim/2=pass header.d=c.example; spf=pass", "mx.n.example: spf=pass"),
        ("mx.n.example; dkim=pass header.d=c.example header.d=d.example", "mx.n.example: "),
    ] {
        assert_eq!(told(value).as_deref(), Some(seen), "{value}");
    }
}

#[test]
fn what_does_not_fit_is_nothing() {
    for bad in [
        "",
        ";",
        "dkim=pass",
        "mx.n.example 2; dkim=pass",
        "mx (unclosed; dkim=pass",
        "mx.n.example; reason=\"unclosed; dkim=pass",
        "mx.n.example; dkim=pass (ends with a backslash \\",
        "mx.n.example other words; dkim=pass",
        "mx.n.example; \"dkim=pass\"",
        "mx.n.example; spf=pass \"; dkim=pass header.d=c.example\"",
    ] {
        assert_eq!(parse(bad), None, "{bad}");
    }
}

#[test]
fn without_an_id_another_servers_field_is_none() {
    let found = parse_without_id(
        "spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=c.example; dkim=none header.d=none;dmarc=pass",
    );
    assert_eq!(found.map(|r| r.methods.len()), Some(3));
    assert_eq!(parse_without_id("mx.n.example; dkim=pass"), None);
    assert_eq!(parse_without_id(""), None);
}

#[test]
fn a_field_longer_than_any_server_writes_is_nothing() {
    let of = |bytes: usize| format!("mx.n.example; dkim=pass ({})", "x".repeat(bytes));
    assert!(parse(&of(8 * 1024)).is_some());
    assert_eq!(parse(&of(MAX_BYTES)), None);
}
