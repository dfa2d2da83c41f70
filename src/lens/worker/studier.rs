//! Studies the newest network, a little at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::Array2;

use super::Request;
use super::meter::{processor_time, processor_time_since};
use crate::data::{Dataset, PIXELS};
use crate::lens::faithfulness::all_plain_maps;
use crate::lens::held_out::HeldOut;
use crate::lens::sight::Moment;
use crate::lens::study::{Study, Task, Trend, Work};
use crate::nn::Mlp;
use crate::session::Snapshot;

/// While the network trains, a study rests this many times as long as it took of the processor: at most 1 % of one core
/// goes to them.
const REST: u32 = 99;

/// What a study is about. Two are the same if another study would find nothing new.
#[derive(Clone)]
struct Subject {
    model: Arc<Mlp>,
    data: Option<Arc<Dataset>>,
    /// On all images, not on the sample.
    all: bool,
    since: Option<Moment>,
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.model, &other.model)
            && self.data.as_ref().map(Arc::as_ptr) == other.data.as_ref().map(Arc::as_ptr)
            && (self.all, &self.since) == (other.all, &other.since)
    }
}

/// A study that is being made.
struct Begun {
    subject: Subject,
    snapshot: Arc<Snapshot>,
    task: Box<dyn Task>,
    /// On the sample, though all images are to be looked at: so that somebody who waits has something to read.
    is_preview: bool,
    took: Duration,
}

/// Makes one study after the other, and keeps the curves of their numbers.
#[derive(Default)]
pub struct Studier {
    begun: Option<Begun>,
    done: Option<Subject>,
    previewed: Option<Subject>,
    trend: Arc<Trend>,
    /// The plain maps of the network that changes are counted from.
    since: Option<(Moment, Arc<Vec<Array2<f32>>>)>,
    rested: Option<Instant>,
    /// How much longer to rest than usual; less than once is never.
    pub stretch: f64,
}

impl Studier {
    /// From when on there is something to do for what `request` looks at; `None` while there is nothing.
    pub fn wants(&self, request: &Request, data: Option<&Arc<Dataset>>) -> Option<Instant> {
        let now = Instant::now();
        let subject = Subject::of(request, data.cloned());
        let is_known = self.done.as_ref() == Some(&subject);
        match &self.begun {
            // What is said of a network that trains on is of use, if a little late.
            Some(begun) if begun.subject == subject || !begun.subject.all && !subject.all => Some(now),
            _ if is_known || request.snapshot.model.layers[0].inputs() != PIXELS => None,
            _ if subject.all => Some(now),
            _ => Some(self.rested.unwrap_or(now)),
        }
    }

    /// Goes a little way on; the study, when it is done.
    pub fn step(&mut self, request: &Request, held_out: Option<Arc<HeldOut>>) -> Option<Study> {
        let start = processor_time();
        let data = held_out.as_ref().map(|held_out| Arc::clone(&held_out.data));
        let subject = Subject::of(request, data);
        let goes_on = |begun: &Begun| begun.subject == subject || !begun.subject.all && !subject.all;
        let Some(mut begun) = self.begun.take().filter(goes_on) else {
            let begun = self.begin(subject, request, held_out);
            self.begun = Some(Begun { took: processor_time_since(start), ..begun });
            return None;
        };
        let has_more = begun.task.advance();
        let study = (!has_more).then(|| self.finish(&mut begun));
        begun.took += processor_time_since(start);
        if study.is_some() {
            self.rested = Some(Instant::now() + (begun.took * REST).mul_f64(self.stretch.max(1.0)));
            *(if begun.is_preview { &mut self.previewed } else { &mut self.done }) = Some(begun.subject);
        } else {
            self.begun = Some(begun);
        }
        study
    }

