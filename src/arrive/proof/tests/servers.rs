//! Blocks as the receiving servers of the world write them, and what they prove of `klaus@c.example`.

use super::*;

const GMAIL: &str = "Delivered-To: support@n.example\r\n\
        Received: by 2002:a05:6402:12cc:b0:5cf:1a2b:3c4d with SMTP id k12csp123456edx;\r\n        Fri, 20 Nov 2026 14:40:07 -0800 (PST)\r\n\
        X-Google-Smtp-Source: AGHT+IEabc\r\nX-Received: by 2002:a17:907:1c0e:b0:a9a:1 with SMTP id nc14mr1;\r\n        Fri, 20 Nov 2026 14:40:06 -0800 (PST)\r\n\
        ARC-Seal: i=1; a=rsa-sha256; t=1795210806; cv=none; d=google.com; s=arc; b=x\r\n\
        ARC-Message-Signature: i=1; a=rsa-sha256; d=google.com; b=x\r\n\
        ARC-Authentication-Results: i=1; mx.google.com;\r\n       dkim=pass header.i=@evil.example\r\n\
        Return-Path: <klaus@c.example>\r\n\
        Received: from out.c.example (out.c.example. [192.0.2.1])\r\n        by mx.google.com with ESMTPS id a640c23a62f3a-1si\r\n        for <support@n.example>\r\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        Fri, 20 Nov 2026 14:40:06 -0800 (PST)\r\n\
        Received-SPF: pass (google.com: domain of klaus@c.example designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;\r\n\
        Authentication-Results: mx.google.com;\r\n       dkim=pass header.i=@c.example header.s=s1 header.b=\"abcdEF/=\";\r\n       spf=pass (google.com: domain of klaus@c.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=klaus@c.example;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=c.example\r\n";

const FASTMAIL: &str = "Return-Path: <klaus@c.example>\r\n\
        Received: from phl-compute-05.internal (phl-compute-05.phl.internal [10.202.2.45])\r\n\t by sloti26d1t06 (Cyrus 3.13.0-alpha0) with LMTPA;\r\n\t Fri, 20 Nov 2026 17:40:08 -0500\r\n\
        X-Cyrus-Session-Id: sloti26d1t06-1\r\nX-Sieve: CMU Sieve 3.0\r\nX-Resolved-to: support@n.example\r\n\
        Received: from phl-mx-03.messagingengine.com ([10.202.2.202])\r\n  by phl-compute-05.internal (LMTPProxy); Fri, 20 Nov 2026 17:40:08 -0500\r\n\
        Received: from phl-mx-03.messagingengine.com (phl-mx-03.messagingengine.com [127.0.0.1])\r\n\tby mailmx.phl.internal (Postfix) with ESMTP id 1\r\n\tfor <support@n.example>; Fri, 20 Nov 2026 17:40:08 -0500 (EST)\r\n\
        ARC-Seal: i=1; a=rsa-sha256; cv=none; d=messagingengine.com; b=x\r\n\
        Authentication-Results: phl-mx-03.messagingengine.com;\r\n    bimi=none (No BIMI records found);\r\n    arc=none (no signatures found);\r\n    dkim=pass (2048-bit rsa key sha256) header.d=c.example\r\n    header.i=@c.example header.b=Ab12/x== header.a=rsa-sha256\r\n    header.s=s1 x-bits=2048;\r\n    dmarc=pass policy.published-domain-policy=reject\r\n    policy.applied-disposition=none policy.evaluated-disposition=none\r\n    (p=reject,d=none,d.eval=none) policy.policy-from=p\r\n    header.from=c.example;\r\n    iprev=pass smtp.remote-ip=192.0.2.1 (out.c.example);\r\n    spf=pass smtp.mailfrom=klaus@c.example smtp.helo=out.c.example\r\n\
        X-ME-VSCause: abc\r\n\
        Received-SPF: pass (c.example: sender is authorized) receiver=phl-mx-03.messagingengine.com;\r\n\
        Received: from out.c.example (out.c.example [192.0.2.1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\tby phl-mx-03.messagingengine.com (Postfix) with ESMTPS\r\n\tfor <support@n.example>; Fri, 20 Nov 2026 17:40:07 -0500 (EST)\r\n";

const DOVECOT: &str = "Return-Path: <klaus@c.example>\r\nDelivered-To: support@n.example\r\n\
        Received: from mx.n.example\r\n\tby store.n.example with LMTP\r\n\tid 8MlZAa\r\n\t(envelope-from <klaus@c.example>)\r\n\tfor <support@n.example>; Fri, 20 Nov 2026 23:40:08 +0100\r\n\
        Received: from localhost (localhost [127.0.0.1])\r\n\tby mx.n.example (Postfix) with ESMTP id 2; Fri, 20 Nov 2026 23:40:08 +0100 (CET)\r\n\
        X-Virus-Scanned: amavisd-new at n.example\r\n";

fn opendkim() -> String {
    format!(
        "{DOVECOT}Authentication-Results: mx.n.example;\r\n\tdkim=pass (2048-bit key, unprotected) header.d=c.example header.i=@c.example header.a=rsa-sha256 header.s=s1 header.b=AbCdEf12;\r\n\tdkim-atps=neutral\r\n{OWN}"
    )
}

fn opendmarc() -> String {
    format!(
        "{DOVECOT}Authentication-Results: dmarc.n.example; dmarc=pass (p=reject dis=none) header.from=c.example\r\n\
         Authentication-Results: dkim.n.example;\r\n\tdkim=pass (1024-bit key) header.d=c.example header.i=@c.example header.b=\"x\"\r\n{OWN}"
    )
}

