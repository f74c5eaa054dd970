//! Is it from one of us, and what is that worth: the levels of mail-rules section 5.
//!
//! Identity is the one address of the one From field. Reply-To, Sender, Return-Path and the display name never count.

use crate::mail::{Mail, PersonId};

use super::{Found, FoundToken, Level, Place, Proven, Rules, Sender, StaffPurpose, StaffSigns, auto, table};

pub fn sender(mail: &Mail, rules: &Rules) -> Sender {
    let Some(party) = mail.sender() else { return Sender::Outsider(None) };
    let (base, _) = party.address.split_detail();
    if rules.own.contains(&party.address) || rules.own.contains(&base) {
        return Sender::Own;
    }
    match rules.people.get(&party.address) {
        Some(person) => Sender::Person(person.clone()),
        None => Sender::Outsider(Some(party.address.clone())),
    }
}

/// 0 none, 1 From is staff, 2 valid token and From is that staff, 3 From is staff and aligned, 4 both.
pub fn level(sender: &Sender, proven: Proven, found: &Found) -> Level {
    let Sender::Person(person) = sender else { return Level(0) };
    let holds_token = matches!(&found.token, FoundToken::Staff { person: owner, .. } if owner == person);
    Level(match (holds_token, proven.authenticated) {
        (false, false) => 1,
        (true, false) => 2,
        (false, true) => 3,
        (true, true) => 4,
    })
}

/// What says where the words of a mail of staff go; `None` for everybody else's mail.
pub fn signs(mail: &Mail, sender: &Sender, found: &Found, place: &Place, rules: &Rules) -> Option<StaffSigns> {
    let Sender::Person(person) = sender else { return None };
    let case = match (place, &found.token) {
        (Place::Case(case), _) => case,
        // A copy of a mail that was placed already.
        (Place::Duplicate(first), _) => found.copies.iter().find(|c| c.mail == *first)?.case.as_ref()?,
        _ => return None,
    };
    let purpose = match &found.token {
        FoundToken::Staff { case: of, person: owner, purpose } if owner == person && of.as_ref() == Some(case) => {
            Some(*purpose)
        }
        _ => None,
    };
    let named = found.by_message_id.iter().chain(&found.by_reference).any(|f| f.id == *case);
    let by_words = auto::hint(mail).map(|_| "it reads like a note that a machine sends".to_owned());
    let like_a_machine = by_words.or_else(|| table::by_moment(found, rules));
    Some(StaffSigns { purpose, answers_case: named, like_a_machine })
}

/// What becomes of an answer to a welcome letter. A machine's, and whoever else's token it shows, is set aside: it says
/// nothing of the person's own mail, and where it comes from an address of theirs that we do not know, no customer wrote.
pub fn welcomed(mail: &Mail, sender: &Sender, found: &Found) -> Option<Place> {
    let by_token = match &found.token {
        FoundToken::Staff { person, purpose: StaffPurpose::Welcome, .. } => Some(person),
        FoundToken::None => None,
        FoundToken::Staff { .. } | FoundToken::Customer(_) | FoundToken::Bounce { .. } => return None,
    };
    match (sender, by_token, &found.answers_welcome_of) {
        (Sender::Person(writer), Some(of), _) | (Sender::Person(writer), None, Some(of)) => {
            let own = writer == of && auto::hint(mail).is_none();
            Some(if own { Place::Welcome } else { Place::Park })
        }
        (_, Some(_), _) => Some(Place::Park),
        (_, None, _) => None,
    }
}

/// A token of staff in a mail that no registered person sent: it is known to a stranger now.
pub fn burns_token(sender: &Sender, found: &Found) -> bool {
    matches!(found.token, FoundToken::Staff { .. }) && !matches!(sender, Sender::Person(_))
}

/// To whom the token of staff in the mail was given.
pub fn token_of(found: &Found) -> Option<PersonId> {
    match &found.token {
        FoundToken::Staff { person, .. } => Some(person.clone()),
        FoundToken::Customer(_) | FoundToken::Bounce { .. } | FoundToken::None => None,
    }
}

/// Does the mail begin with a line `#word ...`? What it says is read elsewhere.
pub fn begins_with_command(words: &str) -> bool {
    let first = words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut chars = first.chars();
    chars.next() == Some('#') && chars.next().is_some_and(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{Address, Party};

    fn from(address: &str) -> Mail {
        let party = Party::new(None, Address::parse(address).expect("an address"));
        Mail { from: vec![party], from_fields: 1, ..Mail::default() }
    }

    fn rules() -> Rules {
        let address = |a: &str| Address::parse(a).expect("an address");
        let mut rules = Rules { own: vec![address("support@n.example")], ..Rules::default() };
        rules.people.insert(address("mei@n.example"), PersonId::new("mei"));
        rules
    }

    #[test]
    fn the_one_from_says_who_it_is() {
        assert_eq!(sender(&from("Mei@N.example"), &rules()), Sender::Person(PersonId::new("mei")));
        assert_eq!(sender(&from("support+c.x@n.example"), &rules()), Sender::Own);
        let mut two = from("mei@n.example");
        two.from_fields = 2;
        assert_eq!(sender(&two, &rules()), Sender::Outsider(None));
    }

    #[test]
    fn a_level_needs_the_persons_own_token() {
        let mei = Sender::Person(PersonId::new("mei"));
        let token = |who: &str| Found {
            token: FoundToken::Staff { case: None, person: PersonId::new(who), purpose: StaffPurpose::Internal },
            ..Found::default()
        };
        let proven = Proven { authenticated: true, dmarc_failed: false };
        assert_eq!(level(&mei, Proven::default(), &Found::default()), Level(1));
        assert_eq!(level(&mei, Proven::default(), &token("mei")), Level(2));
        assert_eq!(level(&mei, Proven::default(), &token("jane")), Level(1));
        assert_eq!(level(&mei, proven, &Found::default()), Level(3));
        assert_eq!(level(&mei, proven, &token("mei")), Level(4));
        assert_eq!(level(&Sender::Outsider(None), proven, &token("mei")), Level(0));
        assert!(burns_token(&Sender::Outsider(None), &token("mei")) && !burns_token(&mei, &token("jane")));
    }
}
