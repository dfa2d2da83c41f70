//! One process a run folder.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use crate::error::{Error, Kind, Result};
use crate::session::whole_file;

/// Held by the process that trains in the folder.
const LOCK: &str = ".lock";

/// Takes the folder for this process, until the file is closed.
pub(in crate::session) fn lock(dir: &Path) -> Result<File> {
    let failed = |error: io::Error| cannot_keep(dir, &error);
    let path = dir.join(LOCK);
    let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.take(20).read_to_string(&mut pid);
            let who = pid.trim().parse::<u32>().map_or("another process".into(), |pid| format!("process {pid}"));
            return Err(Error::new(Kind::Model, format!("{who} is training in this folder"))
                .at(dir)
                .help("wait until it ends, or choose another folder with `--out`"));
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    // Only for the message above; the lock itself is the kernel's.
    file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
    writeln!(file, "{}", std::process::id()).map_err(failed)?;
    Ok(file)
}

/// Says what to do where no run can be kept.
pub(super) fn cannot_keep(dir: &Path, error: &io::Error) -> Error {
    let help = match error.kind() {
        io::ErrorKind::NotFound => {
            format!("create its parent first: mkdir -p {}", whole_file::folder_of(dir).display())
        }
        io::ErrorKind::AlreadyExists => "it is a file: choose another name for the folder".into(),
        _ => "choose a folder that can be written with `--out`, or `--out none`".into(),
    };
    Error::io(dir, "keep a run here", error).help(help)
}
