//! What the next frame is due for.

use std::time::Instant;

/// What must be drawn, and since when.
pub struct Due {
    /// When the dashboard opened.
    pub opened: Instant,
    /// When the last frame was drawn.
    pub drawn: Instant,
    /// Something on screen is no longer right.
    pub changed: bool,
    /// And somebody pressed a key for it.
    pub urgent: bool,
    /// A snapshot or a page waits to be taken in.
    pub news: bool,
}

impl Due {
    /// Everything, from the start.
    pub fn at_once() -> Self {
        let now = Instant::now();
        Self { opened: now, drawn: now, changed: true, urgent: true, news: true }
    }

    /// The user has done something and wants to see it.
    pub fn now(&mut self) {
        (self.changed, self.urgent) = (true, true);
    }
}
