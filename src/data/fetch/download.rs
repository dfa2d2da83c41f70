//! One file from one mirror: asked for, received under a temporary name, verified.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::Ordering;

use tempfile::NamedTempFile;
use ureq::Agent;
use ureq::config::AutoHeaderValue;

use crate::data::fetch::{Deadlines, Progress, Request, UNFINISHED};
use crate::data::idx::Part;
use crate::data::idx::file::{Digests, IdxFile};
use crate::data::known::{Fingerprint, Set, to_hex};
use crate::error::{Error, Kind};

/// A client that follows at most five redirects, to http and https only, and unpacks nothing by itself.
pub fn agent(deadlines: Deadlines) -> Agent {
    Agent::config_builder()
        .max_redirects(5)
        .http_status_as_error(true)
        .timeout_resolve(Some(deadlines.connect))
        .timeout_connect(Some(deadlines.connect))
        .timeout_per_read(Some(deadlines.silence))
        .timeout_recv_response(Some(deadlines.silence))
        .timeout_global(Some(deadlines.total))
        .user_agent(concat!("weightscope/", env!("CARGO_PKG_VERSION")))
        .accept_encoding(AutoHeaderValue::None)
        .build()
        .into()
}

/// Why a mirror did not do.
pub enum Failure {
    /// This mirror's fault: try the next.
    Mirror(String),
    /// No mirror can help: the disk, or the user gave up.
    Here(Error),
}

/// Downloads `url` under a temporary name in the folder and verifies it.
pub fn download(
    request: &Request,
    agent: &Agent,
    part: Part,
    url: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<NamedTempFile, Failure> {
    let response = agent.get(url).call().map_err(|error| Failure::Mirror(reason(&error, request.deadlines)))?;
    if response.status() != 200 {
        return Err(Failure::Mirror(format!("HTTP status {}", response.status())));
    }
    let promised = response.body().content_length();
    // Packing makes a file of this kind smaller; a little more than its plain length is never right.
    let most = request.set.plain_len(part) + 4096;
    if let Some(promised) = promised.filter(|&promised| promised > most) {
        return Err(Failure::Mirror(format!("{promised} bytes, more than the {most} that it may have")));
    }

    let here = |doing: &str, error: &io::Error| {
        let help = "make room there, or name another folder with --dir";
        Failure::Here(Error::io(request.dir, doing, error).help(help))
    };
    let mut file = temporary(request.dir).map_err(|error| here("write into the folder", &error))?;
    request.unfinished.begin(file.path());
    let mut body = response.into_body().into_reader();
    let mut piece = vec![0; 64 << 10];
    let mut received = 0;
    loop {
        if request.cancel.load(Ordering::Relaxed) {
            return Err(Failure::Here(Error::new(Kind::Network, "the download was given up").at(request.dir)));
        }
        let n = match body.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let why = reason(&ureq::Error::from(error), request.deadlines);
                return Err(Failure::Mirror(format!("{why}, after {received} bytes")));
            }
        };
        received += n as u64;
        if received > most {
            return Err(Failure::Mirror(format!("more than the {most} bytes that it may have")));
        }
        file.as_file_mut().write_all(&piece[..n]).map_err(|error| here("write the download", &error))?;
        progress(Progress::Received(part, received, promised));
    }
    if promised.is_some_and(|promised| promised != received) {
        return Err(Failure::Mirror(format!("cut short after {received} of {} bytes", promised.unwrap_or(0))));
    }
    file.as_file().sync_all().map_err(|error| here("write the download", &error))?;
    check(request.set, part, file.path(), received).map_err(Failure::Mirror)?;
    Ok(file)
}

/// A file of a temporary name in `dir`, gone when it is dropped; once renamed, others may read it as any new file.
fn temporary(dir: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(UNFINISHED).suffix(".part").tempfile_in(dir)
}

/// Whether the file at `path` is the set's: its format, its count, its SHA-256. The reason if it is not.
fn check(set: Set, part: Part, path: &Path, len: u64) -> Result<(), String> {
    let mut start = [0; 4];
    let n = fs::File::open(path).and_then(|mut file| file.read(&mut start)).map_err(|error| error.to_string())?;
    if !start[..n].starts_with(&[0x1f, 0x8b]) {
        return Err(format!("not a .gz file: it begins with {:?}", String::from_utf8_lossy(&start[..n])));
    }
    // The temporary name would tell the reader nothing, so only the words of the error are kept.
    let words = |error: Error| error.to_string().replace(&format!("{}: ", path.display()), "");
    let file = IdxFile::open(path.to_owned(), part, true, len).map_err(words)?;
    let digests = file.stream(|_| ()).map_err(words)?;
    if part.plain_len(file.count) != set.plain_len(part) {
        return Err(format!("it holds {} images or labels, which is not {set}'s count", file.count));
    }
    if set.matches(part, &digests) == Some(true) {
        return Ok(());
    }
    let (what, found, wanted) = sums(set.fingerprint(part), &digests);
    Err(format!("SHA-256 of the {what} is {found}, wanted {wanted}"))
}

fn sums(fingerprint: Fingerprint, digests: &Digests) -> (&'static str, String, String) {
    match fingerprint {
        Fingerprint::Content(wanted) => ("unpacked content", to_hex(&digests.content), to_hex(&wanted)),
        Fingerprint::Packed(wanted) => {
            ("file", digests.packed.as_ref().map(to_hex).unwrap_or_default(), to_hex(&wanted))
        }
    }
}

/// What went wrong, in a reader's words.
fn reason(error: &ureq::Error, deadlines: Deadlines) -> String {
    match error {
        ureq::Error::StatusCode(status) => format!("HTTP status {status}"),
        ureq::Error::Timeout(ureq::Timeout::Global) => {
            format!("not done within {} s", deadlines.total.as_secs())
        }
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            format!("no connection within {} s", deadlines.connect.as_secs())
        }
        ureq::Error::Timeout(_) => format!("silent for {} s", deadlines.silence.as_secs()),
        ureq::Error::HostNotFound => "no such host, or no network".to_owned(),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the connection was closed".to_owned()
        }
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}
