//! Commands of staff: from Dovecot's word that the mail is stored to the final dot of its transcript at the sink.

use std::time::{Duration, Instant};

use amends::arrive::parse::parse;
use amends::mail::Mail;

use crate::chain::Latency;
use crate::lmtp::Lmtp;
use crate::mail::RawMail;
use crate::program::{self, Daemon};
use crate::world::World;

const MEI: &str = "mei@northwind.example";

/// `#help` on top of an answer to each notice that the daemon wrote to Mei, at most `count`, one after the other.
pub async fn singles(world: &World, daemon: &mut Daemon, user: &str, count: usize) -> Latency {
    let letters = program::letters(&daemon.database()).await;
    let notices: Vec<Mail> = letters.iter().map(|bytes| parse(bytes)).filter(is_notice).take(count).collect();
    let mut lmtp = Lmtp::connect(world.port("LMTP")).await;
    let mut all = Vec::new();
    for notice in &notices {
        let before = world.sink().arrivals().len();
        lmtp.deliver(MEI, user, &order(notice)).await;
        let began = Instant::now();
        while world.sink().wait_for(before + 1, Duration::from_millis(200)) == before {
            daemon.assert_alive();
            assert!(began.elapsed() < Duration::from_secs(60), "no transcript within a minute");
        }
        let transcript = &world.sink().arrivals()[before];
        assert_eq!(transcript.to, MEI, "the transcript, and nothing else");
        all.push(transcript.at - began);
    }
    Latency::of(all)
}

fn is_notice(mail: &Mail) -> bool {
    let to_mei = mail.to.iter().any(|party| party.address.as_str() == MEI);
    to_mei && !mail.reply_to.is_empty()
}

/// What her program writes above the notice; her server vouches for her, and the address holds the token.
fn order(notice: &Mail) -> Vec<u8> {
    let id = notice.message_id.as_ref().expect("a notice has an id").to_string();
    let subject = format!("Re: {}", notice.subject.as_deref().unwrap_or_default());
    let quoted: String = notice.text.lines().map(|line| format!("> {line}\n")).collect();
    let attribution = "On Sat, 21 Nov 2026 at 10:00, Northwind Care <support@northwind.example> wrote:";
    RawMail::new(&format!("Mei Tan <{MEI}>"), notice.reply_to[0].address.as_str(), &subject)
        .with("Return-Path", &format!("<{MEI}>"))
        .with("Authentication-Results", "mx.test; dmarc=pass header.from=northwind.example")
        .with("Received", "from mail.northwind.example by mx.test with ESMTPS; Sat, 21 Nov 2026 10:00:01 +0000")
        .with("In-Reply-To", &id)
        .body(&format!("#help\n\n{attribution}\n\n{quoted}"))
        .bytes()
}
