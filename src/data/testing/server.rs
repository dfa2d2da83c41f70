//! A web server on the loopback, for downloads that fail in every way.

use std::fs;
use std::io::{self, BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    Status(u16),
    /// 200 with these bytes, whatever the path.
    Body(Vec<u8>),
    /// The file of the path.
    File,
    /// The file with one bit changed in its middle.
    Flipped,
    /// The whole length promised, half of it sent, the connection closed.
    Half,
    /// The head, then nothing.
    Silent,
    /// Bytes without end.
    Endless,
    /// To the same path at another address.
    Redirect(String),
}

/// A web server on the loopback: gives `answer` to all, and notes what was asked for.
pub struct Server {
    /// The address of its files.
    pub url: String,
    /// The paths that were asked for.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn new(files: &Path, answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/set", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (files, log) = (files.to_owned(), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (files, log, answer) = (files.clone(), Arc::clone(&log), answer.clone());
                std::thread::spawn(move || {
                    let _ = serve(&stream, &files, &log, &answer);
                });
            }
        });
        Self { url, asked }
    }

    pub fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn serve(mut stream: &std::net::TcpStream, files: &Path, log: &Mutex<Vec<String>>, answer: &Answer) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(path.clone());
    let file = || fs::read(files.join(path.rsplit('/').next().unwrap_or_default())).unwrap_or_default();
    let head = |len: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n");
    let (head, body) = match answer {
        Answer::Status(status) => {
            (format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), Vec::new())
        }
        Answer::Body(body) => (head(body.len()), body.clone()),
        Answer::File => (head(file().len()), file()),
        Answer::Flipped => {
            let mut body = file();
            let middle = body.len() / 2;
            body[middle] ^= 4;
            (head(body.len()), body)
        }
        Answer::Half => (head(file().len()), file()[..file().len() / 2].to_vec()),
        Answer::Silent => (head(1000), Vec::new()),
        Answer::Endless => ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_owned(), vec![7; 1 << 20]),
        Answer::Redirect(to) => {
            let path = path.trim_start_matches("/set");
            (
                format!("HTTP/1.1 302 Found\r\nLocation: {to}{path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
                Vec::new(),
            )
        }
    };
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)?;
    match answer {
        Answer::Silent => std::thread::sleep(Duration::from_secs(20)),
        Answer::Endless => while stream.write_all(&body).is_ok() {},
        _ => {}
    }
    Ok(())
}
