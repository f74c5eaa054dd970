mod servers;

use proptest::prelude::*;

use super::*;
use crate::arrive::parse::parse;

const OWN: &str = "Received: from out.c.example (out.c.example [192.0.2.1] by lies.example) by mx.n.example with ESMTPS; Fri, 20 Nov 2026 23:40:00 +0100\r\n";
const PASS: &str = "Authentication-Results: mx.n.example; dmarc=pass (p=NONE) header.from=c.example; spf=pass smtp.mailfrom=c.example\r\n";

fn named() -> Vec<TrustedServer> {
    by("mx.n.example", None)
}

fn by(id: &str, host: Option<&str>) -> Vec<TrustedServer> {
    vec![TrustedServer::Named { id: id.into(), host: host.map(str::to_owned) }]
}

fn proof(header: &str, trusted: &[TrustedServer]) -> Proof {
    prove(&parse(format!("{header}From: Klaus <klaus@c.example>\r\n\r\nx").as_bytes()), trusted)
}

#[test]
fn a_pass_in_the_providers_own_block_counts() {
    for header in
        [format!("{PASS}{OWN}"), format!("Return-Path: <klaus@c.example>\r\n{OWN}Received-SPF: pass\r\n{PASS}")]
    {
        let proof = proof(&header, &named());
        assert!(proof.authenticated, "{}", proof.why);
        assert_eq!(proof.by.as_deref(), Some("mx.n.example"));
    }
}

#[test]
fn a_field_that_came_with_the_mail_is_worth_nothing() {
    let other = "Received: from a by evil.example; Fri, 20 Nov 2026 23:40:00 +0100\r\n";
    let spoken = |results: &str| format!("{OWN}Authentication-Results: {results}\r\n");
    for header in [
        // No Received of the server at all, or not on top; behind a line that a sender may have written.
        PASS.to_owned(),
        format!("{other}{PASS}"),
        format!("{other}{OWN}{PASS}"),
        format!("{other}{PASS}{OWN}"),
        format!("{OWN}{other}{PASS}"),
        format!("{OWN}Subject: x\r\n{PASS}"),
        format!("Subject: x\r\n{OWN}{PASS}"),
        format!("{OWN}To: x\r\n{OWN}{PASS}"),
        // Two of one name, in whatever case and place.
        format!("{OWN}{PASS}{PASS}"),
        format!("{PASS}{OWN}Subject: x\r\n{PASS}"),
        format!("{OWN}{PASS}{other}{}", PASS.replace("mx.n", "MX.N")),
        format!("{OWN}{PASS}Authentication-Results: \"mx.n.example\" 1; none\r\n"),
        format!("{OWN}{PASS}authentication-results: (c) mx.n.example (c); none\r\n"),
        // The server's own cannot be read, by what a stranger wrote into the envelope.
        format!("{OWN}Authentication-Results: mx.n.example; spf=pass smtp.mailfrom=a(b@evil.example\r\n{PASS}"),
        format!("{OWN}Authentication-Results: MX.N.example; spf=pass smtp.mailfrom=\"a@evil.example\r\n{PASS}"),
        // Another server's, or about somebody else.
        format!("{OWN}{}", PASS.replace("mx.n", "mx.other")),
        format!("{OWN}{}", PASS.replace("mx.n.example", "mx.n.example.evil.example")),
        format!("{OWN}{}", PASS.replace("mx.n.example", "evil.example mx.n.example")),
        format!("{OWN}{}", PASS.replace("header.from=c.example", "header.from=evil.example")),
        format!("{OWN}{}", PASS.replace("header.from=c.example", "")),
        // What says nothing of From.
        spoken("mx.n.example; none"),
        spoken("mx.n.example; spf=pass smtp.mailfrom=c.example"),
        spoken("mx.n.example; auth=pass smtp.auth=klaus@c.example"),
        spoken("mx.n.example; arc=pass header.d=c.example; x-dkim=pass header.d=c.example"),
        spoken("mx.n.example; dkim=pass"),
        spoken("mx.n.example; dkim=pass header.d=evil.example"),
        spoken("mx.n.example; dkim=pass header.d=example"),
        spoken("mx.n.example; dkim=pass header.d=mail.c.example"),
        spoken("mx.n.example; dkim=pass header.i=@evil.example"),
        spoken("mx.n.example; dkim=pass smtp.d=c.example"),
        spoken("mx.n.example; dkim=fail header.d=c.example"),
        spoken("mx.n.example; dkim=passed header.d=c.example"),
        spoken("mx.n.example; dkim=neutral (dkim=pass) header.d=c.example"),
        spoken("mx.n.example; dkim=fail reason=\"x; dkim=pass header.d=c.example\" header.d=evil.example"),
        spoken("mx.n.example; dkim=pass header.d=evil.example header.d=c.example"),
        spoken("mx.n.example; dkim/2=pass header.d=c.example"),
        spoken("mx.n.example 2; dkim=pass header.d=c.example"),
        spoken("mx.n.example; dmarc=none header.from=c.example"),
        spoken("mx.n.example; dmarc=bestguesspass header.from=c.example"),
        spoken("mx.n.example; dmarc=pass header.from=c.example; dmarc=none header.from=c.example"),
        spoken("mx.n.example; dmarc=pass header.from=\"c.example"),
        spoken("mx.n.example; (dmarc=pass header.from=c.example"),
        spoken("mx.n.example; \"dmarc=pass\" header.from=c.example"),
    ] {
        let proof = proof(&header, &named());
        assert!(!proof.authenticated, "{header}{}", proof.why);
    }
    assert!(!proof(&format!("{PASS}{OWN}"), &[]).authenticated);
}

