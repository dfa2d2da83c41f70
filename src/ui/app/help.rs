//! Keys while the help is open.

use super::{App, Effect, Overlay};
use crate::ui::keys::Action;
use crate::ui::view::help;

impl App {
    /// While the help is open, keys scroll it; any other closes it, and does nothing else.
    pub(super) fn update_help(&mut self, scroll: u16, action: Action) -> Option<Effect> {
        let last = help::last_scroll(self, self.screen());
        let scroll = match action {
            Action::Down => scroll.saturating_add(1),
            Action::Up => scroll.saturating_sub(1),
            Action::NextPage => scroll.saturating_add(self.size.height / 2),
            Action::PreviousPage => scroll.saturating_sub(self.size.height / 2),
            Action::First => 0,
            Action::Last => last,
            Action::Interrupt => return Some(Effect::Quit { interrupted: true }),
            Action::Suspend => return Some(Effect::Suspend),
            Action::Redraw => return Some(Effect::Redraw),
            _ => {
                self.overlay = Overlay::None;
                return None;
            }
        };
        self.overlay = Overlay::Help { scroll: scroll.min(last) };
        None
    }
}
