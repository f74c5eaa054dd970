use super::*;
use crate::arrive::parse::parse;

const OWN: &str = "Received: from out.c.example (out.c.example [192.0.2.1] by lies.example) by mx.n.example with ESMTPS; Fri, 20 Nov 2026 23:40:00 +0100\r\n";
const PASS: &str = "Authentication-Results: mx.n.example; dmarc=pass (p=NONE) header.from=c.example; spf=pass smtp.mailfrom=c.example\r\n";

fn named() -> Vec<TrustedServer> {
    vec![TrustedServer::Named { id: "mx.n.example".into(), host: None }]
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
    for header in [
        PASS.to_owned(),
        format!("{OWN}{other}{PASS}"),
        format!("{OWN}Subject: x\r\n{PASS}"),
        format!("{OWN}{PASS}{PASS}"),
        format!("{other}{PASS}"),
        format!("{OWN}{}", PASS.replace("mx.n", "mx.other")),
        format!("{OWN}{}", PASS.replace("header.from=c.example", "header.from=evil.example")),
        format!("{OWN}Authentication-Results: mx.n.example; spf=pass smtp.mailfrom=c.example\r\n"),
        format!("{OWN}Authentication-Results: mx.n.example; dkim=pass header.d=evil.example\r\n"),
        format!("{OWN}Authentication-Results: mx.n.example; dkim=pass header.d=example\r\n"),
        format!("{OWN}Authentication-Results: mx.n.example; (dmarc=pass header.from=c.example\r\n"),
    ] {
        assert!(!proof(&header, &named()).authenticated, "{header}");
    }
    assert!(!proof(&format!("{PASS}{OWN}"), &[]).authenticated);
}

#[test]
fn dkim_counts_when_it_is_aligned_and_signs_all() {
    let results = "Authentication-Results: mx.n.example; dkim=pass header.d=c.example\r\n";
    assert!(proof(&format!("{OWN}{results}"), &named()).authenticated);
    let signature = "DKIM-Signature: v=1; d=c.example; s=a; l=20; h=from; b=x\r\n";
    let proof = proof(&format!("{OWN}{results}{signature}"), &named());
    assert!(!proof.authenticated && proof.why.contains("l="), "{}", proof.why);
}

#[test]
fn a_trusted_fail_is_said() {
    let proof = proof(&format!("{OWN}{}", PASS.replace("dmarc=pass", "dmarc=fail")), &named());
    assert!(proof.dmarc_failed && !proof.authenticated);
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
