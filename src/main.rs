//! The front door: hooks first, then the command line, and at the end an exit code.

use std::backtrace::Backtrace;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use color_eyre::config::{HookBuilder, PanicHook, Theme};
use weightscope::cli::Cli;
use weightscope::error::{Kind, printable};
use weightscope::run::{self, Outcome};
use weightscope::ui::terminal;

/// What panics are told as, until the terminal is given back.
static REPORTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn main() -> ExitCode {
    let started = Instant::now();
    install_hooks();
    let result = panic::catch_unwind(AssertUnwindSafe(|| run::run(Cli::read(), started)));
    // Panics of other threads waited for the terminal to be given back.
    for report in REPORTS.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        say(&report);
    }
    match result {
        Ok(Ok(Outcome::Done)) => ExitCode::SUCCESS,
        Ok(Ok(Outcome::Signal(number))) => ExitCode::from(128 + number),
        Ok(Err(error)) => {
            let mut text = format!("error: {error}");
            match error.remedy() {
                Some(help) => text.extend(["\nhelp: ", help]),
                None if error.kind() == Kind::Bug => {
                    text.push_str("\nhelp: this is a fault of weightscope; please report it");
                }
                None => {}
            }
            say(&text);
            ExitCode::from(error.exit_code())
        }
        // The hook has said what there is to say.
        Err(_) => ExitCode::from(101),
    }
}

/// Writes to stderr. Where nobody can hear it, it is not said.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// color-eyre's hooks first, ours second: a panic of the thread that has the terminal gives it back. Nothing is printed
/// while somebody may still have it; [`main`] does that.
fn install_hooks() {
    let hooks = HookBuilder::blank().theme(Theme::new()).display_env_section(false).try_into_hooks();
    let Ok((panic_hook, error_hook)) = hooks else { return };
    if error_hook.install().is_ok() {
        panic::set_hook(Box::new(move |info| {
            terminal::give_back_if_owner();
            let report = report(&panic_hook, info);
            REPORTS.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        }));
    }
}

/// What a panic is told as: two lines. The first one of the process also gets a report in a file; those after it are
/// mostly its consequences. The backtrace goes into the file, not on the screen.
fn report(hook: &PanicHook, info: &PanicHookInfo<'_>) -> String {
    static REPORTED: AtomicBool = AtomicBool::new(false);

    let payload = info.payload();
    let message = payload.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    let place = info.location().map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
    let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
    let what = printable(&format!("thread {thread} panicked{place}: {message}"));
    tracing::error!("{what}");
    if REPORTED.swap(true, Ordering::Relaxed) {
        return format!("error: {what}");
    }
    let file = write_report(&format!("{what}\n\n{}\n\n{}\n", hook.panic_report(info), Backtrace::force_capture()));
    let with = file.map_or_else(|| "this message".to_owned(), |path| path.display().to_string());
    format!("error: {what}\nhelp: this is a fault of weightscope; please report it with {with}")
}

fn write_report(text: &str) -> Option<PathBuf> {
    let version = env!("CARGO_PKG_VERSION");
    let head = format!("weightscope {version} on {} {}\n", std::env::consts::OS, std::env::consts::ARCH);
    let mut file = tempfile::Builder::new().prefix("weightscope-report-").suffix(".txt").tempfile().ok()?;
    file.write_all((head + text).as_bytes()).ok()?;
    file.keep().ok().map(|(_, path)| path)
}
