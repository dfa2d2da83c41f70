#![expect(clippy::unwrap_used, reason = "helpers of tests, where a panic is the failure")]
//! The dashboard on a `TestBackend`, fed by hand-made snapshots, real maps and keys; and its real loop on a thread.

use std::convert::Infallible;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};
use weightscope::data::builtin::{Builtin, Which};
use weightscope::data::dataset::digit_names;
use weightscope::data::{Dataset, SharedDataset, Split};
use weightscope::error::Result;
use weightscope::lens::faithfulness::all_plain_maps;
use weightscope::lens::held_out::HeldOut;
use weightscope::lens::page::Projector;
use weightscope::lens::sight::Moment;
use weightscope::lens::study::{Study, Task, Work};
use weightscope::lens::worker::Request;
use weightscope::lens::{Lens, Page, Scale, Survey};
use weightscope::nn::{Activation, Init, Mlp, Optimizer, Shape};
use weightscope::session::{Control, Evaluation, History, Latest, Pace, Phase, Plan, Snapshot};
use weightscope::ui::app::download::{Download, Order};
use weightscope::ui::app::{App, Options};
use weightscope::ui::event::{Event, Waker};
use weightscope::ui::keys::KeyMap;
use weightscope::ui::palette::{Depth, Glyphs, Marker, Palette, Ramp};
use weightscope::ui::{self, Exit, Links, view};

use super::{keys, screen};

/// What most terminals can show.
pub const COLOURS: Palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };

/// The plan of a run of 500 images with these hidden layers.
pub fn plan(hidden: &[usize]) -> Arc<Plan> {
    Arc::new(Plan {
        data: "mnist".into(),
        train_size: 500,
        test_size: 10_000,
        class_names: (0..10).map(|digit| digit.to_string()).collect(),
        shape: Shape {
            inputs: 784,
            hidden: hidden.to_vec(),
            outputs: 10,
            activation: Activation::Relu,
            init: Init::GlorotUniform,
        },
        optimizer: Optimizer::default(),
        batch_size: 128,
        epochs: 6,
        seed: 1,
        threads: 2,
    })
}

pub fn options(palette: Palette) -> Options {
    Options {
        palette,
        ramp: Ramp::Grey,
        glyphs: Glyphs::Half,
        marker: Marker::Braille,
        keys: KeyMap::default(),
        lens: Lens::Plain,
        scale: Scale::Node,
        live: true,
        can_fetch: true,
        mouse: false,
        note: None,
        fps: 10.0,
    }
}

/// A dashboard of this size before any snapshot.
pub fn app(hidden: &[usize], (width, height): (u16, u16)) -> App {
    let mut app = App::new(plan(hidden), options(COLOURS));
    app.size = Size::new(width, height);
    app
}

/// A snapshot of untrained weights at `step`, with curves that fall and rise as they do in earnest.
pub fn snapshot(plan: &Arc<Plan>, version: u64, phase: Phase, step: u64) -> Snapshot {
    let mut history = History::default();
    for at in 0..=step {
        let done = at as f32 / 24.0;
        if at > 0 {
            history.train_loss.push(at, 2.3 * (-2.0 * done).exp() + 0.05);
            history.train_accuracy.push(at, 1.0 - 0.9 * (-2.5 * done).exp());
        }
        if at % 4 == 0 {
            history.test_loss.push(at, 2.3 * (-1.5 * done).exp() + 0.3);
            history.test_accuracy.push(at, 0.9 - 0.8 * (-2.0 * done).exp());
        }
    }
    Snapshot {
        version,
        plan: Arc::clone(plan),
        phase,
        epoch: (step / plan.steps_per_epoch()) as usize,
        step,
        epochs: plan.epochs,
        learning_rate: plan.optimizer.learning_rate(),
        pace: Pace::Auto,
        steps_per_second_limit: Some(1.2),
        samples_per_second: Some(153.6),
        time_left: Some(Duration::from_secs(7)),
        model: Arc::new(Mlp::new(&plan.shape, plan.seed)),
        history: Arc::new(history),
        test: Some(Arc::new(Evaluation { n: 10_000, loss: 0.81, accuracy: 0.7642, confusion: Vec::new() })),
        notice: None,
    }
}

/// A dashboard with a snapshot at step 16 and the maps of its screen.
pub fn running(hidden: &[usize], size: (u16, u16), phase: Phase) -> App {
    let mut app = app(hidden, size);
    app.see(Arc::new(snapshot(&app.plan.clone(), 1, phase, 16)));
    settle(&mut app);
    app
}

/// Ten images of each digit: a bright band, lower for each digit, on a ground that differs from image to image.
pub fn images() -> Arc<Dataset> {
    let split = |n: usize, salt: usize| {
        let pixel = |i: usize, p: usize| {
            let is_band = (2 * (i % 10) + 2..2 * (i % 10) + 5).contains(&(p / 28));
            let ground = ((i * 31 + p * 17 + p * p * salt) % 97) as u8;
            if is_band { 158 + ground } else { ground }
        };
        let images = (0..n).flat_map(|i| (0..784).map(move |p| pixel(i, p))).collect();
        Split::new(images, (0..n).map(|i| (i % 10) as u8).collect())
    };
    let class_names = std::array::from_fn(|digit| digit.to_string());
    Arc::new(Dataset { name: "bands".into(), train: split(200, 7), test: split(100, 13), class_names })
}