#[test]
fn a_field_inside_another_mail_is_about_that_mail() {
    let outer = "Received: from out.c.example by mx.n.example with ESMTPS; Fri, 20 Nov 2026 23:40:00 +0100\r\n";
    let mail = format!(
        "{outer}From: Klaus <klaus@c.example>\r\nContent-Type: message/rfc822\r\n\r\n{OWN}{PASS}From: k@c.example\r\n\r\nx"
    );
    assert!(!prove(&parse(mail.as_bytes()), &named()).authenticated);
}

#[test]
fn one_from_or_nothing() {
    for from in [
        "From: a@c.example\r\nFrom: b@c.example\r\n",
        "From: a@c.example, b@c.example\r\n",
        "From: a@c.example, b@evil.example\r\n",
        "From: \u{fc}@c.example\r\n",
        "From: c.example\r\n",
        "",
    ] {
        let proof = prove(&parse(format!("{PASS}{OWN}{from}\r\nx").as_bytes()), &named());
        assert!(!proof.authenticated && proof.why.contains("one From"), "{from}: {}", proof.why);
    }
}

#[test]
fn hops_inside_the_house_are_passed_and_no_others() {
    let inside = "Received: from mx.n.example (mx.n.example [10.0.0.2]) by store.n.example with ESMTP; Fri, 20 Nov 2026 23:40:08 +0100\r\n";
    assert!(proof(&format!("{inside}{OWN}{PASS}"), &named()).authenticated);
    for hop in [
        // A stranger's machine, whatever it calls itself.
        inside.replace("[10.0.0.2]", "[192.0.2.66]"),
        inside.replace("(mx.n.example [10.0.0.2])", "([10.0.0.2]) (evil.example [192.0.2.66])"),
        inside.replace("(mx.n.example [10.0.0.2])", ""),
        // A machine of the house that did not get the mail from the trusted server: a web form, a relay.
        inside.replace("from mx.n.example (mx.n.example [10.0.0.2])", "from www.n.example (www.n.example [10.0.0.7])"),
        "Received: by www.n.example (Postfix, from userid 33) id 1; Fri, 20 Nov 2026 23:40:08 +0100\r\n".to_owned(),
    ] {
        assert!(!proof(&format!("{hop}{OWN}{PASS}"), &named()).authenticated, "{hop}");
    }
}

