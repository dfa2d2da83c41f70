//! The thread that computes maps: newest request first, only for what is visible.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::page::Projector;
use super::{Lens, Page, Scale};
use crate::error::{Error, Kind, Result};
use crate::session::{Latest, Phase, Snapshot};

/// What the screen wants to see.
#[derive(Debug, Clone)]
pub struct Request {
    /// Chosen by the asker; comes back in [`super::Page::request`].
    pub id: u64,
    /// The network to look at.
    pub snapshot: Arc<Snapshot>,
    /// Through which lens.
    pub lens: Lens,
    /// On which scale.
    pub scale: Scale,
    /// Index of the layer.
    pub layer: usize,
    /// Which nodes of it, in the order wanted.
    pub nodes: Vec<usize>,
    /// Pixels along one side of each picture (28, 24, 20, 14).
    pub side: usize,
    /// A node to report on in full.
    pub focus: Option<usize>,
}

impl Request {
    /// Whether the network goes on changing, so that the next request is never far. In lockstep it waits for its maps.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.snapshot.phase, Phase::Training | Phase::Evaluating) && !self.snapshot.pace.is_lockstep()
    }

    /// Whether `other` asks for the same pictures, if of another moment.
    fn shows_the_same(&self, other: &Self) -> bool {
        (self.lens, self.scale, self.layer, self.side, self.focus)
            == (other.lens, other.scale, other.layer, other.side, other.focus)
            && self.nodes == other.nodes
    }
}

/// While the network trains, a page that only follows it rests this many times as long as it took to compute, so
/// that the training keeps the processor: at most a tenth of one core goes to maps. A change of what is
/// shown never waits.
const REST: u32 = 9;

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

    /// Waits for a request; one that only follows the training waits until `rested`.
    fn take(&self, before: Option<&Request>, rested: Instant) -> Option<Request> {
        let mut inside = self.lock();
        loop {
            if inside.closed {
                return None;
            }
            let follows =
                |request: &Request| request.is_live() && before.is_some_and(|before| before.shows_the_same(request));
            let left = rested.saturating_duration_since(Instant::now());
            inside = match &inside.request {
                None => self.changed.wait(inside).unwrap_or_else(PoisonError::into_inner),
                Some(request) if follows(request) && !left.is_zero() => {
                    self.changed.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => return inside.request.take(),
            };
        }
    }
}

impl LensWorker {
    /// Starts the thread; it publishes each page in `out`.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn spawn(out: Arc<Latest<Page>>) -> Result<Self> {
        let mailbox = Arc::new(Mailbox::default());
        let inbox = Arc::clone(&mailbox);
        let thread = thread::Builder::new()
            .name("lens".into())
            .spawn(move || run(&inbox, &out))
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

fn run(mailbox: &Mailbox, out: &Latest<Page>) {
    let mut projector = Projector::default();
    let mut before = None;
    let mut rested = Instant::now();
    while let Some(request) = mailbox.take(before.as_ref(), rested) {
        match catch_unwind(AssertUnwindSafe(|| projector.page(&request))) {
            Ok(page) => {
                rested = Instant::now() + page.took * REST;
                out.publish(page);
            }
            Err(panic) => {
                let said = panic.downcast_ref::<String>().map(String::as_str);
                let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
                tracing::error!("the lens thread failed: {said}");
                mailbox.lock().failure = Some(Error::new(Kind::Bug, format!("the lens thread failed: {said}")));
                projector = Projector::default();
                rested = Instant::now() + Duration::from_millis(100);
            }
        }
        before = Some(request);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::lens::fixture::{net, snapshot};

    fn request(id: u64, phase: Phase, nodes: &[usize]) -> Request {
        Request {
            id,
            snapshot: snapshot(&Arc::new(net(&[784, 30, 10])), id, phase),
            lens: Lens::Plain,
            scale: Scale::Node,
            layer: 1,
            nodes: nodes.to_vec(),
            side: 28,
            focus: None,
        }
    }

    fn worker() -> (LensWorker, Arc<Latest<Page>>, mpsc::Receiver<()>) {
        let (woken, wakes) = mpsc::channel();
        let out = Arc::new(Latest::new(move || {
            let _ = woken.send(());
        }));
        (LensWorker::spawn(Arc::clone(&out)).unwrap(), out, wakes)
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

        mailbox.lock().request = Some(request(2, Phase::Training, &[0]));
        assert_eq!(mailbox.take(Some(&before), rested).unwrap().id, 2);
        assert!(Instant::now() >= rested);

        let far = Instant::now() + SOON;
        for other in [request(3, Phase::Training, &[1]), request(3, Phase::Paused, &[0])] {
            mailbox.lock().request = Some(other);
            assert_eq!(mailbox.take(Some(&before), far).unwrap().id, 3);
        }
        assert!(Instant::now() < far);
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
