//! What the dashboard knows and shows. Pure state: no terminal, no thread, no clock; the loop in [`super::run`] tells it
//! what has happened and does what it asks for.

pub mod browse;
pub mod choice;
pub mod data;
mod help;
pub mod inspector;
pub mod message;
mod mouse;
mod moves;
pub mod ranking;
pub mod rate;
pub mod request;
pub mod training;

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Position, Rect, Size};

use self::browse::Browse;
pub use self::choice::{Options, Overlay, Panes, Span};
pub use self::data::{DataView, Reach, Tab, Tone};
use self::inspector::Inspector;
use self::message::Message;
use self::rate::Rate;
use self::training::Wishes;
use super::areas::{Areas, MapSize};
use super::keys::{Action, Chord};
use super::palette::{Glyphs, Ramp};
use crate::lens::{Lens, Page, Scale, Study, Survey};
use crate::session::{Control, Plan, Snapshot};

/// What the loop is asked to do after an action.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell the run something.
    Control(Control),
    /// Give the terminal back to the shell until `fg`.
    Suspend,
    /// Draw every cell again.
    Redraw,
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Leave: by `q` (exit code 0) or by Ctrl-C (130).
    Quit {
        /// It was Ctrl-C.
        interrupted: bool,
    },
}

/// The state of the dashboard.
#[derive(Debug, Clone)]
pub struct App {
    /// What the user has decided beforehand.
    pub options: Options,
    /// What the run was asked for; known before the first snapshot.
    pub plan: Arc<Plan>,
    /// The newest snapshot, once there is one.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The newest maps, once there are some; perhaps of another layer or lens than the one on screen.
    pub page: Option<Arc<Page>>,
    /// The newest numbers of the whole network, once there are some.
    pub study: Option<Arc<Study>>,
    /// What is in the data, once that is known.
    pub survey: Option<Arc<Survey>>,
    /// Size of the screen.
    pub size: Size,
    /// The data's tab, and whether it is the open one.
    pub data: DataView,
    /// The layer whose tab is open, or was last: its index.
    pub layer: usize,
    /// The cursor of each layer: index of a node.
    pub cursors: Vec<usize>,
    /// In which order the nodes are shown, and which of them.
    pub browse: Browse,
    /// The lens.
    pub lens: Lens,
    /// The scale.
    pub scale: Scale,
    /// The colours of maps, where the terminal has them.
    pub ramp: Ramp,
    /// The characters of small maps.
    pub glyphs: Glyphs,
    /// The size of the maps, if the user has chosen one.
    pub map_size: Option<MapSize>,
    /// Which panes are open.
    pub panes: Panes,
    /// Which part of the run the curves show.
    pub span: Span,
    /// Whether everything known of the node under the cursor is shown.
    pub inspecting: bool,
    /// What is done there.
    pub inspector: Inspector,
    /// What lies on top.
    pub overlay: Overlay,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// What is sent to the terminal.
    pub rate: Rate,
    /// What the run was told and has not shown yet.
    pub wishes: Wishes,
    /// The newest thing worth telling.
    pub message: Option<Message>,
    /// Time since the dashboard opened, as the loop last said.
    pub now: Duration,
}

impl App {
    /// The dashboard of a run with this plan, before anything has happened.
    #[must_use]
    pub fn new(plan: Arc<Plan>, options: Options) -> Self {
        let n_layers = plan.shape.hidden.len() + 1;
        Self {
            lens: options.lens,
            scale: options.scale,
            ramp: options.ramp,
            glyphs: options.glyphs,
            mouse: options.mouse,
            options,
            snapshot: None,
            page: None,
            study: None,
            survey: None,
            size: Size::new(0, 0),
            data: DataView::new(plan.class_names.len()),
            plan,
            layer: 0,
            cursors: vec![0; n_layers],
            browse: Browse::default(),
            map_size: None,
            panes: Panes::default(),
            span: Span::default(),
            inspecting: false,
            inspector: Inspector::default(),
            overlay: Overlay::None,
            rate: Rate::default(),
            wishes: Wishes::default(),
            message: None,
            now: Duration::ZERO,
        }
    }

    /// Number of layers.
    #[must_use]
    pub fn n_layers(&self) -> usize {
        self.cursors.len()
    }

    /// Nodes of the open layer.
    #[must_use]
    pub fn n_nodes(&self) -> usize {
        self.width_of(self.layer)
    }

    /// Nodes of a layer.
    #[must_use]
    pub fn width_of(&self, layer: usize) -> usize {
        self.plan.shape.hidden.get(layer).copied().unwrap_or(self.plan.shape.outputs).max(1)
    }

    /// Whether the open layer is the output layer.
    #[must_use]
    pub fn is_output(&self) -> bool {
        self.layer + 1 == self.n_layers()
    }