/// Everything known of the network on the screen, judged on [`images`], as the lens thread would have found it.
pub fn study(app: &App) -> Arc<Study> {
    Arc::new(study_of(app.snapshot.as_ref().unwrap(), app.since()))
}

fn study_of(snapshot: &Snapshot, since: Option<&Moment>) -> Study {
    let held_out = Some(Arc::new(HeldOut::new(images())));
    let maps = since.map(|moment| Arc::new(all_plain_maps(&moment.model)));
    let mut work = Work::<f64>::new(&snapshot.model, held_out, true, maps);
    while work.advance() {}
    let (version, step) = (snapshot.version, snapshot.step);
    Study { version, step, since: since.map(|moment| moment.step), ..work.finish() }
}

/// A running dashboard that knows its numbers. In the first layer node 3 is dead and node 5 always on,
/// whatever the others are.
pub fn studied(hidden: &[usize], size: (u16, u16), phase: Phase) -> App {
    let mut app = app(hidden, size);
    let mut snapshot = snapshot(&app.plan.clone(), 1, phase, 16);
    let mut model = (*snapshot.model).clone();
    (model.layers[0].bias[3], model.layers[0].bias[5]) = (-50.0, 50.0);
    snapshot.model = Arc::new(model);
    app.see(Arc::new(snapshot));
    app.learn(study(&app));
    settle(&mut app);
    app
}

/// Computes the maps that the screen asks for.
pub fn settle(app: &mut App) {
    if let Some(request) = app.request() {
        app.show(Arc::new(Projector::default().page(&request)));
    }
}

/// What is in a set of 300 built-in digits.
pub fn survey() -> Survey {
    static DATA: LazyLock<Arc<Dataset>> = LazyLock::new(|| {
        let [train, test] = [Which::Train, Which::Test].map(|which| Builtin::default().split(which, 300));
        Arc::new(Dataset { name: "built-in digits".into(), train, test, class_names: digit_names() })
    });
    Survey::of(Arc::clone(&DATA))
}

/// The dashboard on the data's tab, with the survey there.
pub fn on_data(size: (u16, u16), keys: &str) -> App {
    let mut app = running(&[32], size, Phase::Paused);
    app.learn_data(Arc::new(survey()));
    press(&mut app, &format!("0{keys}"));
    app
}

/// Presses keys, then computes what the screen then asks for.
pub fn press(app: &mut App, keys: &str) {
    for event in keys::events(keys) {
        app.key(event);
    }
    settle(app);
}

/// What the state looks like.
pub fn draw(app: &App) -> Buffer {
    let mut buf = Buffer::empty(Rect::from((Position::ORIGIN, app.size)));
    view::render(app, &mut buf);
    buf
}

/// A `TestBackend` that can be looked at and resized while the loop draws on it.
#[derive(Clone)]
pub struct Glass {
    inside: Arc<Mutex<TestBackend>>,
    frames: Arc<Mutex<u64>>,
    watch: Arc<Watch>,
}

/// Sees every frame, before the loop goes on.
type Watch = dyn Fn(&Buffer) + Send + Sync;

impl Glass {
    pub fn new((width, height): (u16, u16), watch: impl Fn(&Buffer) + Send + Sync + 'static) -> Self {
        let inside = Arc::new(Mutex::new(TestBackend::new(width, height)));
        Self { inside, frames: Arc::default(), watch: Arc::new(watch) }
    }
}

impl Backend for Glass {
    type Error = Infallible;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> Result<(), Infallible> {
        // A test may have resized the glass since the loop asked for its size.
        let mut inside = self.inside.lock().unwrap();
        let area = inside.buffer().area;
        inside.draw(content.filter(|(x, y, _)| area.contains(Position::new(*x, *y))))
    }
    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(Position::ORIGIN)
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, _position: P) -> Result<(), Infallible> {
        Ok(())
    }
    fn clear(&mut self) -> Result<(), Infallible> {
        self.inside.lock().unwrap().clear()
    }
    fn clear_region(&mut self, region: ClearType) -> Result<(), Infallible> {
        self.inside.lock().unwrap().clear_region(region)
    }
    fn size(&self) -> Result<Size, Infallible> {
        self.inside.lock().unwrap().size()
    }
    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        self.inside.lock().unwrap().window_size()
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        *self.frames.lock().unwrap() += 1;
        (self.watch)(self.inside.lock().unwrap().buffer());
        Ok(())
    }
}