#[test]
fn dkim_counts_when_it_is_aligned_and_signs_all() {
    let results = "Authentication-Results: mx.n.example; dkim=pass header.d=c.example header.s=s1\r\n";
    let unnamed = results.replace(" header.s=s1", "");
    let by_identity = "Authentication-Results: mx.n.example; dkim=pass header.i=@mail.c.example\r\n";
    let dmarc = "Authentication-Results: mx.n.example; dmarc=pass header.from=c.example\r\n";
    let signature = |tags: &str| format!("DKIM-Signature: v=1; {tags}; h=from; b=x\r\n");
    assert!(proof(&format!("{OWN}{results}"), &named()).authenticated);
    for (results, signature, proves) in [
        (results, signature("d=c.example; s=s1"), true),
        (results, signature("d=c.example; s=s1; l=20"), false),
        (results, signature("d=C.Example;\r\n\ts=S1; l\r\n = 20"), false),
        (results, signature("d=c.example; s=s1; L=0"), false),
        // Another signature of the same signer, and the server says which of them passed.
        (results, signature("d=c.example; s=s2; l=20"), true),
        (&unnamed, signature("d=c.example; s=s2; l=20"), false),
        // A signature of a list or a forwarder is not what passed.
        (results, signature("d=lists.example; s=s1; l=20"), true),
        // DMARC does not say by which signature it passed.
        (dmarc, signature("d=c.example; s=s2; l=20"), false),
        (dmarc, signature("d=lists.example; s=s2; l=20"), true),
        (dmarc, signature("d=c.example; s=s2"), true),
    ] {
        let proof = proof(&format!("{OWN}{results}{signature}"), &named());
        assert_eq!(proof.authenticated, proves, "{results}{signature}{}", proof.why);
        assert!(proves || proof.why.contains("l="), "{}", proof.why);
    }
    let below = |tags: &str| {
        let header = format!("{OWN}{by_identity}{}From: Klaus <klaus@mail.c.example>\r\n\r\nx", signature(tags));
        prove(&parse(header.as_bytes()), &named()).authenticated
    };
    assert!(below("d=c.example; i=@mail.c.example"));
    assert!(!below("d=c.example; i=@mail.c.example; l=20"));
}

#[test]
fn a_trusted_fail_is_said() {
    let failed = PASS.replace("dmarc=pass", "dmarc=fail");
    for results in [failed.clone(), failed.replace("header.from", "dkim=pass header.d=c.example; x=y header.from")] {
        let proof = proof(&format!("{OWN}{results}"), &named());
        assert!(proof.dmarc_failed && !proof.authenticated, "{results}");
    }
    // But nobody else's.
    assert!(!proof(&format!("{OWN}Subject: x\r\n{failed}"), &named()).dmarc_failed);
}

#[test]
fn microsoft_counts_only_when_the_operator_says_so() {
    let by = "Received: from a.outbound.protection.outlook.com by DB9PR01.eurprd01.prod.outlook.com; Fri, 20 Nov 2026 23:40:00 +0100\r\n";
    let results = "Authentication-Results: spf=pass smtp.mailfrom=c.example; dkim=pass (signature was verified) header.d=c.example;dmarc=pass action=none header.from=c.example;compauth=pass reason=100\r\n";
    let header = format!("{by}{results}");
    assert!(proof(&header, &[TrustedServer::Microsoft365]).authenticated);
    assert!(!proof(&header, &named()).authenticated);
    assert!(!proof(results, &[TrustedServer::Microsoft365]).authenticated);
}

