//! The dashboard: its threads and what connects them.
//!
//! ```text
//! keys, signals, "something is new" -> events -> ui::run on this thread -> controls -> training thread
//!                                                  ^         |                            |
//!                                                  |         +-- requests -> lens thread  |
//!                                                  +-- pages, studies, surveys <---+      |
//!                                                  +------------- snapshots <-------------+
//! ```

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::{Outcome, output};
use crate::config::{Colors, Display};
use crate::data::SharedDataset;
use crate::error::{Error, Kind, Result};
use crate::lens::survey::Surveyor;
use crate::lens::worker::LensWorker;
use crate::lens::{Page, Study, Survey};
use crate::session::{Control, Latest, Pace, Plan, Snapshot};
use crate::train::worker::{self, Ended, Job};
use crate::ui::app::download::{Download, Order};
use crate::ui::app::{App, Options};
use crate::ui::areas::MapSize;
use crate::ui::event::{self, Event, Waker};
use crate::ui::keys::KeyMap;
use crate::ui::palette::{Palette, detect};
use crate::ui::terminal::{self, TakenTerminal};
use crate::ui::{self, Exit, Links, Reason};

/// What the user wants to see the dashboard like.
#[derive(Debug)]
pub struct Look<'a> {
    /// What the terminal can show.
    pub palette: Palette,
    /// How it is shown.
    pub display: &'a Display,
    /// The keys.
    pub keys: &'a KeyMap,
    /// A line to keep on screen.
    pub note: Option<String>,
}

/// What the terminal can show; `None` where there is none, or one that cannot show a dashboard.
#[must_use]
pub fn palette(display: &Display) -> Option<Palette> {
    let depth = match display.color {
        Colors::Auto => None,
        Colors::Depth(depth) => Some(depth),
    };
    detect::palette(|name| std::env::var(name).ok(), terminal::is_terminal(), depth, display.ascii, display.background)
}

/// Trains, and shows it until the user leaves. `renew` makes a run on the set in a folder, when the user asks for that.
pub fn train(mut job: Job, look: Look<'_>, renew: impl Fn(&Path) -> Result<Job>) -> Result<Outcome> {
    let mut desk = Desk::new();
    let run = Arc::new(Mutex::new(None::<Sender<Control>>));
    let to_run = Arc::clone(&run);
    // Handlers first, terminal modes second.
    let watch = event::spawn_signals(desk.events.clone(), true, move || {
        if let Some(run) = &*to_run.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = run.send(Control::StopOnSignal);
        }
    })?;
    let (mut app, mut screen) = desk.open(Arc::new(job.plan.clone()), look, Some(job.pace))?;
    let mut fetch = fetcher(&desk);
    let mut kept = Vec::new();
    let (exit, ended) = loop {
        let (load, data) = (job.load, Arc::clone(&desk.data));
        job.load = Box::new(move || load().inspect(|read| data.put(Arc::clone(read))));
        let (controls, orders) = mpsc::channel();
        *run.lock().unwrap_or_else(PoisonError::into_inner) = Some(controls.clone());
        let mut training = Training { controls: controls.clone(), thread: None };
        training.thread = Some(worker::spawn(job, orders, Arc::clone(&desk.snapshots))?);
        let exit = desk.show(&mut screen, &mut app, controls, &mut fetch);
        if let (Ok(Exit { reason: Reason::NewData }), Some(dir)) = (&exit, app.fetched()) {
            kept.extend(training.end()?.checkpoint);
            job = renew(dir)?;
            desk.clear();
            app.begin_again(Arc::new(job.plan.clone()));
            continue;
        }
        // From here on, a signal ends the process at once.
        watch.leaving();
        drop(screen);
        break (exit, training.end()?);
    };
    kept.extend(ended.checkpoint.clone());
    for path in kept {
        output::note(&format!("the run is kept in {}", path.display()));
    }
    let exit = exit?;
    match ended.error() {
        Some(error) => Err(error.clone()),
        None => Ok(outcome(exit)),
    }
}

/// What fetches MNIST for the dashboard.
#[cfg(feature = "fetch")]
fn fetcher(desk: &Desk) -> impl FnMut(Order) + use<> {
    use super::fetch::Fetcher;
    use crate::data::fetch::{Deadlines, mirrors};
    use crate::data::source::Places;

    let downloads = Arc::clone(&desk.downloads);
    let mut fetcher = Fetcher::new(downloads, Places::of_process(), mirrors(), Deadlines::default());
    move |order| fetcher.obey(order)
}

#[cfg(not(feature = "fetch"))]
fn fetcher(_: &Desk) -> impl FnMut(Order) + use<> {
    |_| ()
}

/// Shows a network that nobody trains, until the user leaves. `judge` is called on a thread of its own, and may read the
/// data and publish a snapshot that knows more.
pub fn view(
    snapshot: Snapshot,
    look: Look<'_>,
    judge: impl FnOnce(&Latest<Snapshot>, &SharedDataset) + Send + 'static,
) -> Result<Outcome> {
    let desk = Desk::new();
    let (controls, _nobody) = mpsc::channel();
    let watch = event::spawn_signals(desk.events.clone(), true, || ())?;
    let (mut app, mut screen) = desk.open(Arc::clone(&snapshot.plan), look, None)?;
    desk.snapshots.publish(snapshot);
    let (snapshots, data) = (Arc::clone(&desk.snapshots), Arc::clone(&desk.data));
    std::thread::Builder::new()
        .name("judge".into())
        .spawn(move || judge(&snapshots, &data))
        .map_err(|e| Error::new(Kind::Bug, format!("cannot start the thread that judges the network: {e}")))?;
    let exit = desk.show(&mut screen, &mut app, controls, &mut |_| ());
    watch.leaving();
    drop(screen);
    exit.map(outcome)
}

