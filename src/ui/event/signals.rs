//! The `signals` thread: hears signals and the terminal's hangup, and sees to it that the process ends in time.

use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};
use std::{fs, io, process, thread};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::stdin;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::backend::{Handle, SignalDelivery};
use signal_hook::iterator::exfiltrator::SignalOnly;

use super::{Event, Signal, cannot};
use crate::error::Result;
use crate::ui::terminal;

/// After a signal to leave, the dashboard has this long to do so; the contract is one second.
const DEADLINE: Duration = Duration::from_millis(850);

/// The caught signals, as long as it lives. Dropping it ends the thread (a signal then does nothing at all).
#[derive(Debug)]
pub struct SignalWatch {
    handle: Handle,
    leaving: Arc<AtomicBool>,
}

impl SignalWatch {
    /// The process is leaving anyway: from now on a signal to leave ends it at once.
    pub fn leaving(&self) {
        self.leaving.store(true, Ordering::Release);
    }
}

impl Drop for SignalWatch {
    fn drop(&mut self) {
        self.handle.close();
    }
}

/// Catches HUP (unless it is ignored already, as under nohup), INT, QUIT and TERM (also where a script's `&` has them
/// ignored: whoever sends one means it) and, with `has_terminal`,
/// TSTP, CONT, WINCH (the terminal has another size) and the terminal's hangup.
///
/// On the first signal to leave it calls `stop` (which asks the training to save and end, and must not block) and sends
/// an event. If the process still lives 0.85 s later, or a second such signal comes, the terminal is given back and the
/// process ends with 128 + the signal's number.
pub fn spawn_signals(
    events: Sender<Event>,
    has_terminal: bool,
    stop: impl FnOnce() + Send + 'static,
) -> Result<SignalWatch> {
    let refused = |error: io::Error| cannot("catch signals", &error);
    let ignored = ignored_signals();
    let mut caught = vec![SIGHUP, SIGINT, SIGQUIT, SIGTERM];
    caught.retain(|&number| number != SIGHUP || ignored >> (number - 1) & 1 == 0);
    if has_terminal {
        caught.extend([SIGTSTP, SIGCONT, SIGWINCH]);
    }
    let (read, write) = UnixStream::pair().map_err(refused)?;
    let delivery = SignalDelivery::with_pipe(read, write, SignalOnly, &caught).map_err(refused)?;
    let leaving = Arc::new(AtomicBool::new(false));
    let watch = SignalWatch { handle: delivery.handle(), leaving: Arc::clone(&leaving) };
    let mut watcher = Watcher { events, leaving, stop: Some(Box::new(stop)), deadline: None };
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || watcher.run(delivery, has_terminal && can_watch()))
        .map_err(refused)?;
    Ok(watch)
}

struct Watcher {
    events: Sender<Event>,
    leaving: Arc<AtomicBool>,
    stop: Option<Box<dyn FnOnce() + Send>>,
    /// When the process ends if it has not by itself, and with which code.
    deadline: Option<(Instant, u8)>,
}

impl Watcher {
    fn run(&mut self, mut delivery: SignalDelivery<UnixStream, SignalOnly>, mut watch_terminal: bool) {
        while !delivery.handle().is_closed() {
            let left = self.deadline.map(|(at, code)| (at.saturating_duration_since(Instant::now()), code));
            if let Some((Duration::ZERO, code)) = left {
                end(code);
            }
            let is_hung_up = wait(delivery.get_read(), watch_terminal, left.map(|(left, _)| left));
            for number in delivery.pending() {
                if number == SIGWINCH {
                    let _ = self.events.send(Event::Resize);
                }
                if let Some(signal) = signal(number) {
                    self.heard(Event::Signal(signal), signal.exit_code());
                }
            }
            if is_hung_up {
                watch_terminal = false;
                self.heard(Event::Gone, Signal::Hangup.exit_code());
            }
        }
    }

    fn heard(&mut self, event: Event, code: Option<u8>) {
        let Some(code) = code else {
            if event == Event::Signal(Signal::Continue) && terminal::come_back().is_err() {
                let _ = self.events.send(Event::Gone);
            }
            let _ = self.events.send(event);
            return;
        };
        let is_hangup = code == 129;
        let is_second = self.deadline.is_some() || self.leaving.load(Ordering::Acquire);
        // A closed terminal is heard of twice, by its signal and by its line.
        if is_second && !is_hangup {
            end(code);
        }
        if let Some(stop) = self.stop.take() {
            stop();
        }
        self.deadline.get_or_insert((Instant::now() + DEADLINE, code));
        let _ = self.events.send(event);
    }
}

/// Waits for a signal, at most `patience`; says whether the terminal hung up.
fn wait(signals: &UnixStream, watch_terminal: bool, patience: Option<Duration>) -> bool {
    let timeout = patience
        .map(|left| Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos().max(1_000_000)) });
    let terminal = stdin();
    let mut fds = [
        PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN),
        // Asks for nothing: a hangup is always told.
        PollFd::new(&terminal, PollFlags::empty()),
    ];
    let watched = if watch_terminal { &mut fds[..] } else { &mut fds[..1] };
    poll(watched, timeout.as_ref()).is_ok()
        && watch_terminal
        && fds[1].revents().intersects(PollFlags::HUP | PollFlags::ERR)
}

/// Whether the terminal's line can be watched (some systems cannot, and say so at once, each time).
fn can_watch() -> bool {
    let terminal = stdin();
    let mut fds = [PollFd::new(&terminal, PollFlags::empty())];
    poll(&mut fds, Some(&Timespec::default())).is_ok() && !fds[0].revents().contains(PollFlags::NVAL)
}

/// Gives the terminal back and ends the process, whatever the other threads do.
fn end(code: u8) -> ! {
    terminal::give_back();
    process::exit(i32::from(code))
}

fn signal(number: i32) -> Option<Signal> {
    match number {
        SIGHUP => Some(Signal::Hangup),
        SIGINT => Some(Signal::Interrupt),
        SIGQUIT => Some(Signal::Quit),
        SIGTERM => Some(Signal::Terminate),
        SIGTSTP => Some(Signal::Suspend),
        SIGCONT => Some(Signal::Continue),
        _ => None,
    }
}

/// The signals that whoever started us wants ignored (nohup, a script's background job), one bit each.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok()).unwrap_or(0)
}
