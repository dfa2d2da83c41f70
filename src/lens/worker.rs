//! The thread that computes maps and numbers: newest request first, only for what is visible; and while nobody asks, the
//! study of the whole network.

mod meter;
mod studier;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use self::meter::Meter;
pub(super) use self::meter::{processor_time, processor_time_since};
use self::studier::Studier;
use super::page::Projector;
use super::{Page, Sight, Study};
use crate::data::SharedDataset;
use crate::error::{Error, Kind, Result};
use crate::session::{Latest, Phase, Snapshot};

/// What the screen wants to see.
#[derive(Debug, Clone)]
pub struct Request {
    /// Chosen by the asker; comes back in [`super::Page::request`].
    pub id: u64,
    /// The network to look at.
    pub snapshot: Arc<Snapshot>,
    /// What of it.
    pub sight: Sight,
}

impl Request {
    /// Whether the network goes on changing, so that the next request is never far. In lockstep it waits for its maps.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.trains() && !self.is_in_lockstep()
    }

    /// Whether the answer rests on all test images, not on the sample: while nothing trains.
    #[must_use]
    pub fn is_about_all(&self) -> bool {
        !self.trains()
    }

    /// Whether the screen waits for the whole answer.
    fn is_in_lockstep(&self) -> bool {
        self.snapshot.pace.is_lockstep()
    }

    fn trains(&self) -> bool {
        matches!(self.snapshot.phase, Phase::Training | Phase::Evaluating)
    }

    /// Whether the work done for this one is of no use for `newer`.
    fn is_outdated_by(&self, newer: &Self) -> bool {
        let of = |request: &Self| {
            let Sight { lens, over, layer, .. } = request.sight;
            (lens, over, layer, request.is_live(), request.is_about_all())
        };
        of(self) != of(newer) || !newer.is_live() && !Arc::ptr_eq(&self.snapshot.model, &newer.snapshot.model)
    }
}

/// While the network trains, a page that only follows it rests this many times as long as it took of the processor, so
/// that the training keeps it: at most a thirteenth of one core goes to maps. A change of what is shown never waits.
/// At full speed it rests longer where the process gets less than two cores ([`Meter::stretch`]).
const REST: u32 = 12;

/// The thread `lens`, and the one place where a request waits for it. Ends when dropped.
pub struct LensWorker {
    mailbox: Arc<Mailbox>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Mailbox {
    inside: Mutex<Inside>,
    changed: Condvar,
}

#[derive(Default)]
struct Inside {
    request: Option<Request>,
    closed: bool,
    /// What a caught panic said.
    failure: Option<Error>,
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next thing to do. A request that only follows the training waits until `rested`; a study may go on
    /// from `study` on, if there is one to make.
    fn take(&self, before: Option<&Request>, rested: Instant, study: Option<Instant>) -> Option<Todo> {
        let mut inside = self.lock();
        loop {
            if inside.closed {
                return None;
            }
            let now = Instant::now();
            let follows =
                |request: &Request| request.is_live() && before.is_some_and(|before| before.sight == request.sight);
            let page = inside.request.as_ref().map(|request| if follows(request) { rested } else { now });
            if page.is_some_and(|at| at <= now) {
                return inside.request.take().map(|request| Todo::Page(Box::new(request)));
            }
            if study.is_some_and(|at| at <= now) {
                return Some(Todo::Study);
            }
            inside = match page.into_iter().chain(study).min() {
                None => self.changed.wait(inside).unwrap_or_else(PoisonError::into_inner),
                Some(at) => self.changed.wait_timeout(inside, at - now).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    /// Whether somebody waits for something that the work for `request` is of no use for.
    fn is_in_haste(&self, request: &Request) -> bool {
        let inside = self.lock();
        inside.closed || inside.request.as_ref().is_some_and(|newer| request.is_outdated_by(newer))
    }
}

/// What the thread does next.
enum Todo {
    Page(Box<Request>),
    Study,
}

impl LensWorker {
    /// Starts the thread; it publishes pages and studies, and finds its images in `data`, once they are there.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn spawn(pages: Arc<Latest<Page>>, studies: Arc<Latest<Study>>, data: Arc<SharedDataset>) -> Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let inbox = Arc::clone(&mailbox);
        let thread = thread::Builder::new()
            .name("lens".into())
            .spawn(move || Desk::new(pages, studies, data).work(&inbox))
            .map_err(|e| Error::new(Kind::Bug, format!("cannot start the thread that draws the maps: {e}")))?;
        Ok(Self { mailbox, thread: Some(thread) })
    }

    /// Asks for a page. A request that the thread has not begun with is forgotten for the newer one.
    pub fn request(&self, request: Request) {
        self.mailbox.lock().request = Some(request);
        self.mailbox.changed.notify_one();
    }

    /// What went wrong in the thread, if something ever did. It goes on with the next request.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        self.mailbox.lock().failure.clone()
    }
}

impl Drop for LensWorker {
    fn drop(&mut self) {
        self.mailbox.lock().closed = true;
        self.mailbox.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // it catches its panics itself
        }
    }
}

/// What the thread works with.
struct Desk {
    pages: Arc<Latest<Page>>,
    studies: Arc<Latest<Study>>,
    data: Arc<SharedDataset>,
    projector: Projector,
    studier: Studier,
    before: Option<Request>,
    rested: Instant,
    meter: Meter,
}

impl Desk {
    fn new(pages: Arc<Latest<Page>>, studies: Arc<Latest<Study>>, data: Arc<SharedDataset>) -> Self {
        let projector = Projector::new(Arc::clone(&data));
        Self {
            pages,
            studies,
            data,
            projector,
            studier: Studier::default(),
            before: None,
            rested: Instant::now(),
            meter: Meter::default(),
        }
    }

