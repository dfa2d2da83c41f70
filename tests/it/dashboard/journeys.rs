//! The real loop, from its channel of events to its screen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use weightscope::error::{Error, Kind};
use weightscope::session::{Control, Pace, Phase, Plan, Snapshot};
use weightscope::ui::Reason;
use weightscope::ui::app::download::{Download, Order};
use weightscope::ui::event::{Event, Signal};

use crate::support::app::{Journey, snapshot};

const SIZE: (u16, u16) = (120, 40);

#[test]
fn a_newcomer_watches_browses_and_leaves() {
    let journey = Journey::begin(&[32, 16], SIZE, 50.0);
    journey.wait_for("starting");
    journey.publish(1, Phase::Training, 8);
    journey.wait_for("training");
    journey.wait_for("epoch 2/6");
    journey.wait_for("maps at step 8");
    journey.press("<tab><tab><right><right><enter>");
    journey.wait_for("nodes of layer 2 make half of this picture");
    journey.wait_for("output 2 of 10");
    journey.publish(2, Phase::Finished, 24);
    journey.wait_for("finished");
    journey.wait_for("one more epoch");
    journey.press("q");
    let (app, exit, controls) = journey.end();
    assert_eq!(exit.unwrap().code(), 0);
    assert_eq!((app.layer, app.cursor()), (2, 2));
    assert_eq!(controls, [Control::Stop]);
}

#[test]
fn in_lockstep_every_frame_shows_the_maps_of_its_step() {
    let journey = Journey::begin(&[32, 16], SIZE, 50.0);
    for version in 1..=20 {
        let frame = snapshot(&journey.plan, version, Phase::Training, version);
        journey.snapshots.publish(Snapshot { pace: Pace::Lockstep(1), ..frame });
        if version == 5 {
            journey.press("<right><tab>");
        }
        let shown = journey.controls.recv_timeout(Duration::from_secs(20)).expect("word that the frame was seen");
        assert_eq!(shown, Control::Shown { version });
        journey.wait_until("the frame", |screen| {
            assert!(screen.contains(&format!("step {version}/24")), "{screen}");
            assert!(screen.contains(&format!("maps at step {version} ")), "{screen}");
            true
        });
    }
    journey.press("q");
    let (app, ..) = journey.end();
    assert_eq!((app.layer, app.cursors[0]), (1, 1));
}

#[test]
fn orders_reach_the_run_and_show_before_it_obeys() {
    let journey = Journey::begin(&[32], SIZE, 50.0);
    journey.publish(1, Phase::Training, 4);
    journey.wait_for("training");
    journey.press(" ");
    journey.wait_for("pausing");
    journey.publish(2, Phase::Paused, 5);
    journey.wait_for("paused");
    journey.press(".>}}sR");
    journey.wait_for("a new run with seed 2");
    journey.press(" q");
    let (_, _, controls) = journey.end();
    assert_eq!(
        controls,
        [
            Control::Pause,
            Control::StepOnce,
            Control::SetLearningRate(0.002),
            // From 1.2 steps a second, the pace of "auto", to the next two round ones.
            Control::SetPace(Pace::Steps(2.0)),
            Control::SetPace(Pace::Steps(5.0)),
            Control::Save,
            Control::Restart { seed: 2 },
            Control::Resume,
            Control::Stop,
        ]
    );
}

#[test]
fn mnist_is_fetched_on_request_and_then_trained_on() {
    let journey = Journey::begin(&[32], SIZE, 50.0);
    let snapshot = snapshot(&journey.plan, 1, Phase::Training, 4);
    let plan = Plan { data: "built-in digits".into(), ..(*journey.plan).clone() };
    journey.snapshots.publish(Snapshot { plan: Arc::new(plan), ..snapshot });
    journey.wait_for("training");
    assert!(journey.fetched.lock().unwrap().is_empty(), "nothing is fetched unasked");
    journey.press("D");
    journey.wait_for("0.0/11.6 MB");
    journey.downloads.publish(Download::Running { received: 5_800_000, total: 11_600_000 });
    journey.wait_for("━━━━━━━━────────  5.8/11.6 MB  D gives up");
    journey.press("D");
    journey.downloads.publish(Download::GivenUp);
    journey.wait_for("nothing is left of it");
    journey.press("D");
    let why = vec!["cannot download train-images-idx3-ubyte".into(), "http://a/b.gz: HTTP status 404".into()];
    journey.downloads.publish(Download::Failed { why, help: "try again later".into() });
    journey.wait_for("http://a/b.gz: HTTP status 404");
    journey.wait_for("try again later");
    journey.press("<esc>");
    journey.wait_until("no box", |screen| !screen.contains("HTTP status"));
    journey.press("D");
    journey.downloads.publish(Download::Done { dir: "/somewhere/mnist".into() });
    journey.wait_for("D trains on it");
    journey.press("D");
    let orders = [Order::Begin, Order::GiveUp, Order::Begin, Order::Begin];
    assert_eq!(*journey.fetched.lock().unwrap(), orders);
    let (mut app, exit, controls) = journey.end();
    assert_eq!(exit.unwrap().reason, Reason::NewData);
    assert_eq!(controls, [Control::Stop], "the run is told to save and end");
    assert_eq!(app.fetched().unwrap(), std::path::Path::new("/somewhere/mnist"));
    let plan = app.plan.clone();
    app.begin_again(plan);
    assert!(app.snapshot.is_none() && app.download.is_none() && app.survey.is_none());
}