    /// The node under the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursors[self.layer].min(self.n_nodes() - 1)
    }

    /// The whole screen.
    #[must_use]
    pub fn screen(&self) -> Rect {
        Rect::from((Position::ORIGIN, self.size))
    }

    /// Where everything is; `None` while the screen is too small.
    #[must_use]
    pub fn areas(&self) -> Option<Areas> {
        Areas::new(self.screen(), self)
    }

    /// Takes in a snapshot.
    pub fn see(&mut self, snapshot: Arc<Snapshot>) {
        let before = self.snapshot.as_ref().and_then(|s| s.notice.clone());
        if let Some(notice) = snapshot.notice.clone().filter(|notice| Some(notice) != before.as_ref()) {
            self.say(notice.as_ref());
        }
        self.notice_restart(&snapshot);
        self.wishes.forget_granted(&snapshot);
        self.plan = Arc::clone(&snapshot.plan);
        self.snapshot = Some(snapshot);
    }

    /// Takes in a page of maps.
    pub fn show(&mut self, page: Arc<Page>) {
        self.page = Some(page);
        self.take_likeness();
    }

    /// Takes in the numbers of the whole network.
    pub fn learn(&mut self, study: Arc<Study>) {
        self.study = Some(study);
        self.rank_if_calm();
    }

    /// Takes in what is in the data.
    pub fn learn_data(&mut self, survey: Arc<Survey>) {
        self.survey = Some(survey);
    }

    /// Answers to a key: types into the open prompt, or does what the key stands for.
    pub fn key(&mut self, event: KeyEvent) -> Option<Effect> {
        let chord = Chord::from(event);
        if let Overlay::GoTo(digits) = &mut self.overlay
            && chord.modifiers == KeyModifiers::NONE
        {
            match chord.code {
                // Six digits name any node of any network that fits in memory.
                KeyCode::Char(c) if c.is_ascii_digit() && digits.len() < 6 => digits.push(c),
                KeyCode::Backspace => {
                    digits.pop();
                }
                KeyCode::Enter => self.go_to_typed(),
                KeyCode::Esc => self.overlay = Overlay::None,
                // Nothing else acts: a mistyped letter must not restart a run.
                _ => {}
            }
            return None;
        }
        let action = self.options.keys.action(chord)?;
        self.update(action)
    }

    /// Does what an action stands for, and says what is left for the loop to do.
    pub fn update(&mut self, action: Action) -> Option<Effect> {
        if let Overlay::Help { scroll } = self.overlay {
            return self.update_help(scroll, action);
        }
        if self.data.open && self.update_data(action) {
            return None;
        }
        match action {
            Action::NextTab => self.turn_tab(1),
            Action::PreviousTab => self.turn_tab(-1),
            Action::Data => self.open(Tab::Data),
            Action::Layer(number) => self.open_layer_number(usize::from(number)),
            Action::Left => self.arrow(-1, 0),
            Action::Right => self.arrow(1, 0),
            Action::Up => self.arrow(0, -1),
            Action::Down => self.arrow(0, 1),
            Action::NextPage => self.turn_page(1),
            Action::PreviousPage => self.turn_page(-1),
            Action::First => self.move_to_end(false),
            Action::Last => self.move_to_end(true),
            Action::NextSort
            | Action::PreviousSort
            | Action::NextFilter
            | Action::PreviousFilter
            | Action::Similar
            | Action::Mark => self.browse(action),
            Action::GoTo => self.overlay = Overlay::GoTo(String::new()),
            Action::Inspect => self.inspect(),
            Action::Back => self.back(),
            Action::Take => self.take(),
            Action::NextLens => self.lens = next(&Lens::ALL, self.lens, 1),
            Action::PreviousLens => self.lens = next(&Lens::ALL, self.lens, -1),
            Action::NextScale => self.scale = next(&Scale::ALL, self.scale, 1),
            Action::Colours => self.next_ramp(),
            Action::Glyphs => self.next_glyphs(),
            Action::Larger => self.resize_maps(MapSize::larger),
            Action::Smaller => self.resize_maps(MapSize::smaller),
            Action::Panes => self.next_panes(),
            Action::CurveSpan => {
                self.span = if self.span == Span::Whole { Span::Recent } else { Span::Whole };
            }
            Action::Help => self.overlay = Overlay::Help { scroll: 0 },
            Action::Mouse => {
                self.mouse = !self.mouse;
                self.say(if self.mouse { "mouse on: select text with Shift or Option" } else { "mouse off" });
                return Some(Effect::Mouse(self.mouse));
            }
            Action::LinkRate => self.show_rate(),
            Action::Redraw => return Some(Effect::Redraw),
            Action::Suspend => return Some(Effect::Suspend),
            Action::Quit => return Some(Effect::Quit { interrupted: false }),
            Action::Interrupt => return Some(Effect::Quit { interrupted: true }),
            Action::Pause
            | Action::StepOnce
            | Action::RateDown
            | Action::RateUp
            | Action::PaceDown
            | Action::PaceUp
            | Action::Restart
            | Action::NextSeed
            | Action::Save => return self.train(action).map(Effect::Control),
        }
        None
    }
}

/// The entry `by` places after `current`, round and round.
fn next<T: Copy + PartialEq>(all: &[T], current: T, by: isize) -> T {
    let at = all.iter().position(|entry| *entry == current).unwrap_or(0).cast_signed();
    all[(at + by).rem_euclid(all.len().cast_signed()) as usize]
}
