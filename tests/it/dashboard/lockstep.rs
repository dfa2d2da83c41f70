//! Training and screen in step: the real run, the real lens and the real loop, in no hurry or in haste, show the same.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::buffer::Buffer;
use weightscope::data::SharedDataset;
use weightscope::lens::survey::Surveyor;
use weightscope::lens::worker::LensWorker;
use weightscope::session::{Latest, Pace, Plan};
use weightscope::train;
use weightscope::train::worker::{self, Every, Job};
use weightscope::ui::app::{App, Options};
use weightscope::ui::event::{Event, Signal, Waker};
use weightscope::ui::theme::Theme;
use weightscope::ui::{self, Links};

use crate::support::app::{COLOURS, Glass, images, options, plan};
use crate::support::keys;
use crate::support::screen::{styled, text};

const STEPS: u64 = 3;
/// What a frame shows, and what is typed the moment it is seen.
const SCRIPT: [(&str, &str); 10] = [
    ("step 0/20", "<tab>o"),
    ("step 6/20", "<enter>"),
    ("step 9/20", "<esc>nT<"),
    ("step 12/20", " "),
    ("paused", "0<right>3 "),
    ("step 18/20", "1Oxb"),
    ("finished", "<right><right>2fm.<esc>s"),
    ("kept nowhere", "r"),
    ("a new run", " "),
    ("finished", "q"),
];

/// Every frame of a run from its begin, with styles and greys. The lens, the survey, the data and the word of a new snapshot
/// each take so much longer than they need.
fn frames(slowly: Duration) -> Vec<String> {
    let (events, inbox) = mpsc::channel();
    let frames: Arc<Mutex<Vec<String>>> = Arc::default();
    let glass = Glass::new((120, 40), watch(Arc::clone(&frames), events.clone()));
    let waker = Waker::new(events.clone());
    // A script that comes to no end shows where it stands.
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(25));
        let _ = events.send(Event::Signal(Signal::Terminate));
    });
    let wake = |pause: Duration| {
        let waker = waker.clone();
        move || {
            thread::sleep(pause);
            waker.wake();
        }
    };
    let (pages, studies) = (Arc::new(Latest::new(wake(slowly))), Arc::new(Latest::new(wake(slowly))));
    let (snapshots, surveys) = (Arc::new(Latest::new(wake(slowly))), Arc::new(Latest::new(wake(slowly))));
    let data = Arc::new(SharedDataset::default());
    let plan =
        Arc::new(Plan { train_size: 200, test_size: 100, batch_size: 20, epochs: 2, ..(*plan(&[16, 12])).clone() });

    let (controls, orders) = mpsc::channel();
    let run = worker::spawn(job(&plan, Arc::clone(&data), slowly), orders, Arc::clone(&snapshots)).unwrap();
    let lens = LensWorker::spawn(Arc::clone(&pages), Arc::clone(&studies), Arc::clone(&data)).unwrap();
    let surveyor = Surveyor::spawn(data, Arc::clone(&surveys)).unwrap();
    let (ask, asked) = mpsc::channel();
    let slow_lens = thread::spawn(move || {
        for request in asked {
            thread::sleep(slowly);
            lens.request(request);
        }
    });
    let mut app = App::new(plan, Options { fps: 200.0, ..options(COLOURS) });
    let links = Links {
        events: &inbox,
        waker: waker.clone(),
        controls,
        snapshots,
        pages,
        studies,
        surveys,
        survey: Box::new(|| surveyor.ask()),
        downloads: Arc::new(Latest::new(|| ())),
        fetch: Box::new(|_| ()),
        ask: Box::new(move |request| ask.send(request).unwrap()),
    };
    let exit = ui::run(&mut Terminal::new(glass).unwrap(), &mut app, links).unwrap();
    let frames = frames.lock().unwrap();
    assert_eq!(exit.code(), 0, "the last frame:\n{}", frames.last().unwrap());
    run.join().unwrap();
    slow_lens.join().unwrap();
    surveyor.end().unwrap();
    frames.clone()
}

fn job(plan: &Arc<Plan>, data: Arc<SharedDataset>, slowly: Duration) -> Job {
    let Plan { ref shape, optimizer, batch_size, epochs, seed, threads, .. } = **plan;
    Job {
        load: Box::new(move || {
            thread::sleep(slowly);
            data.put(images());
            Ok(images())
        }),
        plan: (**plan).clone(),
        options: train::Options {
            shape: shape.clone(),
            optimizer,
            batch_size,
            epochs,
            seed,
            threads,
            train_size: None,
        },
        source: "bands".into(),
        pace: Pace::Lockstep(STEPS),
        watched: true,
        start_paused: false,
        resume: None,
        folder: None,
        checkpoint_every: Every::Never,
        notice: None,
        on_line: Box::new(|_| ()),
        started: Instant::now(),
    }
}

/// Keeps every frame once the run has begun, and types as the script says.
fn watch(frames: Arc<Mutex<Vec<String>>>, events: Sender<Event>) -> impl Fn(&Buffer) + Send + Sync {
    let script = Mutex::new(VecDeque::from(SCRIPT));
    move |buffer| {
        let frame = styled(buffer, &Theme::new(COLOURS));
        let mut frames = frames.lock().unwrap();
        if frames.is_empty() && !frame.contains("training") {
            return;
        }
        let mut script = script.lock().unwrap();
        if let Some((_, typed)) = script.front().filter(|(seen, _)| text(buffer).contains(*seen)) {
            for key in keys::events(typed) {
                events.send(Event::Key(key)).unwrap();
            }
            script.pop_front();
        }
        frames.push(frame);
    }
}

#[test]
fn every_frame_hangs_on_steps_and_keys_alone() {
    let in_haste = frames(Duration::ZERO);
    let in_no_hurry = frames(Duration::from_millis(15));
    for (n, (one, other)) in in_haste.iter().zip(&in_no_hurry).enumerate() {
        assert_eq!(one, other, "frame {n}");
    }
    assert_eq!(in_haste.len(), in_no_hurry.len());
}
