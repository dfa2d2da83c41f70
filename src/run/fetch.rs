//! MNIST, fetched in the background of the dashboard.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::data::fetch::{Deadlines, Progress, Request, Unfinished, fetch};
use crate::data::idx::Part;
use crate::data::known::Set;
use crate::data::source::Places;
use crate::data::{known, verify};
use crate::error::{Error, Kind};
use crate::session::Latest;
use crate::ui::app::download::{Download, Order};

/// How long leaving waits for a download to clear up behind itself.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two words on how far it is.
const BETWEEN_WORDS: Duration = Duration::from_millis(50);

/// The thread `fetch`, when there is one. Gives up when dropped.
pub struct Fetcher {
    out: Arc<Latest<Download>>,
    places: Places,
    from: Vec<String>,
    deadlines: Deadlines,
    cancel: Arc<AtomicBool>,
    unfinished: Arc<Unfinished>,
    thread: Option<JoinHandle<()>>,
}

impl Fetcher {
    /// One that tells `out` how it goes. `from`: the mirrors to ask, none for the set's own.
    #[must_use]
    pub fn new(out: Arc<Latest<Download>>, places: Places, from: Vec<String>, deadlines: Deadlines) -> Self {
        Self { out, places, from, deadlines, cancel: Arc::default(), unfinished: Arc::default(), thread: None }
    }

    /// Begins, or gives up.
    pub fn obey(&mut self, order: Order) {
        match order {
            Order::GiveUp => self.cancel.store(true, Ordering::Relaxed),
            Order::Begin => self.begin(),
        }
    }

    fn begin(&mut self) {
        self.cancel.store(true, Ordering::Relaxed);
        self.cancel = Arc::default();
        self.unfinished = Arc::default();
        let job = Job {
            out: Arc::clone(&self.out),
            places: self.places.clone(),
            from: self.from.clone(),
            deadlines: self.deadlines,
            cancel: Arc::clone(&self.cancel),
            unfinished: Arc::clone(&self.unfinished),
        };
        match thread::Builder::new().name("fetch".into()).spawn(move || job.run()) {
            Ok(thread) => self.thread = Some(thread),
            Err(error) => {
                let error = Error::new(Kind::Bug, format!("cannot start the thread that fetches: {error}"));
                self.out.publish(failed(&error));
            }
        }
    }
}

impl Drop for Fetcher {
    fn drop(&mut self) {
        self.cancel.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + PATIENCE;
        // A mirror that is silent is not waited for.
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        self.unfinished.remove();
    }
}

struct Job {
    out: Arc<Latest<Download>>,
    places: Places,
    from: Vec<String>,
    deadlines: Deadlines,
    cancel: Arc<AtomicBool>,
    unfinished: Arc<Unfinished>,
}

impl Job {
    fn run(&self) {
        let end = match self.whole() {
            Some(dir) => Download::Done { dir },
            None => self.fetch().unwrap_or_else(|error| failed(&error)),
        };
        self.out.publish(if self.cancel.load(Ordering::Relaxed) { Download::GivenUp } else { end });
    }

    /// Where MNIST lies already, whole.
    fn whole(&self) -> Option<PathBuf> {
        let folder = self.places.find(Set::Mnist).ok()??;
        (verify(&folder.dir, Some(Set::Mnist)).set == Some(Set::Mnist)).then_some(folder.dir)
    }

    fn fetch(&self) -> Result<Download, Error> {
        let dir = self.places.installed(Set::Mnist).ok_or_else(|| {
            Error::new(Kind::Usage, "no home folder to download to")
                .help("`weightscope data fetch mnist --dir DIR` downloads to another folder")
        })?;
        let request = Request {
            set: Set::Mnist,
            from: &self.from,
            dir: &dir,
            deadlines: self.deadlines,
            cancel: &self.cancel,
            unfinished: &self.unfinished,
        };
        let mut sizes = known::MNIST_PACKED_LEN;
        let mut received = [0; 4];
        let mut told: Option<Instant> = None;
        let index = |part: Part| Part::ALL.iter().position(|other| *other == part).unwrap_or(0);
        fetch(&request, &mut |progress| {
            match progress {
                Progress::Present(part) => received[index(part)] = sizes[index(part)],
                Progress::Asked(part, _) => received[index(part)] = 0,
                Progress::Received(part, bytes, promised) => {
                    received[index(part)] = bytes;
                    sizes[index(part)] = promised.unwrap_or(sizes[index(part)]).max(bytes);
                }
                Progress::Installed(part, _) => sizes[index(part)] = received[index(part)],
                Progress::Failed(..) | Progress::SetAside(..) => {}
            }
            if told.is_none_or(|told| told.elapsed() >= BETWEEN_WORDS) {
                told = Some(Instant::now());
                self.out.publish(Download::Running { received: received.iter().sum(), total: sizes.iter().sum() });
            }
        })
        .map_err(|error| remedy(error, &dir))?;
        Ok(Download::Done { dir })
    }
}

/// What to do about `error` from here: there is no command line to change.
fn remedy(error: Error, dir: &Path) -> Error {
    let dir = dir.display();
    match error.kind() {
        Kind::Network => error.help(format!(
            "try again later, start again with the address of another mirror in $WEIGHTSCOPE_MIRROR, or put the four files \
             into {dir} yourself"
        )),
        Kind::Usage => error.help("$WEIGHTSCOPE_MIRROR holds addresses of web folders, with blanks between them"),
        _ => error.help(format!(
            "see to {dir}; `weightscope data fetch mnist --dir DIR` downloads to another folder"
        )),
    }
}

