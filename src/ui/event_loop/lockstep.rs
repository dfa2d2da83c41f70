//! Training and screen in step: what is on screen hangs on the steps done and on the keys pressed before each, and on no
//! clock, nor on who was faster.
//!
//! A frame is drawn once it has every answer that belongs to it, is written whole, and stays for as long as a frame is. Then
//! comes one beat: the next key, if one waits, or else the next steps of training.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossterm::event::KeyEvent;

use super::{Left, Loop};
use crate::session::{Control, Phase};
use crate::ui::Host;
use crate::ui::app::{App, Overlay};
use crate::ui::event::Event;
use crate::ui::keys::{Action, Chord};

/// What the loop knows besides, in lockstep.
pub(super) struct Lockstep {
    /// Keys and clicks that wait for their beat.
    waiting: VecDeque<Event>,
    /// The run was told something, or let go, at the snapshot of this version: a newer one is sure to come.
    owes: Option<u64>,
    /// Frames drawn since the run began: the clock of everything that stays for a time.
    frames: u32,
    /// When the last one was drawn.
    drawn: Instant,
}

impl Lockstep {
    pub fn new() -> Self {
        Self { waiting: VecDeque::new(), owes: None, frames: 0, drawn: Instant::now() }
    }
}

impl<H: Host> Loop<'_, '_, H> {
    /// Keeps a key or a click for its beat; gives back what is not to wait: all else, and keys that leave.
    pub(super) fn keep_for_its_beat(&mut self, event: Event) -> Option<Event> {
        let waits = match event {
            Event::Key(key) => !is_hurried(self.app, key, self.lockstep.waiting.is_empty()),
            Event::Mouse(_) => true,
            _ => false,
        };
        if !waits || !self.app.is_in_lockstep() {
            return Some(event);
        }
        self.lockstep.waiting.push_back(event);
        None
    }

    /// The run was told something, which its next snapshot shows.
    pub(super) fn is_told(&mut self) {
        self.lockstep.owes = self.app.snapshot.as_ref().map(|snapshot| snapshot.version);
    }

    /// A snapshot was taken in.
    pub(super) fn has_news(&mut self) {
        let version = self.app.snapshot.as_ref().map(|snapshot| snapshot.version);
        self.lockstep.owes = self.lockstep.owes.filter(|owed| version.is_none_or(|version| version <= *owed));
    }

    /// The run has its data: what was on screen before hung on when.
    pub(super) fn start_clock(&mut self) {
        self.lockstep.frames = 0;
        self.app.start_clock();
    }

    /// A frame is about to be drawn: so much time has passed.
    pub(super) fn count_frame(&mut self) {
        self.lockstep.frames += 1;
        self.lockstep.drawn = Instant::now();
        self.app.tick(self.now());
    }

    /// What time it is on the screen.
    pub(super) fn now(&self) -> Duration {
        if self.app.is_in_lockstep() { self.frame_time() * self.lockstep.frames } else { self.due.opened.elapsed() }
    }

    /// Whether the next frame would not show all that belongs to it, or would overtake the last one.
    pub(super) fn waits_for_answers(&self) -> bool {
        self.app.is_in_lockstep() && (self.lockstep.owes.is_some() || !self.is_answered() || !self.host.is_idle())
    }

    fn is_answered(&self) -> bool {
        if self.app.data.open && self.app.survey.is_none() {
            return false;
        }
        // The lens gives the numbers of the network before the maps.
        let is_newest = || self.app.page.as_ref().map(|page| page.request) == self.asked.as_ref().map(|asked| asked.id);
        self.app.sight().is_none() || self.ask_again_in().is_none() && is_newest()
    }

    /// How long until the next beat; `None` while something else must happen first, or there is nothing to do.
    pub(super) fn until_beat(&self) -> Option<Duration> {
        let trains = self.app.snapshot.as_ref().is_some_and(|snapshot| snapshot.phase == Phase::Training);
        let has_work = trains || self.app.has_begun() && !self.lockstep.waiting.is_empty();
        let is_seen = !self.due.changed && !self.due.news && !self.waits_for_answers();
        let is_next = self.app.is_in_lockstep() && has_work && is_seen;
        is_next.then(|| self.frame_time().saturating_sub(self.lockstep.drawn.elapsed()))
    }

    /// One key, or the next steps, if it is time.
    pub(super) fn beat(&mut self) -> Result<(), Left> {
        if self.until_beat() != Some(Duration::ZERO) {
            return Ok(());
        }
        if let Some(event) = self.lockstep.waiting.pop_front() {
            self.app.forget_message();
            return self.answer(&event);
        }
        if let Some(version) = self.app.snapshot.as_ref().map(|snapshot| snapshot.version)
            && self.links.controls.send(Control::Shown { version }).is_ok()
        {
            self.is_told();
        }
        Ok(())
    }
}

/// Whether a key does not wait for its beat: it leaves, or draws anew what is there. Where keys wait already or are typed into something, `q` is one of them.
fn is_hurried(app: &App, key: KeyEvent, is_first: bool) -> bool {
    match app.options.keys.action(Chord::from(key)) {
        Some(Action::Interrupt | Action::Suspend | Action::Redraw) => true,
        Some(Action::Quit) => is_first && app.overlay == Overlay::None,
        _ => false,
    }
}