fn outcome(exit: Exit) -> Outcome {
    match exit.code() {
        0 => Outcome::Done,
        code => Outcome::Signal(code - 128),
    }
}

/// The ends of the channels that meet at the event loop.
struct Desk {
    events: Sender<Event>,
    inbox: Receiver<Event>,
    waker: Waker,
    snapshots: Arc<Latest<Snapshot>>,
    pages: Arc<Latest<Page>>,
    studies: Arc<Latest<Study>>,
    surveys: Arc<Latest<Survey>>,
    downloads: Arc<Latest<Download>>,
    data: Arc<SharedDataset>,
}

impl Desk {
    fn new() -> Self {
        let (events, inbox) = mpsc::channel();
        let waker = Waker::new(events.clone());
        Self {
            events,
            inbox,
            snapshots: latest(&waker),
            pages: latest(&waker),
            studies: latest(&waker),
            surveys: latest(&waker),
            downloads: latest(&waker),
            data: Arc::default(),
            waker,
        }
    }

    /// Forgets the run that has ended.
    fn clear(&mut self) {
        self.snapshots = latest(&self.waker);
        self.pages = latest(&self.waker);
        self.studies = latest(&self.waker);
        self.surveys = latest(&self.waker);
        self.data = Arc::default();
    }

    /// Takes the terminal, begins to read keys, and makes the dashboard that is to be shown on it; `pace` is that of the run, if there is one.
    fn open(&self, plan: Arc<Plan>, look: Look<'_>, pace: Option<Pace>) -> Result<(App, TakenTerminal)> {
        let Look { palette, display, keys, note } = look;
        let (glyphs, marker) = detect::characters(|name| std::env::var(name).ok());
        let over_ssh = std::env::var_os("SSH_CONNECTION").is_some();
        let mut options = terminal::Options::new(palette, over_ssh);
        options.fps = display.fps.unwrap_or(options.fps);
        options.max_rate = display.max_rate.map_or(options.max_rate, |kilobytes| kilobytes.saturating_mul(1024));
        options.mouse = display.mouse;
        options.lockstep = pace.is_some_and(Pace::is_lockstep);
        let mut app = App::new(
            plan,
            Options {
                palette,
                ramp: display.palette,
                glyphs: display.glyphs.unwrap_or(glyphs),
                marker: display.marker.unwrap_or(marker),
                keys: keys.clone(),
                lens: display.lens,
                scale: display.scale,
                live: pace.is_some(),
                can_fetch: cfg!(feature = "fetch"),
                mouse: display.mouse,
                note,
                fps: options.fps as f32,
            },
        );
        app.map_size = MapSize::ALL.into_iter().find(|size| Some(usize::from(size.side())) == display.map_size);
        let screen = terminal::take(options, self.events.clone())?;
        event::spawn_input(self.events.clone())?;
        Ok((app, screen))
    }

    /// Computes maps, and runs the event loop to its end.
    fn show(
        &self,
        screen: &mut TakenTerminal,
        app: &mut App,
        controls: Sender<Control>,
        fetch: &mut dyn FnMut(Order),
    ) -> Result<Exit> {
        let lens = LensWorker::spawn(Arc::clone(&self.pages), Arc::clone(&self.studies), Arc::clone(&self.data))?;
        let surveyor = Surveyor::spawn(Arc::clone(&self.data), Arc::clone(&self.surveys))?;
        let links = Links {
            events: &self.inbox,
            waker: self.waker.clone(),
            controls,
            snapshots: Arc::clone(&self.snapshots),
            pages: Arc::clone(&self.pages),
            studies: Arc::clone(&self.studies),
            surveys: Arc::clone(&self.surveys),
            survey: Box::new(|| surveyor.ask()),
            downloads: Arc::clone(&self.downloads),
            fetch: Box::new(fetch),
            ask: Box::new(|request| {
                #[cfg(feature = "fault-injection")]
                fault::panic_if_asked();
                lens.request(request);
            }),
        };
        let exit = ui::run(screen, app, links)?;
        surveyor.end()?;
        // It has gone on with the next request, but a panic is a panic.
        lens.failure().map_or(Ok(exit), Err)
    }
}

/// A place for the newest value, which wakes the event loop.
fn latest<T>(waker: &Waker) -> Arc<Latest<T>> {
    let waker = waker.clone();
    Arc::new(Latest::new(move || waker.wake()))
}

/// The training thread. However the dashboard is left, also by a panic, the run is told to end and waited for: its last
/// act is a checkpoint.
struct Training {
    controls: Sender<Control>,
    thread: Option<JoinHandle<Ended>>,
}

impl Training {
    fn end(mut self) -> Result<Ended> {
        let ended = self.stop().and_then(|thread| thread.join().ok());
        ended.ok_or_else(|| Error::new(Kind::Bug, "the training thread ended without a word"))
    }

    fn stop(&mut self) -> Option<JoinHandle<Ended>> {
        // A thread that has ended already hears nothing.
        let _ = self.controls.send(Control::Stop);
        self.thread.take()
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        if let Some(thread) = self.stop() {
            let _ = thread.join();
        }
    }
}

#[cfg(feature = "fault-injection")]
mod fault {
    /// `WEIGHTSCOPE_FAULT=panic-ui`: a panic on the thread that has the terminal.
    pub fn panic_if_asked() {
        let faults = std::env::var("WEIGHTSCOPE_FAULT").unwrap_or_default();
        assert!(
            !faults.split(',').any(|fault| fault == "panic-ui"),
            "WEIGHTSCOPE_FAULT asked for a panic of the dashboard"
        );
    }
}
