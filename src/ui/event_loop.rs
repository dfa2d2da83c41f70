//! The event loop: takes in what has happened, then draws one frame from one snapshot.

mod due;
mod lockstep;

use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use self::due::Due;
use self::lockstep::Lockstep;
use super::app::{App, Effect};
use super::event::{Event, Signal};
use super::{Host, Links, Reason, view};
use crate::error::{Error, Result};
use crate::lens::Sight;
use crate::session::Phase;

/// Maps follow the training at most so many times a second; a key does not wait for it.
const MAPS_A_SECOND: u32 = 5;
/// So many events are taken in before a frame is drawn, however many wait (a pasted book).
const EVENTS_A_FRAME: usize = 1024;

/// How the loop ends.
pub(super) enum Left {
    By(Reason),
    With(Error),
}

impl From<Error> for Left {
    fn from(error: Error) -> Self {
        Self::With(error)
    }
}

/// A terminal that cannot be asked or drawn on is gone, whatever it says.
fn gone<E>(_error: E) -> Left {
    Left::By(Reason::Gone)
}

/// The newest request to the lens.
struct Asked {
    sight: Sight,
    version: u64,
    at: Instant,
    id: u64,
    /// Somebody has turned to something else and waits to see it.
    is_awaited: bool,
}

/// The loop and what it works with.
pub(super) struct Loop<'a, 'l, H: Host> {
    host: &'a mut H,
    app: &'a mut App,
    links: &'a mut Links<'l>,
    due: Due,
    asked: Option<Asked>,
    /// Whether it was asked what is in the data.
    asked_survey: bool,
    lockstep: Lockstep,
}

impl<'a, 'l, H: Host> Loop<'a, 'l, H> {
    pub(super) fn new(host: &'a mut H, app: &'a mut App, links: &'a mut Links<'l>) -> Self {
        Self { host, app, links, due: Due::at_once(), asked: None, asked_survey: false, lockstep: Lockstep::new() }
    }

    /// Goes round until something ends it.
    pub(super) fn run(&mut self) -> Left {
        loop {
            if let Err(left) = self.turn() {
                return left;
            }
        }
    }

    /// Draws what is due, then hears what has happened.
    fn turn(&mut self) -> Result<(), Left> {
        if self.due.news && self.due.beat_in(self.frame_time()).is_zero() {
            self.take_in()?;
        }
        self.ask();
        if self.due.changed && self.due.frame_in(self.frame_time()).is_zero() && !self.waits_for_answers() {
            self.draw()?;
        }
        self.hear()?;
        self.beat()
    }

