//! The dashboard in a real terminal: however it ends, the terminal is as it was.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::pty::{Pty, SOON, are_modes_off, weightscope};

/// A small, slow run on the built-in digits that goes on until it is told to stop, and leaves no files.
const RUN: [&str; 17] = [
    "train",
    "--threads",
    "1",
    "--pace",
    "20",
    "--data",
    "builtin",
    "--train-size",
    "500",
    "--hidden",
    "32",
    "--epochs",
    "100000",
    "--seed",
    "1",
    "--out",
    "none",
];
/// The contract's second, and some for a machine that runs other tests.
const A_SECOND: Duration = Duration::from_millis(1500);

/// The dashboard at 100x30, drawn.
fn dashboard() -> Pty {
    let pty = Pty::start(weightscope(&RUN), 100, 30);
    pty.wait_for("epoch");
    pty
}

#[test]
fn takes_the_terminal_and_quits_by_key() {
    let mut pty = dashboard();
    pty.wait_until("alternate screen, no cursor, no mouse", |screen| {
        screen.alternate_screen()
            && screen.hide_cursor()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    });
    pty.send("q");
    assert_eq!(pty.exit_code(SOON), 0);
    pty.assert_restored();
}

#[test]
fn ctrl_c_ends_with_130() {
    let mut pty = dashboard();
    pty.send("\x03");
    assert_eq!(pty.exit_code(SOON), 130);
    pty.assert_restored();
}

#[test]
fn signals_end_it_within_a_second_with_their_number() {
    for (signal, code) in [(Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131), (Signal::TERM, 143)] {
        let mut pty = dashboard();
        pty.signal(signal);
        assert_eq!(pty.exit_code(A_SECOND), code, "{signal:?}");
        pty.assert_restored();
    }
}