fn failed(error: &Error) -> Download {
    Download::Failed {
        why: error.to_string().lines().map(|line| line.trim().to_owned()).collect(),
        help: error.remedy().unwrap_or("try again later").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver};

    use super::*;
    use crate::data::testing::server::{Answer, Server};
    use crate::data::testing::{pack_mnist, real_mnist};

    const SHORT: Deadlines =
        Deadlines { connect: Duration::from_secs(5), silence: Duration::from_secs(5), total: Duration::from_secs(60) };

    struct Test {
        fetcher: Fetcher,
        out: Arc<Latest<Download>>,
        wakes: Receiver<()>,
    }

    impl Test {
        fn new(home: &Path, servers: &[&Server]) -> Self {
            let (woken, wakes) = mpsc::channel();
            let out = Arc::new(Latest::new(move || {
                let _ = woken.send(());
            }));
            let places = Places { mnist: None, current: home.join("work"), user: Some(home.join("user")) };
            let from = servers.iter().map(|server| server.url.clone()).collect();
            Self { fetcher: Fetcher::new(Arc::clone(&out), places, from, SHORT), out, wakes }
        }

        /// Everything told until the end.
        fn end(&self) -> Vec<Download> {
            let mut told = Vec::new();
            loop {
                self.wakes.recv_timeout(Duration::from_secs(30)).expect("an end");
                let Some(download) = self.out.take() else { continue };
                told.push((*download).clone());
                if !matches!(told.last(), Some(Download::Running { .. })) {
                    return told;
                }
            }
        }
    }

    #[test]
    fn a_failure_names_each_address_and_what_to_do() {
        let home = tempfile::tempdir().unwrap();
        let servers = [404, 503].map(|status| Server::new(home.path(), Answer::Status(status)));
        let mut test = Test::new(home.path(), &servers.each_ref());
        test.fetcher.obey(Order::Begin);
        let told = test.end();
        let Some(Download::Failed { why, help }) = told.last() else { panic!("{told:?}") };
        for (server, status) in servers.iter().zip(["404", "503"]) {
            assert!(why.iter().any(|line| line.contains(&server.url) && line.contains(status)), "{why:?}");
        }
        assert!(help.contains("user/weightscope/mnist") && help.contains("$WEIGHTSCOPE_MIRROR"), "{help}");
        assert!(!help.contains("--"), "no command line here: {help}");
    }

    #[test]
    fn leaving_does_not_wait_for_a_silent_mirror_and_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let server = Server::new(home.path(), Answer::Silent);
        let mut test = Test::new(home.path(), &[&server]);
        test.fetcher.deadlines.silence = Duration::from_secs(60);
        test.fetcher.obey(Order::Begin);
        let dir = home.path().join("user/weightscope/mnist");
        let files = || std::fs::read_dir(&dir).map_or(0, Iterator::count);
        let start = Instant::now();
        while files() == 0 {
            assert!(start.elapsed() < Duration::from_secs(30), "nothing is written");
            thread::sleep(Duration::from_millis(2));
        }
        let Test { fetcher, out, .. } = test;
        let leaving = Instant::now();
        drop(fetcher);
        // The mirror is silent for 20 seconds.
        assert!(leaving.elapsed() < Duration::from_secs(15), "it was waited for");
        assert_eq!(files(), 0, "a file is left");
        // It may have been given up before the first byte was asked for.
        assert!(!matches!(out.take().as_deref(), Some(Download::Failed { .. })), "leaving is no failure");
    }

    #[test]
    fn it_can_be_given_up_and_begun_again() {
        let home = tempfile::tempdir().unwrap();
        let server = Server::new(home.path(), Answer::Endless);
        let mut test = Test::new(home.path(), &[&server]);
        for _ in 0..2 {
            test.fetcher.obey(Order::Begin);
            while server.asked() == 0 {
                thread::sleep(Duration::from_millis(2));
            }
            test.fetcher.obey(Order::GiveUp);
            assert_eq!(test.end().last(), Some(&Download::GivenUp));
        }
        let left: Vec<_> = std::fs::read_dir(home.path().join("user/weightscope/mnist")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn real_mnist_is_fetched_with_a_bar_that_has_an_end_and_then_found() {
        let Some(real) = real_mnist() else { return };
        let home = tempfile::tempdir().unwrap();
        let files = home.path().join("files");
        std::fs::create_dir(&files).unwrap();
        pack_mnist(&real, &files);
        let server = Server::new(&files, Answer::File);
        let mut test = Test::new(home.path(), &[&server]);
        test.fetcher.obey(Order::Begin);
        let told = test.end();
        let dir = home.path().join("user/weightscope/mnist");
        assert_eq!(told.last(), Some(&Download::Done { dir: dir.clone() }));
        let mut before = 0;
        for download in &told {
            let Download::Running { received, total } = download else { continue };
            assert!(*received >= before && received <= total && total.abs_diff(11_594_722) < 100_000, "{told:?}");
            before = *received;
        }
        assert_eq!(verify(&dir, None).set, Some(Set::Mnist));
        assert_eq!(server.asked(), 4);
        // Once it is there, nothing is asked for.
        test.fetcher.obey(Order::Begin);
        assert_eq!(test.end(), [Download::Done { dir }]);
        assert_eq!(server.asked(), 4);
    }
}
