//! What is answered by mail: the case, and lists of cases.

use crate::decide::Turn;
use crate::decide::effect::{Effect, Letter, LetterKey, Recipient};
use crate::decide::event::StaffMail;
use crate::decide::lists::Which;

impl Turn<'_> {
    pub(super) fn show(&mut self, mail: &StaffMail, files: bool) {
        let to = Recipient::Person(mail.person.clone());
        self.write_once(Letter::CaseStory { files }, to, format!("ans:{}:show:{files}", mail.mail.mail));
    }

    pub(super) fn list(&mut self, mail: &StaffMail, which: Which) {
        let key = LetterKey(format!("ans:{}:list:{}", mail.mail.mail, which.word()));
        let list = Effect::List { person: mail.person.clone(), which, key };
        if !self.effects.contains(&list) {
            self.effects.push(list);
        }
    }
}
