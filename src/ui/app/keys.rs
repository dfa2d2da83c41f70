//! What each key does.

use crossterm::event::{KeyEvent, KeyModifiers};

use super::{App, Effect, Overlay, Span, Tab, next};
use crate::lens::{Lens, Scale};
use crate::ui::areas::MapSize;
use crate::ui::keys::{Action, Chord};

impl App {
    /// Answers to a key: types into the open prompt, or does what the key stands for.
    pub fn key(&mut self, event: KeyEvent) -> Option<Effect> {
        let chord = Chord::from(event);
        if chord.modifiers == KeyModifiers::NONE && self.type_into_prompt(chord.code) {
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
        let closes = action == Action::Back && self.is_failure_shown;
        if self.data.open && !closes && self.update_data(action) {
            return None;
        }
        if self.look(action) {
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
            Action::Inspect => {
                self.put_image_away();
                self.inspect();
            }
            Action::Back if self.is_failure_shown => self.is_failure_shown = false,
            Action::Back if self.put_image_away() => {}
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
            Action::Charts => self.next_charts(),
            Action::CurveSpan => {
                self.span = if self.span == Span::Whole { Span::Recent } else { Span::Whole };
            }
            Action::Fetch => return self.fetch(),
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
            // Looked after above.
            _ => {}
        }
        None
    }
}
