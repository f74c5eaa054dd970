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

/// Blocks as the receiving servers of the world write them, and what they prove of `klaus@c.example`.
#[test]
fn the_blocks_of_real_servers_are_read() {
    let gmail = "Delivered-To: support@n.example\r\n\
        Received: by 2002:a05:6402:12cc:b0:5cf:1a2b:3c4d with SMTP id k12csp123456edx;\r\n        Fri, 20 Nov 2026 14:40:07 -0800 (PST)\r\n\
        X-Google-Smtp-Source: AGHT+IEabc\r\nX-Received: by 2002:a17:907:1c0e:b0:a9a:1 with SMTP id nc14mr1;\r\n        Fri, 20 Nov 2026 14:40:06 -0800 (PST)\r\n\
        ARC-Seal: i=1; a=rsa-sha256; t=1795210806; cv=none; d=google.com; s=arc; b=x\r\n\
        ARC-Message-Signature: i=1; a=rsa-sha256; d=google.com; b=x\r\n\
        ARC-Authentication-Results: i=1; mx.google.com;\r\n       dkim=pass header.i=@evil.example\r\n\
        Return-Path: <klaus@c.example>\r\n\
        Received: from out.c.example (out.c.example. [192.0.2.1])\r\n        by mx.google.com with ESMTPS id a640c23a62f3a-1si\r\n        for <support@n.example>\r\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        Fri, 20 Nov 2026 14:40:06 -0800 (PST)\r\n\
        Received-SPF: pass (google.com: domain of klaus@c.example designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;\r\n\
        Authentication-Results: mx.google.com;\r\n       dkim=pass header.i=@c.example header.s=s1 header.b=\"abcdEF/=\";\r\n       spf=pass (google.com: domain of klaus@c.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=klaus@c.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=c.example\r\n";
    let fastmail = "Return-Path: <klaus@c.example>\r\n\
        Received: from phl-compute-05.internal (phl-compute-05.phl.internal [10.202.2.45])\r\n\t by sloti26d1t06 (Cyrus 3.13.0-alpha0) with LMTPA;\r\n\t Fri, 20 Nov 2026 17:40:08 -0500\r\n\
        X-Cyrus-Session-Id: sloti26d1t06-1\r\nX-Sieve: CMU Sieve 3.0\r\nX-Resolved-to: support@n.example\r\n\
        Received: from phl-mx-03.messagingengine.com ([10.202.2.202])\r\n  by phl-compute-05.internal (LMTPProxy); Fri, 20 Nov 2026 17:40:08 -0500\r\n\
        Received: from phl-mx-03.messagingengine.com (phl-mx-03.messagingengine.com [127.0.0.1])\r\n\tby mailmx.phl.internal (Postfix) with ESMTP id 1\r\n\tfor <support@n.example>; Fri, 20 Nov 2026 17:40:08 -0500 (EST)\r\n\
        ARC-Seal: i=1; a=rsa-sha256; cv=none; d=messagingengine.com; b=x\r\n\
        Authentication-Results: phl-mx-03.messagingengine.com;\r\n    bimi=none (No BIMI records found);\r\n    arc=none (no signatures found);\r\n    dkim=pass (2048-bit rsa key sha256) header.d=c.example\r\n    header.i=@c.example header.b=Ab12/x== header.a=rsa-sha256\r\n    header.s=s1 x-bits=2048;\r\n    dmarc=pass policy.published-domain-policy=reject\r\n    policy.applied-disposition=none policy.evaluated-disposition=none\r\n    (p=reject,d=none,d.eval=none) policy.policy-from=p\r\n    header.from=c.example;\r\n    iprev=pass smtp.remote-ip=192.0.2.1 (out.c.example);\r\n    spf=pass smtp.mailfrom=klaus@c.example smtp.helo=out.c.example\r\n\
        X-ME-VSCause: abc\r\n\
        Received-SPF: pass (c.example: sender is authorized) receiver=phl-mx-03.messagingengine.com;\r\n\
        Received: from out.c.example (out.c.example [192.0.2.1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\tby phl-mx-03.messagingengine.com (Postfix) with ESMTPS\r\n\tfor <support@n.example>; Fri, 20 Nov 2026 17:40:07 -0500 (EST)\r\n";
    let dovecot = "Return-Path: <klaus@c.example>\r\nDelivered-To: support@n.example\r\n\
        Received: from mx.n.example\r\n\tby store.n.example with LMTP\r\n\tid 8MlZAa\r\n\t(envelope-from <klaus@c.example>)\r\n\tfor <support@n.example>; Fri, 20 Nov 2026 23:40:08 +0100\r\n\
        Received: from localhost (localhost [127.0.0.1])\r\n\tby mx.n.example (Postfix) with ESMTP id 2; Fri, 20 Nov 2026 23:40:08 +0100 (CET)\r\n\
        X-Virus-Scanned: amavisd-new at n.example\r\n";
    let opendkim = format!(
        "{dovecot}Authentication-Results: mx.n.example;\r\n\tdkim=pass (2048-bit key, unprotected) header.d=c.example header.i=@c.example header.a=rsa-sha256 header.s=s1 header.b=AbCdEf12;\r\n\tdkim-atps=neutral\r\n{OWN}"
    );
    let opendmarc = format!(
        "{dovecot}Authentication-Results: dmarc.n.example; dmarc=pass (p=reject dis=none) header.from=c.example\r\n\
         Authentication-Results: dkim.n.example;\r\n\tdkim=pass (1024-bit key) header.d=c.example header.i=@c.example header.b=\"x\"\r\n{OWN}"
    );
    let rspamd = format!(
        "Return-Path: <klaus@c.example>\r\n{OWN}X-Spamd-Bar: ---\r\nX-Spamd-Result: default: False [-3.10 / 15.00];\r\n\tDMARC_POLICY_ALLOW(-0.50)[c.example,reject]\r\n\
         Authentication-Results: mx.n.example;\r\n\tdkim=pass header.d=c.example header.s=s1 header.b=AbCd;\r\n\tdmarc=pass (policy=reject) header.from=c.example;\r\n\tspf=pass (mx.n.example: domain of klaus@c.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=klaus@c.example\r\n"
    );
    let exim = "Return-path: <klaus@c.example>\r\nEnvelope-to: support@n.example\r\nDelivery-date: Fri, 20 Nov 2026 23:40:08 +0100\r\n\
        Authentication-Results: mx.n.example;\r\n\tiprev=pass (out.c.example) smtp.remote-ip=192.0.2.1;\r\n\tspf=pass smtp.mailfrom=c.example;\r\n\tdkim=pass header.d=c.example header.s=s1 header.a=rsa-sha256;\r\n\tdmarc=pass header.from=c.example;\r\n\tarc=none\r\n\
        Received: from out.c.example ([192.0.2.1])\r\n\tby mx.n.example with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\r\n\t(Exim 4.98)\r\n\t(envelope-from <klaus@c.example>)\r\n\tid 1tE0ab-0001\r\n\tfor support@n.example;\r\n\tFri, 20 Nov 2026 23:40:07 +0100\r\n";
    let gmx = "Return-Path: <klaus@c.example>\r\nAuthentication-Results:  gmx.net; dkim=pass header.i=@c.example\r\n\
        Received: from out.c.example ([192.0.2.1]) by mx-ha.gmx.net (mxgmx016\r\n [212.227.15.9]) with ESMTPS (Nemesis) id 1MzQgC-1 for <support@n.example>;\r\n Fri, 20 Nov 2026 23:40:07 +0100\r\n";
    let yahoo = "X-Originating-Ip: [192.0.2.1]\r\nReceived-SPF: pass (domain of c.example designates 192.0.2.1 as permitted sender)\r\n\
        Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;\r\n dkim=pass header.i=@c.example header.s=s1;\r\n spf=pass smtp.mailfrom=c.example;\r\n dmarc=pass(p=REJECT) header.from=c.example;\r\n\
        X-Apparently-To: support@n.example; Fri, 20 Nov 2026 22:40:07 +0000\r\n\
        Received: from 192.0.2.1 (EHLO out.c.example)\r\n by mta1001.mail.gq1.yahoo.com with SMTPs;\r\n Fri, 20 Nov 2026 22:40:07 +0000\r\n";
    let proton = "Return-Path: <klaus@c.example>\r\nX-Original-To: support@n.example\r\nDelivered-To: support@n.example\r\n\
        Authentication-Results: mail.protonmail.ch; dmarc=pass (p=reject dis=none)\r\n header.from=c.example\r\n\
        Authentication-Results: mail.protonmail.ch; spf=pass smtp.mailfrom=c.example\r\n\
        Authentication-Results: mail.protonmail.ch; dkim=pass (2048-bit key) header.d=c.example header.i=@c.example header.b=\"x\"\r\n\
        Received: from out.c.example (out.c.example [192.0.2.1]) (using TLSv1.3\r\n with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by\r\n mailin021.protonmail.ch (Postfix) with ESMTPS id 4X for <support@n.example>; Fri,\r\n 20 Nov 2026 22:40:07 +0000 (UTC)\r\n";
    for (name, header, trusted, proves) in [
        ("Gmail", gmail.to_owned(), by("mx.google.com", None), true),
        ("Fastmail", fastmail.to_owned(), by("phl-mx-03.messagingengine.com", None), true),
        ("OpenDKIM", opendkim, named(), true),
        ("OpenDMARC", opendmarc.clone(), by("dmarc.n.example", Some("mx.n.example")), true),
        ("OpenDKIM beside it", opendmarc, by("dkim.n.example", Some("mx.n.example")), true),
        ("rspamd", rspamd, named(), true),
        ("Exim", exim.to_owned(), named(), true),
        ("GMX", gmx.to_owned(), by("gmx.net", Some("mx-ha.gmx.net")), true),
        (
            "Yahoo",
            yahoo.to_owned(),
            by("atlas-production.v2-mail-prod1-gq1.omega.yahoo.com", Some("mta1001.mail.gq1.yahoo.com")),
            true,
        ),
        // Three fields of one name: which of them is the server's cannot be told (RFC 8601 section 5).
        ("Proton", proton.to_owned(), by("mail.protonmail.ch", Some("mailin021.protonmail.ch")), false),
        // The right name, and a Received of another host.
        ("GMX without its host", gmx.to_owned(), by("gmx.net", None), false),
        // ARC never counts, whoever it names.
        ("ARC", gmail.replace("\nAuthentication-Results", "\nX-Old-Results"), by("mx.google.com", None), false),
    ] {
        let proof = proof(&header, &trusted);
        assert_eq!(proof.authenticated, proves, "{name}: {}", proof.why);
        let failed = self::proof(&header.replace("dmarc=pass", "dmarc=fail"), &trusted);
        assert!(!failed.dmarc_failed || !failed.authenticated, "{name}");
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
