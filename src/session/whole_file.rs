//! Files written whole or not at all, and read with their size known beforehand.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::error::{Error, Kind, Result};

/// How the names of unfinished files begin, so that what a killed process left behind can be told and removed.
const UNFINISHED: &str = ".unfinished-";

/// Writes `bytes` to `path`: whole or, on failure, not at all, with an existing file left as it was.
///
/// # Errors
/// [`Kind::Disk`], naming `path`.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    try_write(path, bytes)
        .map_err(|error| Error::io(path, "write", &error).help("make room, or keep the run elsewhere"))
}

fn try_write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let mut file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        // As for any file that a program creates: the umask takes away what it takes away.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)?;
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    file.write_all(first)?;
    #[cfg(feature = "fault-injection")]
    super::fault::slow_save();
    file.write_all(rest)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// The folder that holds `path`.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes a rename or a removal in `folder` survive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes what a killed process left unfinished in `folder`. Only for the folder's one user.
pub(super) fn remove_unfinished(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            // What cannot be removed does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Reads the regular file `path` of at most `limit` bytes.
///
/// # Errors
/// [`Kind::Model`] where the file is missing, is not a regular file or is larger; [`Kind::Disk`] where reading fails.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let wrong = |what: &str| Error::new(Kind::Model, what).at(path);
    // Looked at before it is opened: opening a pipe would wait for its writer.
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => wrong("no such file").help("check the path"),
        _ => Error::io(path, "read", &error),
    })?;
    if metadata.is_dir() {
        return Err(wrong("is a folder, not a model file"));
    }
    if !metadata.is_file() {
        return Err(wrong("is not a regular file"));
    }
    if metadata.len() > limit {
        let what = format!("is too large: {} bytes, and the limit is {limit}", metadata.len());
        return Err(wrong(&what));
    }
    let failed = |error: io::Error| Error::io(path, "read", &error);
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(metadata.len() as usize + 1).map_err(|_| wrong("does not fit into memory"))?;
    file.take(metadata.len() + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 != metadata.len() {
        return Err(wrong("changed while it was read").help("try again"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(read(&path, 3).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn leaves_the_old_file_when_the_new_one_cannot_be_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::create_dir(&path).unwrap();
        let error = write(&path, b"new").unwrap_err();
        assert_eq!((error.kind(), error.path()), (Kind::Disk, Some(path.as_path())));
        assert!(path.is_dir());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn removes_only_what_is_unfinished() {
        let dir = tempfile::tempdir().unwrap();
        for name in [".unfinished-x1", "kept"] {
            fs::write(dir.path().join(name), b"").unwrap();
        }
        remove_unfinished(dir.path());
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["kept"]);
    }

    #[test]
    fn reads_regular_files_within_the_limit_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        assert!(read(&path, 9).unwrap_err().to_string().contains("no such file"));
        assert!(read(dir.path(), 9).unwrap_err().to_string().contains("is a folder"));
        assert!(read(Path::new("/dev/zero"), 9).unwrap_err().to_string().contains("not a regular file"));
        fs::write(&path, b"0123456789").unwrap();
        assert!(read(&path, 9).unwrap_err().to_string().contains("10 bytes"));
        assert_eq!(read(&path, 10).unwrap().len(), 10);
    }
}
