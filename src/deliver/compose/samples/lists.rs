//! Samples of what is put before people of staff: rings, their digest, the two daily lists, their welcome, and the
//! admin's alert.

use jiff::Timestamp;

use crate::decide::case::{Case, State, Target};
use crate::decide::effect::{AskedFor, Letter, LetterKey, RingNote};
use crate::decide::lists::{Act, Asks, DayList, Done, Entry, Item, ListKind, Listing, ParkedMail, Part, Which};
use crate::decide::welcome::Measured;
use crate::mail::{CaseId, PersonId};

use super::{Sample, SampleOrder, Scene, other_address};

impl Scene<'_> {
    pub(super) fn rings(&self) -> Vec<Sample> {
        let ring = |rung: usize, due_at: Timestamp, next: Option<PersonId>| RingNote {
            case: CaseId(1042),
            key: LetterKey(format!("esc:1042:first_response.0.1:{rung}")),
            target: Target::FirstResponse,
            n: 0,
            version: 1,
            rung,
            due_at,
            standing_in_for: None,
            acknowledge_by: next.is_some().then(|| self.hours(1)),
            next,
            asked: None,
        };
        let late = ring(2, self.hours(-1), None);
        let soon = ring(0, self.hours(1), Some(self.authority.id.clone()));
        let lead = ring(1, self.hours(-1), Some(self.authority.id.clone()));
        let why = "He called twice, and wants his money back, which I may not offer.".to_owned();
        let asked = Some(AskedFor { by: self.owner.id.clone(), why });
        let early = RingNote { asked, ..ring(2, self.hours(1), None) };
        let to = self.authority.id.clone();
        let digest = SampleOrder::Digest(to, vec![late.clone(), lead.clone(), soon.clone()]);
        let alert =
            vec![format!("{}: the server refuses the password", self.mailbox), "3 letters wait since 23:40".to_owned()];
        let admin = SampleOrder::Alert(self.owner.address.clone(), alert);
        vec![
            self.sample("escalation, the last rung", self.overdue(), Letter::Escalation(late)),
            self.sample("escalation, an earlier rung", self.overdue(), Letter::Escalation(lead)),
            self.sample("escalation, to the owner, before it is due", self.fresh(), Letter::Escalation(soon)),
            self.sample("escalation, asked for", self.fresh(), Letter::Escalation(early)),
            Sample { title: "escalation-digest".into(), case: self.overdue(), order: digest },
            Sample { title: "alert".into(), case: self.fresh(), order: admin },
        ]
    }

    pub(super) fn lists(&self) -> Vec<Sample> {
        let (late, due) = (self.item(1042, Asks::Overdue, -1), self.item(1043, Asks::Due, 1));
        let silent = Item { target: Target::CustomerSilent, ..self.item(1044, Asks::Silent, -72) };
        let for_colleague = Item { standing_in_for: Some(self.authority.id.clone()), ..due.clone() };
        let full = DayList {
            items: Part { shown: vec![late.clone(), for_colleague, silent.clone()], more: 4 },
            parked: Part { shown: vec![self.parked()], more: 2 },
            rest: 12,
            ..self.list(ListKind::Today)
        };
        let calm =
            DayList { items: Part::of(vec![Item { case: CaseId(1042), ..due.clone() }]), ..self.list(ListKind::Today) };
        let quiet = DayList {
            items: Part::of(vec![Item { case: CaseId(1042), ..silent }]),
            rest: 1,
            ..self.list(ListKind::Today)
        };
        let evening = DayList { items: Part::of(vec![late, due]), ..self.evening() };
        vec![
            self.list_sample("today", self.overdue(), full),
            self.list_sample("today, nothing overdue", self.fresh(), calm),
            self.list_sample("today, nothing due", Case { state: State::Waiting, ..self.fresh() }, quiet),
            self.list_sample("before-you-go", self.overdue(), evening),
            self.list_sample("before-you-go, all answered", self.fresh(), self.evening()),
            self.listing_sample("listing", Which::Mine, 3),
            self.listing_sample("listing, overdue", Which::Overdue, 1),
            self.listing_sample("listing, of the team, none", Which::Team, 0),
        ]
    }

    pub(super) fn welcome(&self) -> Vec<Sample> {
        let to = &self.owner.id;
        let sample = |title: &str, order| Sample { title: title.to_owned(), case: self.fresh(), order };
        let domain = self.owner.address.domain();
        let measured = |level: u8, proof: String| {
            SampleOrder::Measured(
                to.clone(),
                Measured { level, proof, address: self.owner.address.clone(), at: self.now },
            )
        };
        vec![
            sample("welcome", SampleOrder::Welcome(to.clone())),
            sample("measured", measured(4, format!("dmarc=pass header.from={domain}, by mx.{domain}"))),
            sample("measured, without proof", measured(2, "no trusted Authentication-Results".to_owned())),
            sample("measured, without anything", measured(1, "no trusted Authentication-Results".to_owned())),
        ]
    }

    fn list_sample(&self, title: &str, case: Case, list: DayList) -> Sample {
        let others = vec![
            Case { id: CaseId(1043), subject: "Wrong shade".into(), ..self.fresh() },
            Case { id: CaseId(1044), subject: "Where is my parcel".into(), ..self.fresh() },
        ];
        Sample { title: title.to_owned(), case, order: SampleOrder::List(Box::new(list), others) }
    }

    fn listing_sample(&self, title: &str, which: Which, count: usize) -> Sample {
        let due = Some((Target::FirstResponse, self.hours(-2)));
        let entries = vec![
            Entry { case: CaseId(1042), due, overdue: true },
            Entry { case: CaseId(1043), due: Some((Target::NextUpdate, self.weekday(1, 16))), overdue: false },
            Entry { case: CaseId(1044), due: None, overdue: false },
        ];
        let entries = Part::of(entries.into_iter().take(count).collect());
        let listing = Listing { which, person: self.owner.id.clone(), entries };
        let others = vec![
            Case { id: CaseId(1043), owner: Some(self.authority.id.clone()), ..self.fresh() },
            Case { id: CaseId(1044), state: State::Waiting, ..self.fresh() },
        ];
        Sample { title: title.to_owned(), case: self.overdue(), order: SampleOrder::Listing(listing, others) }
    }

    fn list(&self, kind: ListKind) -> DayList {
        DayList {
            kind,
            person: self.owner.id.clone(),
            date: self.now.to_zoned(self.policy.company.timezone.clone()).date(),
            items: Part::default(),
            done: Part::default(),
            acts: Part::default(),
            parked: Part::default(),
            rest: 0,
        }
    }

    fn evening(&self) -> DayList {
        let done = Done { case: CaseId(1042), letter: "holding".into(), at: self.hours(-1) };
        let what = vec!["wrote to the customer".to_owned(), "called it fixed".to_owned()];
        let act = Act { case: CaseId(1043), at: self.hours(-3), what };
        DayList { done: Part::of(vec![done]), acts: Part::of(vec![act]), ..self.list(ListKind::BeforeYouGo) }
    }

    fn item(&self, case: i64, asks: Asks, hours: i64) -> Item {
        let next = (asks == Asks::Overdue).then(|| self.weekday(1, 16));
        let (case, at) = (CaseId(case), self.hours(hours));
        Item { case, asks, target: Target::FirstResponse, at, next, standing_in_for: None }
    }

    fn parked(&self) -> ParkedMail {
        ParkedMail {
            at: self.hours(-12),
            from: Some(other_address()),
            subject: Some("Out of office".into()),
            sign: "Auto-Submitted: auto-replied".into(),
        }
    }
}
