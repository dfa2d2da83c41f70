//! The dashboard: the event loop, what is shown, and how it reaches the terminal.
//!
//! This room sees [`crate::session::Snapshot`]s and [`crate::lens`] maps and sends [`crate::session::Control`]s. It does not
//! know how training is done.
//!
//! One thread runs [`run`], in two phases: it takes in everything that has happened ([`event::Event`] -> [`app::App`]), then
//! draws one frame from one snapshot ([`view`]). It draws only when something changed, at most as often as the frame rate
//! allows, but a key at once. The terminal is a type parameter and the events come from a channel, so tests run this very
//! loop.

pub mod app;
pub mod areas;
pub mod event;
mod event_loop;
pub mod keys;
pub mod palette;
pub mod terminal;
pub mod theme;
pub mod view;
pub mod widgets;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use ratatui::Terminal;
use ratatui::backend::Backend;

use self::app::App;
use self::app::download::{Download, Order};
use self::event::{Event, Signal, Waker};
use self::event_loop::{Left, Loop};
use crate::error::Result;
use crate::lens::worker::Request;
use crate::lens::{Page, Study, Survey};
use crate::session::{Control, Latest, Snapshot};

/// What connects the dashboard with the other threads.
pub struct Links<'a> {
    /// Keys, resizes, signals, and the word that something is new.
    pub events: &'a Receiver<Event>,
    /// What sends the word that something is new, to be told that it was heard.
    pub waker: Waker,
    /// To the run.
    pub controls: Sender<Control>,
    /// From the run.
    pub snapshots: Arc<Latest<Snapshot>>,
    /// From the lens.
    pub pages: Arc<Latest<Page>>,
    /// From the lens too: the numbers of the whole network.
    pub studies: Arc<Latest<Study>>,
    /// What is in the data, once it was asked for.
    pub surveys: Arc<Latest<Survey>>,
    /// Asks what is in the data.
    pub survey: Box<dyn FnMut() + 'a>,
    /// How the download of MNIST goes.
    pub downloads: Arc<Latest<Download>>,
    /// To the download.
    pub fetch: Box<dyn FnMut(Order) + 'a>,
    /// To the lens.
    pub ask: Box<dyn FnMut(Request) + 'a>,
}

/// The terminal as the loop sees it: a place to draw, which can be given back for a while. The defaults are for a screen
/// that no shell stands behind.
pub trait Host {
    /// What is drawn on.
    type Backend: Backend;

    /// What to draw on.
    fn terminal(&mut self) -> &mut Terminal<Self::Backend>;

    /// Gives the terminal back to the shell, stops this process, and takes the terminal again when it goes on. Says no
    /// where there is no shell.
    ///
    /// # Errors
    /// The terminal cannot be given back or taken again.
    fn suspend(&mut self) -> Result<bool> {
        Ok(false)
    }

    /// Whether all that was drawn is written. If not, an [`event::Event::Drawn`] follows.
    fn is_idle(&self) -> bool {
        true
    }

    /// Says whether the next frame stands until a key is pressed, so that it is worth drawing exactly at once.
    fn stands(&mut self, _stands: bool) {}

    /// Takes the mouse, or leaves it to the terminal.
    fn set_mouse(&mut self, _on: bool) {}
}

impl<B: Backend> Host for Terminal<B> {
    type Backend = B;

    fn terminal(&mut self) -> &mut Self {
        self
    }
}

/// Why the dashboard was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Why.
    pub reason: Reason,
}

/// Why the dashboard was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// By its key.
    Quit,
    /// By a typed Ctrl-C.
    Interrupt,
    /// By the key that begins a new run on what was fetched.
    NewData,
    /// By a signal.
    Signal(Signal),
    /// The terminal is gone.
    Gone,
}

impl Exit {
    /// The process's exit code: 0, or 128 + the signal's number.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self.reason {
            Reason::Quit | Reason::NewData => 0,
            Reason::Interrupt => 130,
            Reason::Gone => 129,
            Reason::Signal(signal) => signal.exit_code().unwrap_or(0),
        }
    }
}

/// Shows `app` on `host` until the user leaves, a signal comes or the terminal goes; on leaving the run has been told
/// to stop.
///
/// # Errors
/// The run's own failure if it ends as [`crate::session::Phase::Failed`], and what `host` cannot do. A terminal that cannot be drawn on
/// is one that is gone: [`Reason::Gone`].
pub fn run(host: &mut impl Host, app: &mut App, mut links: Links<'_>) -> Result<Exit> {
    let left = Loop::new(host, app, &mut links).run();
    // Whoever leaves wants the run to end; if its thread is gone already there is nobody to tell.
    let _ = links.controls.send(Control::Stop);
    match left {
        Left::By(reason) => Ok(Exit { reason }),
        Left::With(error) => Err(error),
    }
}
