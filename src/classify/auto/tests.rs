use crate::mail::Header;

use super::*;

fn with(fields: &[(&str, &str)]) -> Mail {
    let headers = fields.iter().map(|(n, v)| Header { name: (*n).into(), value: (*v).into() }).collect();
    Mail { headers, ..Mail::default() }
}

#[test]
fn comments_and_parameters_do_not_hide_the_word() {
    for no in ["no", " NO ", "no (a person)", "(typed by hand) no", "no; x=y", "\"no\""] {
        assert_eq!(submitted(&with(&[("auto-submitted", no)])), None, "{no}");
    }
    for yes in ["auto-replied", "Auto-Replied (vacation)", "auto-generated; owner-email=a@b", ""] {
        assert!(submitted(&with(&[("Auto-Submitted", yes)])).is_some(), "{yes}");
    }
    assert!(submitted(&with(&[("Auto-Submitted", "no"), ("Auto-Submitted", "no")])).is_some());
}

#[test]
fn fields_from_before_the_rfc_are_known_by_name_or_value() {
    for (name, value) in [
        ("X-AutoReply", "yes"),
        ("X-Autorespond", "id"),
        ("Delivered-To", "Autoresponder"),
        ("X-POST-MessageClass", "9; Autoresponder"),
        ("X-Apple-Action", "VACATION"),
    ] {
        assert!(responder_field(&with(&[(name, value)])).is_some(), "{name}: {value}");
    }
    for (name, value) in [("X-Autoreply", "no"), ("Delivered-To", "autoresponder@n.example"), ("X-Auto", "yes")] {
        assert_eq!(responder_field(&with(&[(name, value)])), None, "{name}: {value}");
    }
    for (name, value) in [("Precedence", "Auto_Reply"), ("X-Precedence", "auto_reply"), ("Preference", "auto_reply")] {
        assert!(precedence(&with(&[(name, value)])).is_some(), "{name}: {value}");
    }
    assert_eq!(precedence(&with(&[("Precedence", "never-bulk")])), None);
}

#[test]
fn roles_are_told_from_people() {
    let role = |local: &str| is_role(&Address::parse(&format!("{local}@n.example")).expect("an address"));
    assert!(
        ["owner-list", "list-request", "x-bounces", "bounce+1", "no-reply", "NoReply", "do_not_reply"]
            .map(role)
            .iter()
            .all(|r| *r)
    );
    assert!(!["mei", "replynow", "owner", "request"].map(role).iter().any(|r| *r));
}

#[test]
fn a_group_is_known_by_its_list_id() {
    let mail = with(&[("List-ID", "Support <support.groups.example>")]);
    assert!(is_via_list(&mail, &["<Support.groups.example>".into()]));
    assert!(!is_via_list(&mail, &["other.example".into()]));
}

fn letter(subject: &str, words: &str) -> Mail {
    Mail { subject: Some(subject.into()), text: words.into(), new_text: words.into(), ..Mail::default() }
}

fn kind_of(subject: &str, words: &str) -> Option<AutoKind> {
    hint(&letter(subject, words)).map(|hint| hint.kind)
}

