//! Downloads: a published set from its mirrors into a folder, each file verified before it gets its name.

mod download;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;
use ureq::Agent;

use crate::data::catalog::{Verdict, verify};
use crate::data::fetch::download::{Failure, agent, download};
use crate::data::idx::Part;
use crate::data::idx::file::packed_path;
use crate::data::known::{Fingerprint, Set};
use crate::error::{Error, Kind, Result, printable};

/// Beginning of the names of unfinished downloads.
const UNFINISHED: &str = ".weightscope-";
/// An unfinished download of this age was left behind by a process that was killed.
const STALE: Duration = Duration::from_secs(3600);

/// The addresses that `$WEIGHTSCOPE_MIRROR` names, with blanks between them, to be asked in place of a set's own mirrors:
/// a classroom may have one nearby.
#[must_use]
pub fn mirrors() -> Vec<String> {
    let named = std::env::var("WEIGHTSCOPE_MIRROR").unwrap_or_default();
    named.split_whitespace().map(str::to_owned).collect()
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// For a connection.
    pub connect: Duration,
    /// For the next byte.
    pub silence: Duration,
    /// For a whole file.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { connect: Duration::from_secs(15), silence: Duration::from_secs(30), total: Duration::from_secs(1800) }
    }
}

/// The file that a download writes at the moment, for whoever must leave while a mirror is silent.
#[derive(Debug, Default)]
pub struct Unfinished(Mutex<Option<PathBuf>>);

impl Unfinished {
    fn begin(&self, path: &Path) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.to_owned());
    }

    /// Removes the file, if there is one; a download that goes on nevertheless fails at its end.
    pub fn remove(&self) {
        if let Some(path) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = fs::remove_file(path);
        }
    }
}

/// What to download, from where, to where.
#[derive(Debug)]
pub struct Request<'a> {
    /// The set.
    pub set: Set,
    /// Addresses before each file's name, in the order in which they are tried; empty: the set's own mirrors.
    pub from: &'a [String],
    /// The folder for the four files; made if need be.
    pub dir: &'a Path,
    /// How long to wait.
    pub deadlines: Deadlines,
    /// Set by another thread to give up; looked at between two pieces, so at the latest after the silence deadline.
    pub cancel: &'a AtomicBool,
    /// Told which file is being written.
    pub unfinished: &'a Unfinished,
}