/// Redraws until everything between the program and a reader that has stopped is full.
fn fill(pty: &mut Pty) {
    pty.stall(true);
    for _ in 0..100 {
        pty.send("\x0c");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_terminal_that_does_not_read_stops_neither_the_keys_nor_the_end() {
    let mut pty = dashboard();
    fill(&mut pty);
    pty.stall(false);
    pty.send(" ");
    pty.wait_for("paused");

    let mut pty = dashboard();
    fill(&mut pty);
    pty.signal(Signal::TERM);
    assert_eq!(pty.exit_code(A_SECOND), 143);
    pty.stall(false);
    pty.assert_restored();

    let mut pty = dashboard();
    fill(&mut pty);
    pty.send("q");
    assert_eq!(pty.exit_code(SOON), 0);
    pty.stall(false);
    pty.assert_restored();
}

#[test]
fn resizes_end_at_the_last_size() {
    let mut pty = dashboard();
    for step in 0..50 {
        pty.resize(60 + step, 20 + step / 2);
        std::thread::sleep(Duration::from_millis(5));
    }
    pty.resize(40, 10);
    pty.wait_for("60x20");
    pty.resize(120, 40);
    pty.wait_for("epoch");
    pty.send("q");
    assert_eq!(pty.exit_code(SOON), 0);
    pty.assert_restored();
}

#[test]
fn a_paste_without_an_end_does_not_swallow_the_keys_after_it() {
    let mut pty = dashboard();
    pty.send("\x1b[200~");
    std::thread::sleep(Duration::from_millis(50));
    pty.send("q");
    assert_eq!(pty.exit_code(SOON), 0);
    pty.assert_restored();
}

#[test]
fn a_key_is_answered_after_a_long_paste() {
    let mut pty = dashboard();
    for _ in 0..10 {
        pty.send(&"l".repeat(1000));
    }
    pty.send(" ");
    pty.wait_for("paused");
    pty.send("q");
    assert_eq!(pty.exit_code(SOON), 0);
    pty.assert_restored();
}

#[test]
fn a_paused_dashboard_sends_nothing() {
    let mut pty = dashboard();
    pty.send(" ");
    pty.wait_for("paused");
    // Pictures still have to settle, and all test images to be looked at.
    let deadline = Instant::now() + SOON;
    let mut before = 0;
    while pty.bytes() != before {
        assert!(Instant::now() < deadline, "still sending\n{}", pty.text());
        before = pty.bytes();
        std::thread::sleep(Duration::from_secs(2));
    }
}

/// Every character on the screen once a run of 24 steps in lockstep has ended, and every byte that was written from its
/// first frame on.
fn end_of_lockstep() -> (String, Vec<u8>) {
    let run = "train --lockstep 5 --fps 30 --data builtin --train-size 500 --hidden 32 --seed 1 --out none";
    let mut pty = Pty::start(weightscope(&run.split(' ').collect::<Vec<_>>()), 100, 30);
    pty.wait_for("finished");
    // The last frame is a single write; nothing follows it.
    std::thread::sleep(Duration::from_secs(1));
    let (screen, written) = (pty.text(), pty.since_cleared());
    pty.send("q");
    assert_eq!(pty.exit_code(SOON), 0);
    (screen, written)
}

#[test]
fn two_runs_in_lockstep_write_the_same_to_the_byte() {
    let (first, written) = end_of_lockstep();
    assert!(first.contains("lockstep 5/frame") && !first.contains("img/s") && !first.contains("left"), "{first}");
    assert!(end_of_lockstep() == (first, written), "another screen, or other bytes");
}

/// A shell with job control, and the dashboard as its job.
fn job() -> Pty {
    let mut shell = CommandBuilder::new("bash");
    shell.args(["--norc", "--noprofile", "-i"]);
    shell.env("PS1", "prompt> ");
    let mut pty = Pty::start(shell, 100, 30);
    pty.wait_for("prompt>");
    // The shell's own modes would be taken for ours.
    pty.send("bind 'set enable-bracketed-paste off'\n");
    pty.send(&format!("{} {}\n", env!("CARGO_BIN_EXE_weightscope"), RUN.join(" ")));
    wait_for_the_job(&pty);
    pty
}

#[track_caller]
fn wait_for_the_job(pty: &Pty) {
    pty.wait_until("the dashboard", |screen| screen.alternate_screen() && screen.contents().contains("epoch"));
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again() {
    let mut pty = job();
    for round in 0..10 {
        pty.send("\x1a");
        pty.wait_until("the shell", are_modes_off);
        pty.wait_for("Stopped");
        pty.send("clear; stty -a\n");
        pty.wait_for("isig icanon iexten echo");
        if round % 3 == 1 {
            pty.resize(90 + round, 28);
        }
        pty.send("clear; fg\n");
        wait_for_the_job(&pty);
    }
    pty.send("q");
    pty.wait_until("the shell", are_modes_off);
    // What is typed before the shell reads again may be lost.
    pty.wait_for("prompt>");
    pty.send("echo code $?\n");
    pty.wait_for("code 0");
}

/// The shell changes the terminal's modes while a job is stopped; one that was stopped from outside could not prepare.
#[test]
#[cfg(target_os = "linux")]
fn fg_takes_the_terminal_again_after_a_stop_from_outside() {
    let mut pty = job();
    std::thread::sleep(Duration::from_millis(600));
    let shell = pty.process_id();
    let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
    let pid = Pid::from_raw(children.trim().parse().unwrap()).unwrap();
    kill_process(pid, Signal::STOP).unwrap();
    pty.wait_for("Stopped");
    pty.send("fg\n");
    // Raw again: the key needs no Enter.
    std::thread::sleep(Duration::from_millis(300));
    pty.send(" ");
    pty.wait_until("paused, on its own screen", |screen| {
        screen.alternate_screen() && screen.hide_cursor() && screen.contents().contains("paused")
    });
    pty.send("q");
    pty.wait_until("the shell", are_modes_off);
}

#[test]
fn ctrl_z_without_a_shell_leaves_it_running() {
    let mut pty = dashboard();
    pty.send("\x1a");
    std::thread::sleep(Duration::from_millis(300));
    pty.send(" ");
    pty.wait_for("paused");
    pty.send("q");
    assert_eq!(pty.exit_code(SOON), 0);
}

/// The terminal itself (here: `script`) is killed; the program notices by the hangup of its line.
#[test]
#[cfg(target_os = "linux")]
fn a_killed_terminal_ends_it_with_129() {
    let told = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("hangup-{}", std::process::id()));
    let _ = fs::remove_file(&told);
    let program = format!("{} {}", env!("CARGO_BIN_EXE_weightscope"), RUN.join(" "));
    let mut script = CommandBuilder::new("script");
    script.args(["-qec", &format!("trap : HUP; {program}; echo $? >{}", told.display()), "/dev/null"]);
    script.env("SHELL", "/bin/sh");
    let mut pty = Pty::start(script, 100, 30);
    pty.wait_for("epoch");
    pty.signal(Signal::KILL);
    let killed = Instant::now();
    pty.exit_code(SOON);
    while fs::read_to_string(&told).unwrap_or_default().is_empty() {
        assert!(killed.elapsed() < A_SECOND, "it outlives its terminal");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(fs::read_to_string(&told).unwrap().trim(), "129");
    fs::remove_file(&told).unwrap();
}

#[test]
#[cfg(feature = "fault-injection")]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    for fault in ["panic-ui", "panic-worker@5"] {
        let mut command = weightscope(&RUN);
        command.env("WEIGHTSCOPE_FAULT", fault);
        let mut pty = Pty::start(command, 100, 30);
        assert_eq!(pty.exit_code(SOON), 101, "{fault}");
        pty.assert_restored();
        // On the normal screen, where the shell is: the report came after the dashboard had gone.
        pty.wait_until("the report", |screen| !screen.alternate_screen() && screen.contents().contains("panic"));
    }
}