/// As their programs write them, in the languages of customers, without any header.
#[test]
fn vacation_notes_are_known_by_their_words() {
    let notes = [
        "Hello,\n\nI am currently out of the office and back on Monday.",
        "Thank you for your email. I\u{2019}m out of office with limited access to email until 3 December. For urgent matters, \
         please contact jane@n.example.\n\nKind regards\nKlaus",
        "I will be out of the office starting 21/11/2026 and will not return until 03/12/2026.\n\nI will respond to your \
         message when I return.",
        "Hi\nI'm on annual leave until Monday.\nUrgent? Call the desk on 01234 567890.",
        "Guten Tag,\n\nvielen Dank für Ihre Nachricht. Ich bin derzeit nicht im Büro und ab dem 3. Dezember wieder erreichbar. \
         In dringenden Fällen wenden Sie sich bitte an meine Vertretung.\n\nMit freundlichen Grüßen\nKlaus Berger",
        "Ich bin bis zum 03.12.2026 nicht im Hause. Ihre E-Mail wird nicht weitergeleitet.",
        "Bonjour,\n\nJe suis actuellement en congés jusqu'au 3 décembre. En cas d'urgence, veuillez contacter Jeanne.\n",
        "Je suis absente du bureau. Je serai de retour le 3 décembre.",
        "Estimado cliente:\n\nEstaré fuera de la oficina hasta el 3 de diciembre. Para temas urgentes, póngase en contacto con \
         Ana.\n\nSaludos",
        "Sono in ferie fino al 3 dicembre. Per urgenze contattare Anna.",
        "Estou de férias até dia 3 de dezembro. Em caso de urgência, entre em contato com a Ana.",
        "Ik ben momenteel niet op kantoor. Op 3 december ben ik weer bereikbaar. Voor dringende zaken kunt u bellen.",
        "Jestem na urlopie do dnia 3 grudnia. W pilnych sprawach proszę o kontakt z Anną.",
        "Jag är på semester och är tillbaka den 3 december. Vid brådskande ärenden kontakta gärna Anna.",
        "Jeg er på ferie og er tilbage den 3. december. Ved hastende sager kontakt venligst Anna.",
        "Jeg er ikke på kontoret. Jeg er tilbake 3. desember.",
        "I'm currently on PTO until December 3rd.",
        "Hi, I am out until Monday with limited access to email.",
        "I am out of the office. In urgent cases, please call me on 01234 567890. I expect to be back on Monday.",
        "Jeg er på ferie til og med 3. december. Jeg vil besvare din mail, når jeg er tilbage. Du kan i stedet ringe til Anna.",
        "Ich bin im Urlaub. Ich bitte um Verständnis und möchte Sie bitten, sich in dringenden Fällen an Anna zu wenden.",
        "Olen lomalla ja palaan 3.12. Kiireellisissä asioissa ottakaa yhteyttä Annaan.",
        "Dobrý den,\njsem na dovolené. V naléhavých případech kontaktujte kolegu.",
        "Здравствуйте! Я нахожусь в отпуске до 3 декабря. По срочным вопросам обращайтесь к Анне.",
        "您好，我正在休假，12月3日返回。如有急事请联系同事。",
        "お世話になっております。\n12月3日まで不在にしております。\n戻り次第、順次対応いたします。",
        "안녕하세요. 현재 휴가 중입니다. 12월 3일에 복귀합니다.",
    ];
    let missed: Vec<_> = notes.iter().filter(|n| kind_of("Re: Lamp", n) != Some(AutoKind::OutOfOffice)).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn automatic_answers_are_known_by_their_words() {
    let answers = [
        "Thank you for contacting us. This is an automated response to tell you that your request has been received.",
        "This mailbox is not monitored. Please use our portal instead.",
        "This email was automatically generated. Please do not reply to this message.",
        "We have received your request. Your ticket number is 4711. One of our agents will answer it soon.",
        "Dies ist eine automatisch erzeugte Nachricht. Bitte antworten Sie nicht auf diese E-Mail.",
        "Ceci est un message automatique. Merci de ne pas répondre à ce courriel.",
        "Este es un mensaje automático. Por favor no responda a este correo.",
        "To jest wiadomość wygenerowana automatycznie. Prosimy nie odpowiadać na tę wiadomość.",
        "Это письмо сформировано автоматически, пожалуйста, не отвечайте на него.",
        "这是一封自动回复邮件，请勿直接回复。",
        "※このメールは自動送信されています。",
    ];
    let missed: Vec<_> = answers.iter().filter(|n| kind_of("Re: Lamp", n) != Some(AutoKind::Autoreply)).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Whoever complains, and mentions holidays, offices or automatic answers while they do, is answered.
#[test]
fn people_who_speak_of_holidays_and_machines_stay_people() {
    let people = [
        ("Lamp", "I am out of the office next week, so please answer by Friday."),
        ("Lamp", "I am on vacation until Monday, and the parcel still has not come. Where is it?"),
        ("Lamp", "I am on vacation until 3 December. The lamp in the house we rented from you leaks gas."),
        ("Lamp", "Your automatic reply says that I hear from you in two days. That was a week ago."),
        ("Automatic reply never came", "I wrote on Monday and heard nothing."),
        ("Out of office hours nobody answers", "Your line is dead after five."),
        ("Out of office: nobody answers", "I have called four times. I want my money back."),
        ("Vacation rental lamp broken", "The lamp in the holiday flat is broken."),
        ("Urlaub: Wohnung war schmutzig", "Wir haben bei Ihnen gebucht, und die Wohnung war schmutzig."),
        ("Auto: Scheinwerfer kaputt", "Der Scheinwerfer, den Sie geliefert haben, ist kaputt."),
        ("Holiday: wrong booking", "The holiday that you sold us does not exist."),
        ("Lampe", "Ich bin ab Montag im Urlaub. Bitte schicken Sie mir die Lampe vorher."),
        ("Lampe", "Ich bin am Ende mit meiner Geduld. Seit drei Wochen höre ich nichts."),
        ("Lampe", "Ihre automatische Antwort sagt, dass sich jemand meldet. Niemand hat sich gemeldet."),
        ("Lampe", "Während Ihrer Betriebsferien ist mein Paket verloren gegangen."),
        ("Lampe", "Je suis en congé la semaine prochaine. Pouvez-vous livrer avant ?"),
        ("Lampe", "Je suis absent lundi; merci de me répondre avant vendredi."),
        ("Lámpara", "Estoy de vacaciones hasta el lunes y necesito la lámpara antes."),
        ("Lampada", "Sono in ferie da domani, vorrei la lampada oggi."),
        ("Lamp", "Ik ben met vakantie vanaf maandag. Kunt u de lamp eerder sturen?"),
        ("Lampa", "Jestem na urlopie od jutra. Proszę o odpowiedź dziś."),
        ("Лампа", "Я в отпуске с понедельника. Когда вы привезёте лампу?"),
        ("灯", "我下周出差，请在周五前给我退款。灯坏了。"),
        ("ランプ", "来週は出張中です。ランプが壊れています。"),
        ("Captcha", "Your site asks me to prove that I am not a robot, and then says the page has expired."),
        ("Filter", "My spam filter ate your letter. It was held for a week. Sorry for that!"),
        ("Read: this before you sell another one", "The lamp was read on the invoice as model B, but model A came."),
        ("Accepted: terms nobody told me", "I never accepted any of it."),
        ("Re: Lamp", "Thank you for your message. The left hinge is the one."),
        ("Re: Lamp", "I got \"This is an automated reply, we answer within a day\", and then nothing for nine days."),
        ("Re: Automatic reply: Lamp", "So when will a person read it?"),
        ("Lieferung", "Ich bin bis heute nicht beliefert worden."),
        ("Reparatur", "Ich bin vom Ergebnis Ihrer Reparatur nicht überzeugt."),
        ("Lampa", "Jag är tillbaka på ruta ett: lampan är trasig igen."),
        ("Door", "This is an automatic door opener and it hit my child."),
        ("ランプ", "お世話になっております。先日購入したランプが壊れています。"),
        ("Lampe", "Vielen Dank für Ihre Nachricht. Wir haben Ihre Ersatzlampe erhalten, leider flackert auch sie."),
        ("Lampe", "Merci pour votre colis. Nous avons bien reçu la lampe, elle ne marche pas."),
        ("Lámpara", "Gracias por su paquete. Hemos recibido su lámpara rota."),
        ("Lampa", "Tack för paketet. Vi har tagit emot lampan och den är trasig."),
        ("Lamp", "One of our lamps is broken. Your ticket is no help."),
        ("Please do not reply by phone", "I am deaf. Write to me, and tell me when the lamp comes."),
    ];
    let taken: Vec<_> = people.iter().filter(|(s, w)| hint(&letter(s, w)).is_some()).collect();
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn subjects_of_responders_are_known_in_their_languages() {
    let subjects = [
        "Automatic reply: Lamp",
        "Out of Office AutoReply: Lamp",
        "Out of office until 3 December Re: Lamp",
        "[EXTERNAL] Automatic reply: Lamp",
        "***SPAM*** Automatic reply: Lamp",
        "Automatische Antwort: Lampe",
        "Abwesenheitsnotiz",
        "Réponse automatique : Lampe",
        "Reponse automatique: Lampe",
        "Respuesta automática: Lámpara",
        "Risposta automatica: Lampada",
        "Fuori sede: Lampada",
        "Resposta automática: Luminária",
        "Automatisch antwoord: Lamp",
        "Odpowiedź automatyczna: Lampa",
        "[Automatyczna odpowiedź] Lampa",
        "Autosvar: Lampa",
        "Frånvaro: Lampa",
        "Automatisk svar: Lampe",
        "Automaattinen vastaus: Lamppu",
        "Automatická odpověď: Lampa",
        "Automatikus válasz: Lámpa",
        "Автоматический ответ: Лампа",
        "自动回复: 灯",
        "自動回覆：燈",
        "自動応答: ランプ",
        "【自動返信】ランプ",
        "자동 회신: 램프",
        "Otomatik yanıt: Lamba",
        "Re: Lamp (Out of Office)",
        "AUTO: Klaus Berger",
    ];
    let missed: Vec<_> = subjects.iter().filter(|s| kind_of(s, "").is_none()).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    // Words that people begin with, too, need the words of a note.
    assert_eq!(kind_of("Urlaub: Lampe", "Ich bin im Urlaub."), Some(AutoKind::Vacation));
    assert_eq!(kind_of("Klaus Berger is out of the office (returning 03/12/2026)", ""), None);
    let note = "I am out of the office until 03/12/2026.";
    assert!(kind_of("Klaus Berger is out of the office (returning 03/12/2026)", note).is_some());
}

#[test]
fn filters_that_ask_for_a_confirmation_are_known() {
    let asks = [
        "Your message is being held until you confirm that you are a human sender. Click https://filter.example/c/1 - you \
         only have to do this once.",
        "This account is protected by Spam Arrest. To ensure delivery of your message, follow https://filter.example/1",
        "The message you sent requires that you verify that you are a real live human being and not a spam source. To \
         complete this verification, visit http://filter.example/1",
        "Bitte bestätigen Sie Ihre Nachricht unter https://filter.example/1, damit wir wissen, dass Sie kein Spammer sind.",
        "Votre message est en attente. Pour vous authentifier, une seule fois : https://filter.example/1",
    ];
    let missed: Vec<_> = asks.iter().filter(|a| kind_of("Re: x", a) != Some(AutoKind::ChallengeResponse)).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn answers_to_invitations_and_notes_of_reading_are_known() {
    let method = |m: &str| Mail { calendar_method: Some(m.into()), ..letter("Accepted: Visit", "Klaus has accepted.") };
    assert_eq!(hint(&method("REPLY")).map(|h| h.kind), Some(AutoKind::CalendarReply));
    assert_eq!(hint(&method("REQUEST")), None);
    let read = "Your message\n\n To: Klaus\n Subject: Lamp\n Sent: 21.11.2026 10:00\n\nwas read on 21.11.2026 10:05.";
    assert_eq!(kind_of("Read: Lamp", read), Some(AutoKind::ReadReceipt));
    let read = "Ihre Nachricht\n\n An: Klaus\n Betreff: Lampe\n\nwurde am 21.11.2026 10:05 gelesen.";
    assert_eq!(kind_of("Gelesen: Lampe", read), Some(AutoKind::ReadReceipt));
}

#[test]
fn a_hint_costs_no_more_than_its_text() {
    let long = "bis ".repeat(100_000);
    assert_eq!(hint(&letter("x", &long)), None);
    let odd = "ich bin bis * ".repeat(250);
    assert!(hint(&letter(&"auto ".repeat(20_000), &odd)).is_none());
}
