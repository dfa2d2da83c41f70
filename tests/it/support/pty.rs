//! A program in a real terminal: a pty, a thread that reads it, and an emulator that knows the screen.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// How long to wait for something that should come soon; generous, for machines that are busy.
pub const SOON: Duration = Duration::from_secs(60);

/// A running program and its terminal.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    emulator: Arc<Mutex<vt100::Parser>>,
    bytes: Arc<AtomicUsize>,
    written: Arc<Mutex<Vec<u8>>>,
    stalled: Arc<AtomicBool>,
    /// The line's settings before the program started.
    settings: String,
}

/// The binary under test, in a plain 256-colour UTF-8 terminal.
pub fn weightscope(args: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_weightscope"));
    command.args(args);
    command
}

impl Pty {
    /// Starts `command` in a terminal of `columns` x `rows` cells.
    pub fn start(mut command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let settings = format!("{:?}", pair.master.get_termios().unwrap());
        for variable in ["COLORTERM", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "TMUX", "SSH_CONNECTION", "LC_ALL"] {
            command.env_remove(variable);
        }
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.cwd(env!("CARGO_TARGET_TMPDIR"));
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let pty = Self {
            keyboard: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
            emulator: Arc::new(Mutex::new(vt100::Parser::new(cells(rows), cells(columns), 0))),
            bytes: Arc::default(),
            written: Arc::default(),
            stalled: Arc::default(),
            settings,
        };
        let (emulator, bytes, stalled) = (pty.emulator.clone(), pty.bytes.clone(), pty.stalled.clone());
        let written = pty.written.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                emulator.lock().unwrap().process(&buffer[..n]);
                written.lock().unwrap().extend_from_slice(&buffer[..n]);
                bytes.fetch_add(n, Ordering::Relaxed);
                while stalled.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(5));
                }
            }
        });
        pty
    }

    fn emulator(&self) -> MutexGuard<'_, vt100::Parser> {
        self.emulator.lock().unwrap()
    }

    /// Types.
    pub fn send(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Another window size.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.emulator().screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(PtySize { rows, cols: columns, ..PtySize::default() }).unwrap();
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.process_id()).unwrap(), signal).unwrap();
    }

    /// The program's process number.
    pub fn process_id(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }

    /// Stops reading what the program writes, or goes on.
    pub fn stall(&self, stalled: bool) {
        self.stalled.store(stalled, Ordering::Relaxed);
    }

    /// Bytes the program has written.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// All that it has written since it last cleared the screen.
    pub fn since_cleared(&self) -> Vec<u8> {
        let written = self.written.lock().unwrap();
        let clear = b"\x1b[2J";
        let start = written.windows(clear.len()).rposition(|part| part == clear).unwrap();
        written[start..].to_vec()
    }

    /// What the screen says.
    pub fn text(&self) -> String {
        self.emulator().screen().contents()
    }

    /// Waits until the screen is as `what` says; fails with a picture of it.
    #[track_caller]
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let until = Instant::now() + SOON;
        while !is_so(self.emulator().screen()) {
            assert!(Instant::now() < until, "never: {what}. The screen:\n{}", self.text());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for a text on the screen.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// Waits for the program's end, at most `patience`; returns its exit code.
    #[track_caller]
    pub fn exit_code(&mut self, patience: Duration) -> u32 {
        let until = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < until, "still running. The screen:\n{}", self.text());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Checks that the terminal is as it was: the line's settings, and every mode off.
    #[track_caller]
    pub fn assert_restored(&self) {
        self.wait_until("modes are off", are_modes_off);
        assert_eq!(format!("{:?}", self.master.get_termios().unwrap()), self.settings);
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.stall(false);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Alternate screen left, cursor to be seen, mouse and bracketed paste off, colours reset.
pub fn are_modes_off(screen: &vt100::Screen) -> bool {
    !screen.alternate_screen()
        && !screen.hide_cursor()
        && !screen.bracketed_paste()
        && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        && (screen.fgcolor(), screen.bgcolor()) == (vt100::Color::Default, vt100::Color::Default)
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}