    /// The study of what `request` looks at, made at once; `None` if it was made before, and as soon as `stop` says that
    /// something else is more urgent.
    pub fn study_now(
        &mut self,
        request: &Request,
        held_out: Option<&Arc<HeldOut>>,
        stop: &dyn Fn() -> bool,
    ) -> Option<Study> {
        let data = held_out.map(|held_out| Arc::clone(&held_out.data));
        let subject = Subject::of(request, data.clone());
        self.begun = self.begun.take().filter(|begun| begun.subject == subject && !begun.is_preview);
        // Whoever waits for the whole wants no part of it.
        self.previewed = Some(subject);
        while self.wants(request, data.as_ref()).is_some() && !stop() {
            let study = self.step(request, held_out.cloned());
            if study.is_some() {
                return study;
            }
        }
        None
    }

    fn begin(&mut self, subject: Subject, request: &Request, held_out: Option<Arc<HeldOut>>) -> Begun {
        if self.since.as_ref().map(|(moment, _)| moment) != subject.since.as_ref() {
            self.since = subject.since.clone().map(|moment| {
                let maps = Arc::new(all_plain_maps(&moment.model));
                (moment, maps)
            });
        }
        let since = self.since.as_ref().map(|(_, maps)| Arc::clone(maps));
        let is_long = held_out.as_ref().is_some_and(|held_out| held_out.all.len() > held_out.some.len());
        let is_preview = subject.all && is_long && self.previewed.as_ref() != Some(&subject);
        let task: Box<dyn Task> = if subject.all && !is_preview {
            Box::new(Work::<f64>::new(&subject.model, held_out, true, since))
        } else {
            Box::new(Work::<f32>::new(&subject.model, held_out, false, since))
        };
        Begun { subject, snapshot: Arc::clone(&request.snapshot), task, is_preview, took: Duration::ZERO }
    }

    fn finish(&mut self, begun: &mut Begun) -> Study {
        let snapshot = &begun.snapshot;
        let study = Study {
            version: snapshot.version,
            step: snapshot.step,
            since: begun.subject.since.as_ref().map(|moment| moment.step),
            ..begun.task.finish()
        };
        // The curves wait for what rests on all images.
        if !begun.is_preview {
            Arc::make_mut(&mut self.trend).add(&snapshot.plan, &study);
        }
        Study { trend: Arc::clone(&self.trend), ..study }
    }
}

impl Subject {
    fn of(request: &Request, data: Option<Arc<Dataset>>) -> Self {
        let model = Arc::clone(&request.snapshot.model);
        Self { model, data, all: request.is_about_all(), since: request.sight.since.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::dataset::digit_names;
    use crate::lens::Sight;
    use crate::lens::fixture::{net, snapshot, split};
    use crate::session::Phase;

    #[test]
    fn whoever_waits_for_all_images_reads_the_sample_first() {
        let (train, test) = (split(50, 3), split(1_100, 7));
        let data = Arc::new(Dataset { name: "some".into(), train, test, class_names: digit_names() });
        let held_out = Some(Arc::new(HeldOut::new(data)));
        let model = Arc::new(net(&[784, 12, 10]));
        let request = Request { id: 1, snapshot: snapshot(&model, 3, Phase::Paused), sight: Sight::default() };
        let mut studier = Studier::default();
        let next = |studier: &mut Studier| (0..100).find_map(|_| studier.step(&request, held_out.clone())).unwrap();
        let (first, second) = (next(&mut studier), next(&mut studier));
        assert_eq!((first.n_images, second.n_images, second.n_test), (1_000, 1_100, 1_100));
        assert!(first.trend.agreement.is_empty() && !second.trend.agreement.is_empty(), "the curve waits for all");
        assert!(studier.wants(&request, held_out.as_ref().map(|held_out| &held_out.data)).is_none());
        // In lockstep the screen waits for the whole.
        let mut studier = Studier::default();
        let study = studier.study_now(&request, held_out.as_ref(), &|| false).unwrap();
        assert_eq!(study.n_images, 1_100);
    }
}
