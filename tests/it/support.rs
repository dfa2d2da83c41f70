//! What the tests of the whole program share.

pub mod app;
pub mod keys;
pub mod pty;
pub mod screen;

use std::fs;
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

/// Writes the four IDX files of a set of `train` + `test` images to `dir`: digit d has a bright band from row 2 d + 2 on,
/// on a ground that differs from image to image.
pub fn write_set(dir: &Path, train: usize, test: usize) {
    fs::create_dir_all(dir).unwrap();
    let header = |magic: u32, dims: &[usize]| {
        let dims = dims.iter().flat_map(|&d| (d as u32).to_be_bytes());
        magic.to_be_bytes().into_iter().chain(dims).collect::<Vec<u8>>()
    };
    for (name, n, salt) in [("train", train, 7), ("t10k", test, 13)] {
        let mut images = header(0x803, &[n, 28, 28]);
        let mut labels = header(0x801, &[n]);
        for i in 0..n {
            let digit = (i * salt + i / 10) % 10;
            labels.push(digit as u8);
            for pixel in 0..784 {
                let ground = (i * 31 + pixel * 17 + pixel * pixel * salt) % 97;
                let is_band = (2 * digit + 2..2 * digit + 5).contains(&(pixel / 28));
                images.push(if is_band { 158 + ground as u8 } else { ground as u8 });
            }
        }
        fs::write(dir.join(format!("{name}-images-idx3-ubyte")), images).unwrap();
        fs::write(dir.join(format!("{name}-labels-idx1-ubyte")), labels).unwrap();
    }
}
