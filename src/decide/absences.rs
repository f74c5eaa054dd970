//! Who is away as people say it by mail, beside what the configuration says.

use jiff::civil::Date;

use crate::mail::PersonId;

use super::policy::{Absence, Policy};

/// What was last said of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Away(Absence),
    /// From that day on they are there, whatever absence of the configuration covers it.
    Back(Date),
}

impl Policy {
    /// The house as it is with what was said of its people.
    pub fn with_absences(&self, said: &[(PersonId, Said)]) -> Policy {
        let mut policy = self.clone();
        for (id, said) in said {
            let Some(person) = policy.people.iter_mut().find(|p| p.id == *id) else { continue };
            match said {
                // What was said last is looked at first.
                Said::Away(absence) => person.away.insert(0, absence.clone()),
                Said::Back(day) => person.away.iter_mut().for_each(|a| end_before(a, *day)),
            }
        }
        policy
    }
}

/// An absence that begins later is another one.
fn end_before(absence: &mut Absence, day: Date) {
    if absence.from <= day {
        absence.to = absence.to.min(day.yesterday().unwrap_or(day));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn absence(from: Date, to: Date) -> Absence {
        Absence { from, to, stand_in: None }
    }

    #[test]
    fn who_is_back_ends_the_absence_that_runs_and_no_later_one() {
        let (mut runs, mut later) =
            (absence(date(2026, 11, 1), date(2026, 12, 1)), absence(date(2026, 12, 20), date(2027, 1, 3)));
        end_before(&mut runs, date(2026, 11, 18));
        end_before(&mut later, date(2026, 11, 18));
        assert_eq!((runs.to, later.to), (date(2026, 11, 17), date(2027, 1, 3)));
    }
}
