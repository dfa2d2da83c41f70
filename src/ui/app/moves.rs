//! Moving about: layers, nodes, pages, sizes, panes.

use crossterm::event::KeyCode;

use super::{App, Charts, Overlay, Panes, Tab, next};
use crate::ui::areas::{self, MapSize};
use crate::ui::palette::{Depth, Glyphs, Ramp};

const NO_CURVES: &str = "a trained network has no curves: they are drawn while one trains";

impl App {
    pub(super) fn open_layer(&mut self, layer: usize) {
        self.layer = layer;
        self.leave_the_way();
        self.rank();
        self.show_gallery();
    }

    pub(super) fn open_layer_number(&mut self, number: usize) {
        match self.n_layers() {
            n if (1..=n).contains(&number) => self.open(Tab::Layer(number - 1)),
            1 => self.say("this network has one layer"),
            n => self.say(format!("this network has {n} layers")),
        }
    }

    /// Whoever asks for a layer or a node wants to see it.
    pub(super) fn show_gallery(&mut self) {
        if self.panes == Panes::Curves {
            self.panes = Panes::Both;
        }
    }

    pub(super) fn put_cursor(&mut self, node: usize) {
        self.cursors[self.layer] = node;
        self.leave_the_way();
    }

    /// An arrow key: from node to node, or in the inspector from part to part.
    pub(super) fn arrow(&mut self, right: isize, down: isize) {
        if self.areas().is_some_and(|areas| areas.inspector.is_some()) {
            self.move_part(right, down);
        } else {
            self.move_by(right + down * self.columns());
        }
    }

    /// Moves the cursor so many places on; nothing happens where there is no such place.
    pub(super) fn move_by(&mut self, places: isize) {
        let shown = self.shown();
        if let Some(node) = self.place().checked_add_signed(places).and_then(|place| shown.get(place)) {
            self.put_cursor(*node);
        }
    }

    /// Moves the cursor to the first node, or to the last one.
    pub(super) fn move_to_end(&mut self, last: bool) {
        let shown = self.shown();
        let end = if last { shown.last() } else { shown.first() };
        self.put_cursor(end.copied().unwrap_or_default());
    }

    pub(super) fn columns(&self) -> isize {
        self.areas().and_then(|areas| areas.grid).map_or(1, |grid| isize::from(grid.columns.cast_signed()))
    }

    /// Turns whole pages and stays in the same place on the page, as far as the layer goes. Whoever turns the page sees
    /// the newest order. In the inspector a page is a node.
    pub(super) fn turn_page(&mut self, pages: isize) {
        if self.areas().is_some_and(|areas| areas.inspector.is_some()) {
            return self.move_by(pages);
        }
        let per_page = self.areas().and_then(|areas| areas.grid).map_or(10, |grid| grid.per_page());
        let (place, last) = (self.place(), self.shown().len() - 1);
        let to = place.saturating_add_signed(pages * per_page.cast_signed()).min(last);
        // Back from page one or on from the last page, there is nothing to turn.
        if to / per_page != place / per_page {
            self.rank();
            let shown = self.shown();
            self.put_cursor(shown[to.min(shown.len() - 1)]);
        }
    }

    /// Types into the open prompt. Returns whether there is one.
    pub(super) fn type_into_prompt(&mut self, key: KeyCode) -> bool {
        let digits = match &mut self.overlay {
            Overlay::GoTo(digits) => digits,
            Overlay::Image(_) => {
                self.type_image(key);
                return true;
            }
            Overlay::None | Overlay::Help { .. } => return false,
        };
        match key {
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
        true
    }

    pub(super) fn go_to_typed(&mut self) {
        let Overlay::GoTo(digits) = std::mem::take(&mut self.overlay) else { return };
        if self.data.open {
            return self.go_to_image(&digits);
        }
        match digits.parse::<usize>() {
            Ok(node) if node < self.n_nodes() => {
                self.put_cursor(node);
                self.show_gallery();
                if self.order().is_some_and(|order| !order.admits(node)) {
                    self.say(format!("node {node} does not pass the filter: shown all the same"));
                }
            }
            Ok(node) => {
                let last = self.n_nodes() - 1;
                self.say(format!("there is no node {node}: this layer's are 0 to {last}"));
            }
            Err(_) => {} // nothing typed
        }
    }

    pub(super) fn resize_maps(&mut self, change: fn(MapSize) -> Option<MapSize>) {
        let size = self.map_size.or_else(|| self.areas()?.grid.map(|grid| grid.size)).unwrap_or_default();
        match change(size).filter(|size| self.areas().is_none_or(|areas| areas.can_show(*size))) {
            Some(size) => {
                self.map_size = Some(size);
                self.say(format!("maps of {}x{} cells", size.width(), size.height()));
            }
            None => self.say("no other size fits here"),
        }
    }

    pub(super) fn next_charts(&mut self) {
        if !self.options.live {
            return self.say(NO_CURVES);
        }
        self.charts = next(&Charts::ALL, self.charts, 1);
        let name = match self.charts {
            Charts::Learning => "loss and accuracy",
            Charts::Trust => "faithfulness and template match",
            Charts::Structure => "structure and dead nodes",
        };
        let hidden = self.areas().is_none_or(|areas| areas.charts.is_empty());
        self.say(if hidden { format!("charts of {name}: w shows them") } else { format!("charts of {name} first") });
    }

    pub(super) fn next_panes(&mut self) {
        if self.areas().is_some_and(|areas| areas.inspector.is_some()) {
            return self.next_sheet();
        }
        let has_side = areas::has_side_column(self.screen());
        self.panes = match self.panes {
            Panes::Both if has_side => Panes::Gallery,
            Panes::Both if !self.options.live => return self.say(NO_CURVES),
            Panes::Gallery if !self.options.live => Panes::Both,
            Panes::Both | Panes::Gallery => Panes::Curves,
            Panes::Curves => Panes::Both,
        };
    }

    /// Other colours for the maps, where there are enough.
    pub(super) fn next_ramp(&mut self) {
        let palette = self.options.palette;
        if !palette.has_ramps() {
            self.say(match palette.depth {
                _ if palette.ascii => "colours need more than ASCII: maps stay characters",
                Depth::None => "this terminal has no colours: maps stay shades",
                _ => "colours need 256: with 16, maps stay grey",
            });
            return;
        }
        self.ramp = next(&Ramp::ALL, self.ramp, 1);
        self.say(match self.ramp {
            Ramp::Grey => "colours: grey",
            Ramp::Diverging => "colours: blue below zero, dark at zero, orange above",
            Ramp::Viridis => "colours: viridis, from dark blue to yellow",
        });
    }

    /// Other characters for small maps.
    pub(super) fn next_glyphs(&mut self) {
        if !self.options.palette.has_greys() {
            self.say("without greys a character is one pixel");
            return;
        }
        self.glyphs = next(&Glyphs::ALL, self.glyphs, 1);
        self.say(match self.glyphs {
            Glyphs::Half => "small maps: 2 pixels a character",
            Glyphs::Quadrant => "small maps: 4 pixels a character, in 2 colours",
            Glyphs::Octant => "small maps: 8 pixels a character; needs a font of 2024 or newer",
        });
    }
}