/// What happens during a download, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<'a> {
    /// The file is there and whole; nothing is asked for.
    Present(Part),
    /// A mirror is asked for the file.
    Asked(Part, &'a str),
    /// So many bytes of the file are here, of so many if the server said.
    Received(Part, u64, Option<u64>),
    /// The mirror at this address failed, for this reason; the next one is tried.
    Failed(Part, &'a str, &'a str),
    /// The file is whole and has its name.
    Installed(Part, &'a Path),
    /// A plain file that was damaged or not this set's was renamed to this.
    SetAside(Part, &'a Path),
}

/// What a download did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Files that were downloaded.
    pub downloaded: usize,
    /// Files that were there and whole.
    pub present: usize,
}

/// Makes `request.dir` hold the whole set: asks for the files that are missing or damaged, for nothing else.
///
/// A file is written under a temporary name, its format and SHA-256 are verified, and only then it is renamed, so
/// nothing half-done ever has a final name. A mirror that fails in any way is followed by the next. If all fail the
/// error names each address with its reason.
pub fn fetch(request: &Request, progress: &mut dyn FnMut(Progress)) -> Result<Fetched> {
    let mut mirrors = addresses(request)?;
    fs::create_dir_all(request.dir).map_err(|error| Error::io(request.dir, "make the folder", &error))?;
    sweep(request.dir);
    let wanted = missing(request)?;
    let agent = agent(request.deadlines);
    for part in Part::ALL {
        if !wanted.contains(&part) {
            progress(Progress::Present(part));
            continue;
        }
        let good = fetch_file(request, &agent, part, &mirrors, progress)?;
        // The mirror that worked is asked first for the next file.
        mirrors.rotate_left(good);
    }
    Ok(Fetched { downloaded: wanted.len(), present: Part::ALL.len() - wanted.len() })
}

/// The addresses to try, each with a slash at its end.
fn addresses(request: &Request) -> Result<Vec<String>> {
    let given = request.from.iter().map(String::as_str);
    let known = request.set.mirrors().iter().copied().take(if request.from.is_empty() { usize::MAX } else { 0 });
    given
        .chain(known)
        .map(|address| {
            if !address.starts_with("http://") && !address.starts_with("https://") {
                return Err(Error::new(Kind::Usage, format!("`{address}` is no http:// or https:// address"))
                    .help("--from takes the address of a folder; the file names are appended"));
            }
            Ok(format!("{}/", address.trim_end_matches('/')))
        })
        .collect()
}

/// The parts that are missing or damaged. An error if the folder holds a set of its own, which must not be replaced.
fn missing(request: &Request) -> Result<Vec<Part>> {
    let report = verify(request.dir, Some(request.set));
    let other = match report.set {
        Some(set) if set != request.set => Some(set.to_string()),
        Some(_) => return Ok(Vec::new()),
        None if report.is_usable() && report.sizes() != (Set::TRAIN_SIZE, Set::TEST_SIZE) => {
            Some(format!("a set of its own, {} and {} images", report.sizes().0, report.sizes().1))
        }
        None => None,
    };
    if let Some(other) = other {
        return Err(Error::new(Kind::Data, format!("the folder holds {other}, and would be overwritten"))
            .at(request.dir)
            .help("name another folder with --dir"));
    }
    let whole = |verdict: &Verdict, len: u64| match verdict {
        Verdict::Known(set) => *set == request.set,
        // A plain file of a set of which only the packed sums are known: right in all that can be told.
        Verdict::WellFormed => matches!(request.set.fingerprint(Part::TrainImages), Fingerprint::Packed(_)) && len > 0,
        Verdict::Differs(_) | Verdict::Missing | Verdict::Damaged(_) => false,
    };
    Ok(report
        .files
        .iter()
        .filter(|file| {
            let is_plain = file.path.extension().is_none_or(|extension| extension != "gz");
            let right = match file.verdict {
                Verdict::WellFormed => is_plain && file.len == request.set.plain_len(file.part),
                _ => true,
            };
            !(right && whole(&file.verdict, file.len))
        })
        .map(|file| file.part)
        .collect())
}

/// Removes what earlier downloads left behind when they were killed; of no consequence if it cannot.
fn sweep(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let old = entry
            .metadata()
            .and_then(|meta| meta.modified())
            .is_ok_and(|modified| SystemTime::now().duration_since(modified).is_ok_and(|age| age > STALE));
        if old && entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Downloads and installs `part`; the number of the mirror that had it.
fn fetch_file(
    request: &Request,
    agent: &Agent,
    part: Part,
    mirrors: &[String],
    progress: &mut dyn FnMut(Progress),
) -> Result<usize> {
    let mut reasons = Vec::new();
    for (number, mirror) in mirrors.iter().enumerate() {
        let url = format!("{mirror}{}.gz", part.file_name());
        progress(Progress::Asked(part, &url));
        match download(request, agent, part, &url, progress) {
            Ok(file) => {
                install(request, part, file, progress)?;
                return Ok(number);
            }
            Err(Failure::Here(error)) => return Err(error),
            Err(Failure::Mirror(reason)) => {
                let reason = printable(&reason).replace('\n', " ");
                progress(Progress::Failed(part, &url, &reason));
                reasons.push(format!("\n  {url}: {reason}"));
            }
        }
    }
    Err(Error::new(Kind::Network, format!("cannot download {}{}", part.file_name(), reasons.concat())).help(format!(
        "try again later, name another mirror with --from URL, or put the four files into {} yourself",
        request.dir.display()
    )))
}

/// Gives the verified file its name. A plain file of that name would be read before it, so it is set aside.
fn install(request: &Request, part: Part, file: NamedTempFile, progress: &mut dyn FnMut(Progress)) -> Result<()> {
    let plain = request.dir.join(part.file_name());
    let packed = packed_path(&plain);
    file.persist(&packed).map_err(|error| Error::io(&packed, "name the download", &error.error))?;
    // The name must outlive a power cut as well; not every system can do this for a folder.
    let _ = fs::File::open(request.dir).and_then(|dir| dir.sync_all());
    if plain.symlink_metadata().is_ok() {
        let aside = aside_path(&plain);
        fs::rename(&plain, &aside).map_err(|error| Error::io(&plain, "set the damaged file aside", &error))?;
        progress(Progress::SetAside(part, &aside));
    }
    progress(Progress::Installed(part, &packed));
    Ok(())
}

/// `path.damaged`, or with a number where that is taken.
fn aside_path(path: &Path) -> PathBuf {
    (0_u32..1000)
        .map(|n| {
            PathBuf::from(format!("{}.damaged{}", path.display(), if n == 0 { String::new() } else { n.to_string() }))
        })
        .find(|aside| aside.symlink_metadata().is_err())
        .unwrap_or_else(|| path.with_extension("damaged"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::data::testing::server::{Answer, Server};
    use crate::data::testing::{idx_bytes, pack_mnist, real_mnist, write_gz, write_set};

    const SHORT: Deadlines = Deadlines {
        connect: Duration::from_secs(2),
        silence: Duration::from_millis(500),
        total: Duration::from_secs(60),
    };

    fn run(dir: &Path, from: &[&Server], deadlines: Deadlines) -> (Result<Fetched>, Vec<String>) {
        let from: Vec<String> = from.iter().map(|server| server.url.clone()).collect();
        let cancel = AtomicBool::new(false);
        let unfinished = Unfinished::default();
        let request =
            Request { set: Set::Mnist, from: &from, dir, deadlines, cancel: &cancel, unfinished: &unfinished };
        let mut failures = Vec::new();
        let fetched = fetch(&request, &mut |progress| {
            if let Progress::Failed(_, url, reason) = progress {
                failures.push(format!("{url}: {reason}"));
            }
        });
        (fetched, failures)
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Every way in which a mirror can fail, without MNIST: no file is ever right, so none may be installed.
    #[test]
    fn a_mirror_that_fails_is_followed_by_the_next_and_all_are_named() {
        let files = tempfile::tempdir().unwrap();
        // Well formed, of MNIST's own size, and not MNIST.
        write_gz(&files.path().join("train-images-idx3-ubyte.gz"), &idx_bytes(Part::TrainImages, 60_000));
        let few = tempfile::tempdir().unwrap();
        write_gz(&few.path().join("train-images-idx3-ubyte.gz"), &idx_bytes(Part::TrainImages, 50));
        let closed = Server { url: "http://127.0.0.1:1/set".to_owned(), asked: Arc::default() };
        let page = Answer::Body(b"<!DOCTYPE html>\x1b[2J<title>Sign in</title>".to_vec());
        let cases = [
            (closed, "refused"),
            (Server::new(files.path(), Answer::Status(404)), "HTTP status 404"),
            (Server::new(files.path(), Answer::Status(403)), "HTTP status 403"),
            (Server::new(files.path(), Answer::Status(503)), "HTTP status 503"),
            (Server::new(files.path(), page), "not a .gz file: it begins with \"<!DO\""),
            (Server::new(files.path(), Answer::File), "SHA-256 of the unpacked content is"),
            (Server::new(files.path(), Answer::Flipped), "damaged"),
            (Server::new(files.path(), Answer::Half), "after"),
            (Server::new(files.path(), Answer::Silent), "silent for"),
            (Server::new(files.path(), Answer::Endless), "more than the"),
            (Server::new(files.path(), Answer::Redirect("ftp://127.0.0.1".to_owned())), "ftp"),
            (Server::new(files.path(), Answer::Body(Vec::new())), "not a .gz file"),
            (Server::new(few.path(), Answer::File), "50 images"),
        ];
        let dir = tempfile::tempdir().unwrap();
        let start = Instant::now();
        let servers: Vec<&Server> = cases.iter().map(|(server, _)| server).collect();
        let (fetched, failures) = run(dir.path(), &servers, SHORT);
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        let error = fetched.unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (Kind::Network, 1));
        assert!(error.remedy().unwrap().contains("--from"));
        assert_eq!(failures.len(), cases.len());
        for (failure, (server, wanted)) in failures.iter().zip(&cases) {
            assert!(failure.starts_with(&server.url) && failure.contains(wanted), "{failure}, wanted {wanted}");
            assert!(error.to_string().contains(failure), "{error}");
            assert!(!failure.contains('\x1b'));
        }
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }

    /// A file system of 64 KB, if this machine lets us make one.
    struct Small(tempfile::TempDir);

    impl Small {
        fn new() -> Option<Self> {
            let dir = tempfile::tempdir().unwrap();
            let mount = std::process::Command::new("mount")
                .args(["-t", "tmpfs", "-o", "size=64k", "none"])
                .arg(dir.path())
                .output();
            mount.is_ok_and(|mount| mount.status.success()).then_some(Self(dir))
        }
    }

    impl Drop for Small {
        fn drop(&mut self) {
            let _ = std::process::Command::new("umount").arg(self.0.path()).output();
        }
    }

    #[test]
    fn no_room_on_the_disk_ends_it_at_once_and_leaves_nothing() {
        let Some(small) = Small::new() else {
            #[expect(clippy::print_stderr, reason = "for whoever reads the test's output")]
            {
                eprintln!("skipped: only root may mount a small file system");
            }
            return;
        };
        let files = tempfile::tempdir().unwrap();
        // It does not pack: 200 KB of no order, which never fit.
        let noise: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        fs::write(files.path().join("train-images-idx3-ubyte.gz"), noise).unwrap();
        let (good, next) = (Server::new(files.path(), Answer::File), Server::new(files.path(), Answer::File));
        let dir = small.0.path().join("mnist");
        let (fetched, failures) = run(&dir, &[&good, &next], SHORT);
        let error = fetched.unwrap_err();
        assert!(error.to_string().contains(&dir.display().to_string()), "{error}");
        assert!(error.to_string().to_lowercase().contains("no space left"), "{error}");
        assert!(error.remedy().unwrap().contains("make room"), "{error}");
        assert_eq!((failures.len(), good.asked(), next.asked()), (0, 1, 0), "no mirror can help");
        assert_eq!(names(&dir), Vec::<String>::new());
    }

    #[test]
    fn a_redirect_that_never_ends_is_left() {
        let dir = tempfile::tempdir().unwrap();
        // To its own path again and again.
        let loops = Server::new(dir.path(), Answer::Redirect("/set".to_owned()));
        let next = Server::new(dir.path(), Answer::Status(500));
        let (fetched, failures) = run(dir.path(), &[&loops, &next], SHORT);
        assert!(fetched.is_err());
        assert!(failures[0].contains("redirects"), "{failures:?}");
        assert_eq!((loops.asked(), next.asked()), (6, 1));
    }

    #[test]
    fn a_set_of_the_users_own_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        write_set(dir.path(), 30, 10);
        let server = Server::new(dir.path(), Answer::File);
        let (fetched, _) = run(dir.path(), &[&server], SHORT);
        assert!(fetched.unwrap_err().to_string().contains("would be overwritten"));
        assert_eq!(server.asked(), 0);
    }

    #[test]
    fn addresses_are_those_of_web_folders() {
        let cancel = AtomicBool::new(false);
        let dir = Path::new("/nowhere");
        let unfinished = Unfinished::default();
        let request =
            |from| Request { set: Set::Mnist, from, dir, deadlines: SHORT, cancel: &cancel, unfinished: &unfinished };
        let from = ["http://a/b//".to_owned(), "https://c".to_owned()];
        assert_eq!(addresses(&request(&from)).unwrap(), ["http://a/b/", "https://c/"]);
        assert_eq!(addresses(&request(&[])).unwrap(), Set::Mnist.mirrors());
        let error = addresses(&request(&["file:///etc".to_owned()])).unwrap_err();
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn leftovers_go_and_the_young_stay() {
        let dir = tempfile::tempdir().unwrap();
        for (name, age) in [(".weightscope-a.part", 7200), (".weightscope-b.part", 10), ("other.part", 7200)] {
            let file = fs::File::create(dir.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        }
        sweep(dir.path());
        assert_eq!(names(dir.path()), [".weightscope-b.part", "other.part"]);
    }

    #[test]
    fn real_mnist_is_fetched_once_and_repaired_file_by_file() {
        let Some(real) = real_mnist() else { return };
        let served = tempfile::tempdir().unwrap();
        pack_mnist(&real, served.path());
        let real = served.path();
        let sorted = names(real);
        let down = Server::new(real, Answer::Status(503));
        let good = Server::new(real, Answer::File);
        let redirects = Server::new(real, Answer::Redirect(good.url.clone()));
        let flipped = Server::new(real, Answer::Flipped);
        let dir = tempfile::tempdir().unwrap();
        let set = dir.path().join("new/mnist");

        let (fetched, failures) = run(&set, &[&down, &flipped, &redirects], Deadlines::default());
        assert_eq!(fetched.unwrap(), Fetched { downloaded: 4, present: 0 });
        assert_eq!(failures.len(), 2, "{failures:?}");
        assert_eq!((down.asked(), flipped.asked(), redirects.asked(), good.asked()), (1, 1, 4, 4));
        assert_eq!(names(&set), sorted);
        assert_eq!(verify(&set, None).set, Some(Set::Mnist));

        // A second run asks for nothing.
        let (fetched, _) = run(&set, &[&good], Deadlines::default());
        assert_eq!(fetched.unwrap(), Fetched { downloaded: 0, present: 4 });
        assert_eq!(good.asked(), 4);

        // Of a damaged file, that file alone is asked for; while no mirror has it, it stays as it was.
        let labels = set.join("t10k-labels-idx1-ubyte.gz");
        let mut bytes = fs::read(&labels).unwrap();
        bytes.truncate(1000);
        fs::write(&labels, &bytes).unwrap();
        assert!(run(&set, &[&down], SHORT).0.is_err());
        assert_eq!(fs::read(&labels).unwrap(), bytes);
        let (fetched, _) = run(&set, &[&good], Deadlines::default());
        assert_eq!(fetched.unwrap(), Fetched { downloaded: 1, present: 3 });
        assert_eq!(good.asked(), 5);
        assert!(good.asked.lock().unwrap()[4].ends_with("/set/t10k-labels-idx1-ubyte.gz"));

        // A damaged plain file, which would be read first, is set aside.
        let plain = set.join("t10k-labels-idx1-ubyte");
        fs::write(&plain, [0; 100]).unwrap();
        run(&set, &[&good], Deadlines::default()).0.unwrap();
        assert_eq!(verify(&set, None).set, Some(Set::Mnist));
        assert!(set.join("t10k-labels-idx1-ubyte.damaged").is_file());

        // Giving up leaves nothing behind.
        fs::remove_file(&labels).unwrap();
        let cancel = AtomicBool::new(true);
        let from = [good.url.clone()];
        let deadlines = Deadlines::default();
        let unfinished = Unfinished::default();
        let request =
            Request { set: Set::Mnist, from: &from, dir: &set, deadlines, cancel: &cancel, unfinished: &unfinished };
        assert!(fetch(&request, &mut |_| {}).unwrap_err().to_string().contains("given up"));
        assert!(!names(&set).iter().any(|name| name.contains(".part")));
    }
}