#[test]
fn each_way_out_has_its_exit_code() {
    for (event, reason, code) in [
        (Event::Signal(Signal::Terminate), Reason::Signal(Signal::Terminate), 143),
        (Event::Signal(Signal::Hangup), Reason::Signal(Signal::Hangup), 129),
        (Event::Signal(Signal::Interrupt), Reason::Signal(Signal::Interrupt), 130),
        (Event::Signal(Signal::Quit), Reason::Signal(Signal::Quit), 131),
        (Event::Gone, Reason::Gone, 129),
    ] {
        let journey = Journey::begin(&[32], SIZE, 50.0);
        journey.events.send(event).unwrap();
        let (_, exit, controls) = journey.end();
        let exit = exit.unwrap();
        assert_eq!((exit.reason, exit.code()), (reason, code));
        assert_eq!(controls, [Control::Stop], "the run is told to save and end");
    }
    let journey = Journey::begin(&[32], SIZE, 50.0);
    journey.press("<ctrl-c>");
    assert_eq!(journey.end().1.unwrap().code(), 130);
}

#[test]
fn a_run_that_fails_ends_the_dashboard_with_its_error() {
    let journey = Journey::begin(&[32], SIZE, 50.0);
    let error = Error::new(Kind::Bug, "the training thread panicked");
    journey.publish(1, Phase::Failed(error.clone()), 3);
    assert_eq!(journey.end().1.unwrap_err(), error);
}

#[test]
fn a_key_does_not_wait_for_the_frame_rate() {
    // A frame in ten seconds, and yet:
    let journey = Journey::begin(&[32, 16], SIZE, 0.1);
    journey.wait_for("starting");
    let start = Instant::now();
    journey.press("?");
    journey.wait_for("Esc closes");
    assert!(start.elapsed() < Duration::from_secs(5));
    journey.press("<esc>q");
    journey.end().1.unwrap();
}

#[test]
fn an_unchanged_screen_is_not_drawn_again() {
    let journey = Journey::begin(&[32], SIZE, 100.0);
    journey.publish(1, Phase::Paused, 4);
    journey.wait_for("maps at step 4");
    std::thread::sleep(Duration::from_millis(100));
    let (frames, asked) = (journey.frames(), journey.asked.lock().unwrap().len());
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(journey.frames(), frames);
    assert_eq!(journey.asked.lock().unwrap().len(), asked);
    journey.press("q");
    journey.end().1.unwrap();
}

#[test]
fn maps_follow_the_training_now_and_then_and_the_newest_always() {
    let journey = Journey::begin(&[32], SIZE, 200.0);
    journey.publish(1, Phase::Training, 1);
    journey.wait_for("maps at step 1");
    let start = Instant::now();
    for version in 2..100 {
        journey.publish(version, Phase::Training, version);
        std::thread::sleep(Duration::from_millis(3));
    }
    let asked = journey.asked.lock().unwrap().len();
    // Eight a second, and the first one.
    assert!(asked as f64 <= 2.0 + 8.0 * start.elapsed().as_secs_f64(), "{asked} requests in {:?}", start.elapsed());
    journey.publish(100, Phase::Paused, 100);
    journey.wait_for("maps at step 100");
    let versions: Vec<_> = journey.asked.lock().unwrap().iter().map(|request| request.snapshot.version).collect();
    assert!(versions.is_sorted(), "{versions:?}");
    journey.press("q");
    journey.end().1.unwrap();
}

#[test]
fn any_resize_is_right_at_once() {
    let journey = Journey::begin(&[32, 16], SIZE, 50.0);
    journey.publish(1, Phase::Training, 8);
    journey.wait_for("loss");
    for (width, height) in [(80, 24), (0, 0), (1, 1), (20, 5), (200, 60), (59, 20), (60, 20), (400, 120), (61, 19)] {
        journey.resize(width, height);
    }
    journey.wait_for("needs 60x20");
    journey.wait_for("has 61x19");
    journey.resize(80, 24);
    journey.wait_until("80x24", |screen| screen.contains("1 Hidden 32") && screen.lines().count() == 24);
    journey.press("q");
    journey.end().1.unwrap();
}

