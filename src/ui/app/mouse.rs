//! What the mouse does, where it is ours.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{App, Overlay};
use crate::ui::areas::{Areas, DataAreas};

impl App {
    /// Answers to the mouse: a click opens a tab or puts the cursor on a node, a second one inspects it; the wheel turns
    /// pages.
    pub fn click(&mut self, event: MouseEvent) {
        if self.overlay != Overlay::None {
            return;
        }
        let Some(areas) = self.areas() else { return };
        let position = Position::new(event.column, event.row);
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => self.press(&areas, position),
            MouseEventKind::ScrollDown => self.roll(1),
            MouseEventKind::ScrollUp => self.roll(-1),
            _ => {}
        }
    }

    fn press(&mut self, areas: &Areas, position: Position) {
        if let Some(tab) = areas.tab_at(position) {
            self.open(tab);
        } else if let Some(data) = &areas.data {
            self.press_data(data, position);
        } else if let Some(node) = areas.node_at(position, self) {
            let again = node == self.cursor();
            self.put_cursor(node);
            if again {
                self.inspect();
            }
        } else {
            self.click_part(position);
        }
    }

    fn press_data(&mut self, data: &DataAreas, position: Position) {
        if let Some(pixel) = data.pixel_at(position) {
            self.data.pixel = pixel;
            self.data.on_pixels = true;
        } else if let Some(class) = data.class_at(position, self.n_classes()) {
            self.data.class = class;
            self.data.on_pixels = false;
        }
    }

    fn roll(&mut self, pages: isize) {
        if self.data.open { self.turn_samples(pages) } else { self.turn_page(pages) }
    }
}
