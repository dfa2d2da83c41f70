//! What the tests of the whole program share.

pub mod app;
pub mod keys;
pub mod pty;
pub mod screen;

use std::path::Path;

use assert_cmd::Command;

/// The program, in `home` as working folder and as every user folder, with nothing of this machine's environment.
pub fn weightscope(home: &Path) -> Command {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("weightscope");
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("WEIGHTSCOPE_") || name.starts_with("XDG_") || name.starts_with("RUST_") {
            command.env_remove(&*name);
        }
    }
    command.current_dir(home).env("HOME", home).timeout(std::time::Duration::from_secs(60));
    command
}

/// Exit code, stdout and stderr of `line`, run in `home`.
pub fn outcome(home: &Path, line: &str) -> (i32, String, String) {
    finish(weightscope(home).args(line.split_whitespace()))
}

/// Exit code, stdout and stderr of `command`.
pub fn finish(command: &mut Command) -> (i32, String, String) {
    let output = command.output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().expect("an exit code, not a signal"), text(&output.stdout), text(&output.stderr))
}