/// The real loop on a thread of its own, with everything around it in the test's hands.
pub struct Journey {
    pub events: Sender<Event>,
    pub controls: Receiver<Control>,
    pub snapshots: Arc<Latest<Snapshot>>,
    pub plan: Arc<Plan>,
    /// Requests to the lens so far.
    pub asked: Arc<Mutex<Vec<Request>>>,
    /// How the download goes.
    pub downloads: Arc<Latest<Download>>,
    /// What the download was told so far.
    pub fetched: Arc<Mutex<Vec<Order>>>,
    glass: Glass,
    thread: Option<JoinHandle<(App, Result<Exit>)>>,
}

impl Journey {
    /// Opens the dashboard; the lens answers each request at once.
    pub fn begin(hidden: &[usize], size: (u16, u16), fps: f32) -> Self {
        Self::begin_with(hidden, size, fps, None)
    }

    /// [`Self::begin`], where the lens looks at [`images`] too.
    pub fn looking(hidden: &[usize], size: (u16, u16)) -> Self {
        Self::begin_with(hidden, size, 50.0, Some(images()))
    }

    fn begin_with(hidden: &[usize], size: (u16, u16), fps: f32, images: Option<Arc<Dataset>>) -> Self {
        let (events, inbox) = mpsc::channel();
        let (orders, controls) = mpsc::channel();
        let waker = Waker::new(events.clone());
        let wake = |waker: &Waker| {
            let waker = waker.clone();
            move || waker.wake()
        };
        let snapshots = Arc::new(Latest::new(wake(&waker)));
        let pages: Arc<Latest<Page>> = Arc::new(Latest::new(wake(&waker)));
        let surveys: Arc<Latest<Survey>> = Arc::new(Latest::new(wake(&waker)));
        let studies: Arc<Latest<Study>> = Arc::new(Latest::new(wake(&waker)));
        let downloads = Arc::new(Latest::new(wake(&waker)));
        let (asked, fetched) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let glass = Glass::new(size, |_| ());
        let plan = plan(hidden);
        let mut app = App::new(Arc::clone(&plan), Options { fps, ..options(COLOURS) });
        let thread = std::thread::spawn({
            let (glass, snapshots, asked) = (glass.clone(), Arc::clone(&snapshots), Arc::clone(&asked));
            let (downloads, fetched) = (Arc::clone(&downloads), Arc::clone(&fetched));
            move || {
                let mut terminal = Terminal::new(glass).unwrap();
                let data = Arc::new(SharedDataset::default());
                if let Some(images) = images {
                    data.put(images);
                }
                let mut projector = Projector::new(Arc::clone(&data));
                let ask = |request: Request| {
                    let page = projector.page(&request);
                    let is_new = studies.get().is_none_or(|study: Arc<Study>| study.version != page.version);
                    if data.get().is_some() && is_new {
                        studies.publish(study_of(&request.snapshot, None));
                    }
                    asked.lock().unwrap().push(request);
                    pages.publish(page);
                };
                let links = Links {
                    events: &inbox,
                    waker,
                    controls: orders,
                    snapshots,
                    pages: Arc::clone(&pages),
                    studies: Arc::clone(&studies),
                    downloads: Arc::clone(&downloads),
                    fetch: Box::new(|order| fetched.lock().unwrap().push(order)),
                    surveys: Arc::clone(&surveys),
                    survey: Box::new(|| surveys.publish(survey())),
                    ask: Box::new(ask),
                };
                let exit = ui::run(&mut terminal, &mut app, links);
                (app, exit)
            }
        });
        Self { events, controls, snapshots, plan, asked, downloads, fetched, glass, thread: Some(thread) }
    }

    pub fn publish(&self, version: u64, phase: Phase, step: u64) {
        self.snapshots.publish(snapshot(&self.plan, version, phase, step));
    }

    pub fn press(&self, keys: &str) {
        for key in keys::events(keys) {
            self.events.send(Event::Key(key)).unwrap();
        }
    }

    pub fn resize(&self, width: u16, height: u16) {
        self.glass.inside.lock().unwrap().resize(width, height);
        self.events.send(Event::Resize).unwrap();
    }

    /// What is on the screen.
    pub fn screen(&self) -> String {
        screen::text(self.glass.inside.lock().unwrap().buffer())
    }

    /// Frames drawn so far.
    pub fn frames(&self) -> u64 {
        *self.glass.frames.lock().unwrap()
    }

    /// Waits until `part` is on the screen.
    pub fn wait_for(&self, part: &str) {
        self.wait_until(part, |screen| screen.contains(part));
    }

    /// Waits until the screen is as it should be; fails with the last screen when that takes too long.
    pub fn wait_until(&self, what: &str, is_right: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let screen = self.screen();
            if is_right(&screen) {
                return;
            }
            assert!(Instant::now() < deadline, "never saw {what:?} but\n{screen}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the loop to end: the state it left behind, how it ended, and every order that it gave.
    pub fn end(mut self) -> (App, Result<Exit>, Vec<Control>) {
        let (app, exit) = self.thread.take().unwrap().join().unwrap();
        (app, exit, self.controls.try_iter().collect())
    }
}