fn rspamd() -> String {
    format!(
        "Return-Path: <klaus@c.example>\r\n{OWN}X-Spamd-Bar: ---\r\nX-Spamd-Result: default: False [-3.10 / 15.00];\r\n\tDMARC_POLICY_ALLOW(-0.50)[c.example,reject]\r\n\
         Authentication-Results: mx.n.example;\r\n\tdkim=pass header.d=c.example header.s=s1 header.b=AbCd;\r\n\tdmarc=pass (policy=reject) header.from=c.example;\r\n\tspf=pass (mx.n.example: domain of klaus@c.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=klaus@c.example\r\n"
    )
}

const EXIM: &str = "Return-path: <klaus@c.example>\r\nEnvelope-to: support@n.example\r\nDelivery-date: Fri, 20 Nov 2026 23:40:08 +0100\r\n\
        Authentication-Results: mx.n.example;\r\n\tiprev=pass (out.c.example) smtp.remote-ip=192.0.2.1;\r\n\tspf=pass smtp.mailfrom=c.example;\r\n\tdkim=pass header.d=c.example header.s=s1 header.a=rsa-sha256;\r\n\tdmarc=pass header.from=c.example;\r\n\tarc=none\r\n\
        Received: from out.c.example ([192.0.2.1])\r\n\tby mx.n.example with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\r\n\t(Exim 4.98)\r\n\t(envelope-from <klaus@c.example>)\r\n\tid 1tE0ab-0001\r\n\tfor support@n.example;\r\n\tFri, 20 Nov 2026 23:40:07 +0100\r\n";

const GMX: &str = "Return-Path: <klaus@c.example>\r\nAuthentication-Results:  gmx.net; dkim=pass header.i=@c.example\r\n\
        Received: from out.c.example ([192.0.2.1]) by mx-ha.gmx.net (mxgmx016\r\n [212.227.15.9]) with ESMTPS (Nemesis) id 1MzQgC-1 for <support@n.example>;\r\n Fri, 20 Nov 2026 23:40:07 +0100\r\n";

const YAHOO: &str = "X-Originating-Ip: [192.0.2.1]\r\nReceived-SPF: pass (domain of c.example designates 192.0.2.1 as permitted sender)\r\n\
        Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;\r\n dkim=pass header.i=@c.example header.s=s1;\r\n spf=pass smtp.mailfrom=c.example;\r\n dmarc=pass(p=REJECT) header.from=c.example;\r\n\
        X-Apparently-To: support@n.example; Fri, 20 Nov 2026 22:40:07 +0000\r\n\
        Received: from 192.0.2.1 (EHLO out.c.example)\r\n by mta1001.mail.gq1.yahoo.com with SMTPs;\r\n Fri, 20 Nov 2026 22:40:07 +0000\r\n";

const PROTON: &str = "Return-Path: <klaus@c.example>\r\nX-Original-To: support@n.example\r\nDelivered-To: support@n.example\r\n\
        Authentication-Results: mail.protonmail.ch; dmarc=pass (p=reject dis=none)\r\n header.from=c.example\r\n\
        Authentication-Results: mail.protonmail.ch; spf=pass smtp.mailfrom=c.example\r\n\
        Authentication-Results: mail.protonmail.ch; dkim=pass (2048-bit key) header.d=c.example header.i=@c.example header.b=\"x\"\r\n\
        Received: from out.c.example (out.c.example [192.0.2.1]) (using TLSv1.3\r\n with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by\r\n mailin021.protonmail.ch (Postfix) with ESMTPS id 4X for <support@n.example>; Fri,\r\n 20 Nov 2026 22:40:07 +0000 (UTC)\r\n";

#[test]
fn the_blocks_of_real_servers_are_read() {
    for (name, header, trusted, proves) in [
        ("Gmail", GMAIL.to_owned(), by("mx.google.com", None), true),
        ("Fastmail", FASTMAIL.to_owned(), by("phl-mx-03.messagingengine.com", None), true),
        ("OpenDKIM", opendkim(), named(), true),
        ("OpenDMARC", opendmarc(), by("dmarc.n.example", Some("mx.n.example")), true),
        ("OpenDKIM beside it", opendmarc(), by("dkim.n.example", Some("mx.n.example")), true),
        ("rspamd", rspamd(), named(), true),
        ("Exim", EXIM.to_owned(), named(), true),
        ("GMX", GMX.to_owned(), by("gmx.net", Some("mx-ha.gmx.net")), true),
        (
            "Yahoo",
            YAHOO.to_owned(),
            by("atlas-production.v2-mail-prod1-gq1.omega.yahoo.com", Some("mta1001.mail.gq1.yahoo.com")),
            true,
        ),
        // Three fields of one name: which of them is the server's cannot be told (RFC 8601 section 5).
        ("Proton", PROTON.to_owned(), by("mail.protonmail.ch", Some("mailin021.protonmail.ch")), false),
        // The right name, and a Received of another host.
        ("GMX without its host", GMX.to_owned(), by("gmx.net", None), false),
        // ARC never counts, whoever it names.
        ("ARC", GMAIL.replace("\nAuthentication-Results", "\nX-Old-Results"), by("mx.google.com", None), false),
    ] {
        let proof = proof(&header, &trusted);
        assert_eq!(proof.authenticated, proves, "{name}: {}", proof.why);
        let failed = self::proof(&header.replace("dmarc=pass", "dmarc=fail"), &trusted);
        assert!(!failed.dmarc_failed || !failed.authenticated, "{name}");
    }
}