    fn work(mut self, mailbox: &Mailbox) {
        loop {
            let before = self.before.as_ref().filter(|request| !request.is_in_lockstep());
            let study = before.and_then(|request| self.studier.wants(request, self.data.get().as_ref()));
            let Some(todo) = mailbox.take(self.before.as_ref(), self.rested, study) else { return };
            let request = match &todo {
                Todo::Page(request) => Some(&**request),
                Todo::Study => None,
            };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.handle(request, mailbox))) {
                let said = panic.downcast_ref::<String>().map(String::as_str);
                let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
                tracing::error!("the lens thread failed: {said}");
                mailbox.lock().failure = Some(Error::new(Kind::Bug, format!("the lens thread failed: {said}")));
                self.projector = Projector::new(Arc::clone(&self.data));
                // What cannot be studied is not tried again before something else is looked at.
                (self.studier, self.before) = (Studier::default(), None);
                self.rested = Instant::now() + Duration::from_millis(100);
            } else if let Todo::Page(request) = todo {
                self.before = Some(*request);
            }
        }
    }

    fn handle(&mut self, request: Option<&Request>, mailbox: &Mailbox) {
        let is_at_full_speed = |request: &Request| request.snapshot.steps_per_second_limit.is_none();
        let stretch =
            if request.or(self.before.as_ref()).is_some_and(is_at_full_speed) { self.meter.stretch() } else { 1.0 };
        self.studier.stretch = stretch;
        let Some(request) = request else {
            let held_out = self.projector.held_out();
            if let Some(study) = self.before.as_ref().and_then(|request| self.studier.step(request, held_out)) {
                self.projector.learn(&study);
                self.studies.publish(study);
            }
            return;
        };
        let start = processor_time();
        let in_haste = Cell::new(false);
        let stop = || {
            in_haste.set(in_haste.get() || mailbox.is_in_haste(request));
            in_haste.get()
        };
        // In lockstep the screen waits for its maps; so what it says beside them must not hang on when it was found.
        if request.is_in_lockstep() {
            let held_out = self.projector.held_out().filter(|_| request.snapshot.phase != Phase::Loading);
            if let Some(held_out) = held_out
                && let Some(study) = self.studier.study_now(request, Some(&held_out), &stop)
            {
                self.studies.publish(study);
            }
        } else if let Some(page) = self.projector.preview(request, &stop) {
            self.pages.publish(page);
        }
        if let Some(page) = self.projector.page_unless(request, &stop) {
            self.pages.publish(page);
        }
        self.rested = Instant::now() + (processor_time_since(start) * REST).mul_f64(stretch);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::lens::fixture::{dataset, net, snapshot};
    use crate::session::Pace;

    fn request(id: u64, phase: Phase, nodes: &[usize]) -> Request {
        Request {
            id,
            snapshot: snapshot(&Arc::new(net(&[784, 30, 10])), id, phase),
            sight: Sight { layer: 1, nodes: nodes.to_vec(), side: 28, ..Sight::default() },
        }
    }

    fn worker() -> (LensWorker, Arc<Latest<Page>>, mpsc::Receiver<()>) {
        let (woken, wakes) = mpsc::channel();
        let out = Arc::new(Latest::new(move || {
            let _ = woken.send(());
        }));
        let worker = LensWorker::spawn(Arc::clone(&out), Arc::new(Latest::new(|| ())), Arc::default());
        (worker.unwrap(), out, wakes)
    }

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn the_newest_request_is_answered() {
        let (worker, out, wakes) = worker();
        for id in 1..=100 {
            worker.request(request(id, Phase::Paused, &[0, 1]));
        }
        let mut answers = 0;
        while out.get().is_none_or(|page| page.request != 100) {
            wakes.recv_timeout(SOON).expect("an answer to the newest request");
            answers += 1;
        }
        assert!(answers <= 100);
        assert_eq!(out.get().unwrap().maps.len(), 2);
        assert!(worker.failure().is_none());
    }

    #[test]
    fn following_the_training_rests_but_a_change_of_view_does_not() {
        let mailbox = Mailbox::default();
        let before = request(1, Phase::Training, &[0]);
        let rested = Instant::now() + Duration::from_millis(50);

        let id = |todo: Option<Todo>| match todo {
            Some(Todo::Page(request)) => Some(request.id),
            Some(Todo::Study) | None => None,
        };
        mailbox.lock().request = Some(request(2, Phase::Training, &[0]));
        assert_eq!(id(mailbox.take(Some(&before), rested, None)), Some(2));
        assert!(Instant::now() >= rested);

        let far = Instant::now() + SOON;
        for other in [request(3, Phase::Training, &[1]), request(3, Phase::Paused, &[0])] {
            mailbox.lock().request = Some(other);
            assert_eq!(id(mailbox.take(Some(&before), far, Some(Instant::now()))), Some(3), "before any study");
        }
        mailbox.lock().request = Some(request(4, Phase::Training, &[0]));
        assert_eq!(id(mailbox.take(Some(&before), far, Some(Instant::now()))), None, "a study meanwhile");
        assert!(Instant::now() < far);
    }

    #[test]
    fn in_lockstep_the_study_is_there_with_the_maps() {
        let (woken, wakes) = mpsc::channel();
        let pages = Arc::new(Latest::new(move || {
            let _ = woken.send(());
        }));
        let (studies, data) = (Arc::new(Latest::new(|| ())), SharedDataset::default());
        data.put(dataset());
        let worker = LensWorker::spawn(Arc::clone(&pages), Arc::clone(&studies), Arc::new(data)).unwrap();
        for id in 1..=20 {
            let mut request = request(id, Phase::Training, &[0]);
            Arc::make_mut(&mut request.snapshot).pace = Pace::Lockstep(3);
            worker.request(request);
            wakes.recv_timeout(SOON).expect("a page");
            assert_eq!(pages.get().unwrap().version, id);
            let study = studies.get().unwrap();
            assert_eq!((study.version, study.n_images), (id, 200));
        }
    }

    #[test]
    fn a_panic_is_reported_and_the_next_request_answered() {
        let (worker, out, wakes) = worker();
        let mut broken = request(1, Phase::Paused, &[0]);
        // A network whose parts do not belong together cannot be made by any other room.
        let mut model = net(&[784, 30, 10]);
        model.layers[1].bias = ndarray::Array1::zeros(3);
        Arc::make_mut(&mut broken.snapshot).model = Arc::new(model);
        worker.request(broken);
        let deadline = Instant::now() + SOON;
        while worker.failure().is_none() {
            assert!(Instant::now() < deadline);
            thread::yield_now();
        }
        assert_eq!(worker.failure().unwrap().exit_code(), 101);
        worker.request(request(2, Phase::Paused, &[0]));
        wakes.recv_timeout(SOON).expect("an answer after a panic");
        assert_eq!(out.get().unwrap().request, 2);
    }

    #[test]
    fn dropping_ends_the_thread() {
        let (worker, out, _) = worker();
        worker.request(request(1, Phase::Training, &[0]));
        drop(worker);
        assert_eq!(Arc::strong_count(&out), 1);
    }
}