#[test]
fn a_pasted_book_neither_blocks_nor_quits_the_prompt() {
    let journey = Journey::begin(&[32], SIZE, 50.0);
    journey.press("/");
    journey.press(&"quit Restart 7".repeat(500));
    journey.wait_for("go to node 777777");
    journey.press("<esc>q");
    let (_, exit, controls) = journey.end();
    assert_eq!(exit.unwrap().code(), 0);
    assert_eq!(controls, [Control::Stop], "nothing typed into the prompt was taken for a command");
}

#[test]
fn the_maps_that_a_key_asks_for_do_not_wait_for_the_next_frame() {
    // A frame in five seconds, and yet:
    let journey = Journey::begin(&[32, 16], SIZE, 0.2);
    journey.publish(1, Phase::Paused, 8);
    journey.wait_for("maps at step 8");
    let start = Instant::now();
    journey.press("<tab>");
    journey.wait_until("the second layer's maps", |screen| {
        screen.contains("nodes 0-15 of 16") && screen.contains("15          0")
    });
    assert!(start.elapsed() < Duration::from_secs(3));
    journey.press("q");
    assert_eq!(journey.end().1.unwrap().reason, Reason::Quit);
}

#[test]
fn a_mistake_is_looked_into() {
    let journey = Journey::looking(&[32, 16], SIZE);
    journey.publish(1, Phase::Paused, 16);
    journey.press("3");
    // Which images are mistakes is known with the numbers.
    journey.wait_for("Measured on all 100");
    journey.press("n");
    journey.wait_for(": wrong");
    journey.wait_for("mistake 1 of");
    let question = |screen: &str| {
        // `why 9 and not 4` or, of another class than the true one, `why 9, not 6 (true 4)`.
        let (_, asked) = screen.split_once("why ")?;
        let mut digits = asked.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 1);
        Some((digits.next()?.to_owned(), digits.next()?.to_owned()))
    };
    let asked = |what: &str, is_right: &dyn Fn(&(String, String)) -> bool| {
        journey.wait_until(what, |screen| question(screen).is_some_and(|asked| is_right(&asked)));
        question(&journey.screen()).expect("the same question")
    };
    let first = asked("a question", &|_| true);
    journey.press("y");
    let second = asked("another b", &|now| now.0 == first.0 && now.1 != first.1);
    journey.press("Y");
    asked("a and b swapped", &|now| *now == (second.1.clone(), second.0.clone()));
    journey.press("n");
    journey.wait_for("mistake 2 of");
    journey.press("N");
    journey.wait_for("mistake 1 of");
    journey.press("<enter>");
    journey.wait_for(" alone");
    assert!(journey.screen().contains("not of image"));
    journey.press("<esc>n");
    journey.wait_for("mistake 2 of");
    journey.press("q");
    let (app, exit, _) = journey.end();
    assert_eq!(exit.unwrap().reason, Reason::Quit);
    assert!(app.looking.open);
}

#[test]
fn a_lens_looks_over_other_images() {
    let journey = Journey::looking(&[32, 16], SIZE);
    journey.publish(1, Phase::Paused, 16);
    journey.press("3vvvvv");
    journey.wait_for("gated over own class");
    journey.press("a");
    journey.wait_for("gated over all images");
    journey.press("A");
    journey.wait_for("gated over class 0");
    journey.press("A");
    journey.wait_for("gated over class 1");
    journey.press("i17");
    journey.wait_for("pick test image 17");
    journey.press("<enter>");
    journey.wait_for("gated over image 17");
    journey.wait_for("image 17  a 7");
    journey.press("<esc>C");
    journey.wait_for("gated over image 17 centred");
    journey.wait_for("less the mean of all outputs");
    journey.press("Ca");
    journey.wait_until("own class again", |screen| screen.contains("gated over own class"));
    journey.press("q");
    let (app, ..) = journey.end();
    assert_eq!((app.looking.image, app.is_centred()), (Some(17), false));
}

#[test]
fn the_numbers_go_on_while_no_map_is_on_screen() {
    let journey = Journey::looking(&[32, 16], SIZE);
    journey.publish(1, Phase::Training, 4);
    journey.press("3");
    journey.wait_for("R² over 100 of");
    for (keys, step) in [("0", 8), ("3w", 12)] {
        journey.press(keys);
        journey.wait_until("no map", |screen| !screen.contains("maps at step"));
        let before = journey.asked.lock().unwrap().len();
        journey.publish(step, Phase::Training, step);
        let deadline = Instant::now() + Duration::from_secs(20);
        while journey.asked.lock().unwrap().len() == before {
            assert!(Instant::now() < deadline, "{keys}: nobody asks");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    journey.press("q");
    assert_eq!(journey.end().1.unwrap().reason, Reason::Quit);
}
