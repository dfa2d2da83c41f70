//! The front door: hooks first, then the command line, and at the end an exit code.

use std::backtrace::Backtrace;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

use color_eyre::config::{HookBuilder, PanicHook, Theme};
use weightscope::cli::Cli;
use weightscope::error::{Error, Kind};
use weightscope::run::{self, Outcome};

/// The first panic of the process; later ones are mostly its consequences.
static PANIC: OnceLock<Panic> = OnceLock::new();

struct Panic {
    what: String,
    report: Option<PathBuf>,
}

fn main() -> ExitCode {
    let started = Instant::now();
    install_hooks();
    let result = panic::catch_unwind(AssertUnwindSafe(|| run::run(Cli::read(), started)));
    let error = match result {
        Ok(Ok(outcome)) => return exit_code(outcome),
        Ok(Err(error)) => error,
        Err(_) => Error::new(Kind::Bug, "weightscope has come to a state that it should not come to"),
    };
    say(&error);
    ExitCode::from(error.exit_code())
}

fn exit_code(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::Signal(number) => ExitCode::from(128 + number),
    }
}

/// `error: …` and `help: …` on stderr. Nothing is said where nobody can hear it.
fn say(error: &Error) {
    let mut text = format!("error: {error}\n");
    if let Some(help) = error.remedy() {
        text += &format!("help: {help}\n");
    }
    if let (Kind::Bug, Some(panic)) = (error.kind(), PANIC.get()) {
        text += &format!("note: {}\n", panic.what);
        text += &match &panic.report {
            Some(path) => format!("help: this is a fault of weightscope; please report it with {}\n", path.display()),
            None => "help: this is a fault of weightscope; please report it with this message\n".to_owned(),
        };
    }
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// A panic on any thread writes a report and stays silent: the screen may still belong to the dashboard. Whoever
/// catches it leaves in order, and [`say`] then names the report.
fn install_hooks() {
    let hooks = HookBuilder::blank().theme(Theme::new()).display_env_section(false).try_into_hooks();
    let Ok((panic_hook, error_hook)) = hooks else { return };
    if error_hook.install().is_err() {
        return;
    }
    panic::set_hook(Box::new(move |info| {
        let mut first = false;
        PANIC.get_or_init(|| {
            first = true;
            note(&panic_hook, info)
        });
        if !first {
            tracing::error!("a further panic: {info}");
        }
    }));
}

fn note(hook: &PanicHook, info: &PanicHookInfo) -> Panic {
    let place = info.location().map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
    let payload = info.payload();
    let message = payload.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
    let what = format!("thread {thread} panicked{place}: {message}");
    tracing::error!("{what}");
    let text = format!(
        "weightscope {} on {} {}\n{what}\n\n{}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        hook.panic_report(info),
        Backtrace::force_capture()
    );
    Panic { what, report: write_report(&text) }
}

fn write_report(text: &str) -> Option<PathBuf> {
    let mut file = tempfile::Builder::new().prefix("weightscope-report-").suffix(".txt").tempfile().ok()?;
    file.write_all(text.as_bytes()).ok()?;
    file.keep().ok().map(|(_, path)| path)
}
