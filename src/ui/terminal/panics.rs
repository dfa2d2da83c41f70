//! Panics: the terminal comes back before anything is printed, and only the dashboard's own thread gives it back.

use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

/// Reports of threads that must not touch the screen, until it is given back.
static REPORTS: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// A pool can panic on every thread at once; the first reports tell it all.
const KEPT: usize = 8;

/// Installs the panic hook. Call it after color-eyre's hooks are installed: it replaces theirs, and `report` makes the
/// text (with color-eyre: `panic_hook.panic_report(info).to_string()`).
///
/// While the terminal is taken, a panic on the thread that took it gives it back and prints; on any other thread the
/// report is kept for [`take_reports`]. Otherwise it is printed at once.
pub fn install_hook(report: impl Fn(&PanicHookInfo<'_>) -> String + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |info| {
        let text = report(info);
        if super::is_taken_by_another_thread() {
            let mut reports = REPORTS.lock().unwrap_or_else(PoisonError::into_inner);
            if reports.len() < KEPT {
                reports.push(text);
            }
            return;
        }
        super::give_back();
        // Standard error may be gone with the terminal; a failure here must not panic again.
        let _ = writeln!(std::io::stderr(), "{text}");
    }));
}

/// The reports kept so far, oldest first; they are handed out once. Print them after the terminal is given back.
#[must_use]
pub fn take_reports() -> Vec<String> {
    std::mem::take(&mut REPORTS.lock().unwrap_or_else(PoisonError::into_inner))
}