    /// Waits for something to happen, then takes in everything that has.
    fn hear(&mut self) -> Result<(), Left> {
        let first = match self.wait() {
            Some(wait) => self.links.events.recv_timeout(wait),
            None => self.links.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        self.due.changed |= self.app.tick(self.now());
        let mut event = match first {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => return Ok(()),
            Err(RecvTimeoutError::Disconnected) => return Err(Left::By(Reason::Gone)),
        };
        for _ in 0..EVENTS_A_FRAME {
            if let Some(event) = self.keep_for_its_beat(event) {
                self.answer(&event)?;
            }
            match self.links.events.try_recv() {
                Ok(next) => event = next,
                Err(_) => break, // empty; a closed channel is met by the next wait
            }
        }
        Ok(())
    }

    /// How long nothing needs doing unless an event comes; `None` = for ever.
    fn wait(&self) -> Option<Duration> {
        let news = self.due.news.then(|| self.due.beat_in(self.frame_time()));
        let is_drawable = self.due.changed && !self.waits_for_answers();
        let frame = is_drawable.then(|| self.due.frame_in(self.frame_time()));
        // In lockstep no time passes but that of the frames.
        let tick = self.app.next_tick().filter(|_| !self.app.is_in_lockstep());
        [news, frame, self.ask_again_in(), self.until_beat(), tick].into_iter().flatten().min()
    }

    fn answer(&mut self, event: &Event) -> Result<(), Left> {
        match *event {
            Event::Key(key) => {
                self.due.now();
                if let Some(effect) = self.app.key(key) {
                    self.carry_out(&effect)?;
                }
            }
            Event::Mouse(mouse) => {
                self.due.now();
                self.app.click(mouse);
            }
            Event::Resize => {
                self.due.now();
                self.app.size = self.host.terminal().size().map_err(gone)?;
            }
            Event::Changed => {
                self.links.waker.seen();
                self.due.news = true;
                self.show_what_is_awaited();
            }
            Event::Drawn { bytes } => self.app.wrote(bytes),
            Event::Signal(Signal::Suspend) => self.carry_out(&Effect::Suspend)?,
            Event::Signal(Signal::Continue) => {
                self.repaint()?;
            }
            Event::Signal(signal) => return Err(Left::By(Reason::Signal(signal))),
            Event::Gone => return Err(Left::By(Reason::Gone)),
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: &Effect) -> Result<(), Left> {
        match *effect {
            // A run that has ended hears nothing; its last snapshot says why it ended.
            Effect::Control(control) => {
                if self.links.controls.send(control).is_ok() {
                    self.is_told();
                }
            }
            Effect::Suspend => {
                if !self.host.suspend()? {
                    self.app.say("there is no shell to go back to");
                }
                self.repaint()?;
            }
            Effect::Fetch(order) => (self.links.fetch)(order),
            Effect::Redraw => self.repaint()?,
            Effect::Mouse(on) => self.host.set_mouse(on),
            Effect::NewData => return Err(Left::By(Reason::NewData)),
            Effect::Quit { interrupted: true } => return Err(Left::By(Reason::Interrupt)),
            Effect::Quit { interrupted: false } => return Err(Left::By(Reason::Quit)),
        }
        Ok(())
    }

    /// Forgets what the terminal shows, so that the next frame draws every cell.
    fn repaint(&mut self) -> Result<(), Left> {
        self.due.now();
        self.app.size = self.host.terminal().size().map_err(gone)?;
        self.host.terminal().clear().map_err(gone)?;
        Ok(())
    }

    /// Takes one snapshot, one page, one study and one survey, the newest there are.
    fn take_in(&mut self) -> Result<(), Left> {
        self.due.news = false;
        if let Some(snapshot) = self.links.snapshots.get()
            && self.app.snapshot.as_ref().is_none_or(|old| old.version != snapshot.version)
        {
            if let Phase::Failed(error) = &snapshot.phase {
                return Err(Left::With(error.clone()));
            }
            let had_begun = self.app.has_begun();
            self.app.see(snapshot);
            self.has_news();
            self.due.changed = true;
            if self.app.is_in_lockstep() && self.app.has_begun() && !had_begun {
                self.start_clock();
                self.repaint()?;
            }
        }
        if let Some(page) = self.links.pages.get()
            && self.app.page.as_ref().is_none_or(|old| !Arc::ptr_eq(old, &page))
        {
            self.app.show(page);
            self.due.changed = true;
        }
        if let Some(study) = self.links.studies.get()
            && self.app.study.as_ref().is_none_or(|old| !Arc::ptr_eq(old, &study))
        {
            self.app.learn(study);
            self.due.changed = true;
        }
        if let Some(download) = self.links.downloads.take() {
            self.app.hear(Arc::unwrap_or_clone(download));
            self.due.changed = true;
        }
        if let Some(survey) = self.links.surveys.get().filter(|_| self.app.survey.is_none()) {
            self.app.learn_data(survey);
            self.due.changed = true;
        }
        Ok(())
    }

    /// Takes in the maps that somebody waits for, and has them drawn at once. In lockstep they have a beat of their own.
    fn show_what_is_awaited(&mut self) {
        if let Some(asked) = self.asked.as_mut().filter(|asked| asked.is_awaited)
            && let Some(page) = self.links.pages.get().filter(|page| page.request == asked.id)
            && !self.app.is_in_lockstep()
        {
            asked.is_awaited = false;
            self.app.show(page);
            self.due.now();
        }
    }

    /// Asks the lens for what the screen needs: at once when the user looks at something else, and now and then when
    /// only the network has changed.
    fn ask(&mut self) {
        if self.app.data.open && !self.asked_survey {
            self.asked_survey = true;
            (self.links.survey)();
        }
        if self.ask_again_in().is_none_or(|wait| !wait.is_zero()) {
            return;
        }
        let (Some(sight), Some(mut request)) = (self.app.sight(), self.app.request()) else { return };
        let id = self.asked.as_ref().map_or(0, |asked| asked.id) + 1;
        let is_awaited = self.asked.as_ref().is_none_or(|asked| asked.sight != sight || asked.is_awaited);
        request.id = id;
        self.asked = Some(Asked { sight, version: request.snapshot.version, at: Instant::now(), id, is_awaited });
        (self.links.ask)(request);
    }

    /// When to ask the lens again, if ever.
    fn ask_again_in(&self) -> Option<Duration> {
        let version = self.app.snapshot.as_ref()?.version;
        let sight = self.app.sight()?;
        match &self.asked {
            Some(asked) if asked.sight == sight && asked.version == version => None,
            Some(asked) if asked.sight == sight && !self.app.is_in_lockstep() => {
                Some((Duration::from_secs(1) / MAPS_A_SECOND).saturating_sub(asked.at.elapsed()))
            }
            _ => Some(Duration::ZERO),
        }
    }

    fn draw(&mut self) -> Result<(), Left> {
        self.due.draw(self.frame_time());
        if self.app.is_in_lockstep() {
            self.count_frame();
        }
        let trains = self.app.snapshot.as_ref().is_some_and(|snapshot| snapshot.phase == Phase::Training);
        self.host.stands(self.app.is_in_lockstep() && !trains);
        let app = &mut *self.app;
        self.host
            .terminal()
            .draw(|frame| {
                // The terminal may have changed its size since the last event said so.
                app.size = frame.area().as_size();
                view::render(app, frame.buffer_mut());
            })
            .map_err(gone)?;
        Ok(())
    }

    fn frame_time(&self) -> Duration {
        Duration::from_secs_f32(1.0 / self.app.options.fps.clamp(0.1, 1000.0))
    }
}
