//! Taking in what others have found out.

use std::sync::Arc;

use super::App;
use crate::lens::{Page, Study};
use crate::session::Snapshot;

impl App {
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
}