#[test]
fn the_block_of_microsoft_365_is_read_to_its_border() {
    let inside = "Received: from DB9PR01MB1234.eurprd01.prod.outlook.com (2603:10a6:10:2::1)\r\n by AM0PR01MB5678.eurprd01.prod.outlook.com with HTTPS; Fri, 20 Nov 2026 22:40:09 +0000\r\n\
        Received: from DU2PR04CA0001.eurprd04.prod.outlook.com (2603:10a6:10:3b::6) by\r\n DB9PR01MB1234.eurprd01.prod.outlook.com (2603:10a6:10:2::1) with Microsoft SMTP\r\n Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9160.13; Fri, 20\r\n Nov 2026 22:40:08 +0000\r\n\
        Received: from DB1PEPF00039230.eurprd03.prod.outlook.com\r\n (2603:10a6:10:3b:cafe::10) by DU2PR04CA0001.outlook.office365.com\r\n (2603:10a6:10:3b::6) with Microsoft SMTP Server (version=TLS1_3,\r\n cipher=TLS_AES_256_GCM_SHA384) id 15.20.9160.19 via Frontend Transport; Fri, 20\r\n Nov 2026 22:40:08 +0000\r\n";
    let results = "Authentication-Results: spf=pass (sender IP is 192.0.2.1)\r\n smtp.mailfrom=c.example; dkim=pass (signature was verified)\r\n header.d=c.example;dmarc=pass action=none header.from=c.example;compauth=pass\r\n reason=100\r\n\
        Received-SPF: Pass (protection.outlook.com: domain of c.example designates\r\n 192.0.2.1 as permitted sender) receiver=protection.outlook.com;\r\n client-ip=192.0.2.1; helo=out.c.example; pr=C\r\n";
    let border = "Received: from out.c.example (192.0.2.1) by\r\n DB1PEPF00039230.mail.protection.outlook.com (10.167.8.103) with Microsoft SMTP\r\n Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9160.10 via\r\n Frontend Transport; Fri, 20 Nov 2026 22:40:07 +0000\r\n";
    let spoofed =
        "Authentication-Results: dkim=pass header.d=c.example;dmarc=pass action=none header.from=c.example\r\n";
    let foreign =
        "Authentication-Results: mx.other.example; dkim=pass header.d=c.example; dmarc=pass header.from=c.example\r\n";
    let none = "Authentication-Results: dkim=none (message not signed)\r\n header.d=none;dmarc=none action=none header.from=c.example;\r\n";
    let m365 = [TrustedServer::Microsoft365];
    for (header, proves) in [
        (format!("{inside}{results}{border}"), true),
        // What a gateway before it or a stranger wrote under its own name is not Microsoft's, and voids nothing.
        (format!("{inside}{results}{border}{foreign}"), true),
        (format!("{inside}{border}{foreign}"), false),
        // Two fields without a name: nobody knows whose they are.
        (format!("{inside}{results}{border}{spoofed}"), false),
        (format!("{inside}{none}{border}{spoofed}"), false),
        (format!("{inside}{}{border}{spoofed}", results.replace("smtp.mailfrom=", "smtp.mailfrom=a(b")), false),
        // Mail between colleagues is not signed, and nothing is said of it.
        (format!("{inside}{none}"), false),
        (inside.to_owned(), false),
        // Behind the border everything is the sender's.
        (format!("{inside}{border}To: x\r\n{spoofed}"), false),
        (format!("{border}Received: from x by y.example; Fri, 20 Nov 2026 22:40:00 +0000\r\n{spoofed}"), false),
        (
            format!("{}{results}", border.replace("protection.outlook.com", "protection.outlook.com.evil.example")),
            false,
        ),
        (
            format!(
                "{}{results}",
                border.replace("DB1PEPF00039230.mail.protection.outlook.com", "evilprod.outlook.com")
            ),
            false,
        ),
        (
            format!(
                "{}{results}",
                border.replace("DB1PEPF00039230.mail.protection.outlook.com", "x.evil-prod.outlook.com")
            ),
            false,
        ),
    ] {
        let proof = proof(&header, &m365);
        assert_eq!(proof.authenticated, proves, "{header}{}", proof.why);
        assert!(!self::proof(&header, &named()).authenticated, "it is opt-in");
    }
    assert!(proof(&format!("{inside}{}{border}", results.replace("dmarc=pass", "dmarc=fail")), &m365).dmarc_failed);
}

proptest! {
    /// Whatever a field is made of, it proves nothing of a domain that it does not name.
    #[test]
    fn no_field_proves_what_it_does_not_name(pieces in prop::collection::vec(prop::sample::select(vec![
        "mx.n.example", ";", " ", "=", ".", "/", "1", "(", ")", "\"", "\\", "\r\n\t", "dkim=pass", "dmarc=pass", "dkim", "pass",
        "header.d=d.example", "header.from=d.example", "header.i=@d.example", "header.from", "d.example", "\u{fc}", "\0",
    ]), 0..40)) {
        let field = format!("Authentication-Results: mx.n.example; {}\r\n", pieces.concat());
        let proof = proof(&format!("{OWN}{field}"), &named());
        prop_assert!(!proof.authenticated, "{field}");
        let proof = self::proof(&format!("{OWN}Authentication-Results: {}\r\n", pieces.concat()), &[TrustedServer::Microsoft365]);
        prop_assert!(!proof.authenticated, "{field}");
    }
}
