use std::fs;
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::*;
use crate::nn::Optimizer;
use crate::session::Phase;
use crate::session::run_folder::newest_checkpoint;
use crate::train::test_data::{dataset, options};

/// Images of the training split: seven steps an epoch, the last one smaller.
const N: usize = 333;
/// Far longer than anything here takes.
const DEADLINE: Duration = Duration::from_secs(60);

fn plan(options: &Options) -> Plan {
    Plan {
        data: "bars".into(),
        train_size: 0,
        test_size: 0,
        class_names: Vec::new(),
        shape: options.shape.clone(),
        optimizer: options.optimizer,
        batch_size: options.batch_size,
        epochs: options.epochs,
        seed: options.seed,
        threads: options.threads,
    }
}

type Lines = Arc<Mutex<Vec<Line>>>;

fn job(options: Options) -> (Job, Lines) {
    let lines = Lines::default();
    let job = Job {
        load: Box::new(|| Ok(dataset(N))),
        plan: plan(&options),
        options,
        source: "builtin".into(),
        pace: Pace::Max,
        watched: true,
        start_paused: false,
        resume: None,
        folder: None,
        checkpoint_every: Every::Epochs(1),
        notice: None,
        on_line: Box::new({
            let lines = lines.clone();
            move |line| lines.lock().unwrap().push(line.clone())
        }),
        started: Instant::now(),
    };
    (job, lines)
}

/// A run under test, as the dashboard sees it.
struct Running {
    controls: Sender<Control>,
    out: Arc<Latest<Snapshot>>,
    thread: JoinHandle<Ended>,
}

impl Running {
    fn new(job: Job) -> Self {
        let (controls, receiver) = mpsc::channel();
        let out = Arc::new(Latest::new(|| ()));
        let thread = spawn(job, receiver, out.clone()).unwrap();
        Self { controls, out, thread }
    }

    fn tell(&self, control: Control) {
        self.controls.send(control).unwrap();
    }

    /// The first snapshot seen that is as `wanted`.
    fn wait(&self, wanted: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let begin = Instant::now();
        loop {
            let snapshot = self.out.get();
            match snapshot {
                Some(snapshot) if wanted(&snapshot) => return snapshot,
                other => {
                    let state = other.map(|s| (s.phase.clone(), s.step));
                    assert!(begin.elapsed() < DEADLINE, "never so: {state:?}");
                }
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn wait_phase(&self, phase: &Phase) -> Arc<Snapshot> {
        self.wait(|snapshot| snapshot.phase == *phase)
    }

    fn stop(self) -> Ended {
        self.tell(Control::Stop);
        self.thread.join().unwrap()
    }
}

fn paused() -> (Running, Lines) {
    let (job, lines) = job(options());
    let running = Running::new(Job { start_paused: true, ..job });
    running.wait_phase(&Phase::Paused);
    (running, lines)
}

/// Runs `options` to their end without a watcher.
fn finish(job: Job) -> Ended {
    let (_controls, receiver) = mpsc::channel();
    spawn(Job { watched: false, ..job }, receiver, Arc::new(Latest::new(|| ()))).unwrap().join().unwrap()
}

fn folder(temp: &tempfile::TempDir) -> RunFolder {
    RunFolder::create(&temp.path().join("run"), 3, "()").unwrap()
}

fn epochs(lines: &Lines) -> Vec<(usize, u64)> {
    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    let epoch = |line: &Line| match line {
        Line::Epoch { epoch, step, .. } => Some((*epoch, *step)),
        _ => None,
    };
    lines.iter().filter_map(epoch).collect()
}

/// The network after `steps` steps of a run that nothing disturbed.
fn undisturbed(options: &Options, steps: u64) -> Trainer {
    let mut trainer = Trainer::new(dataset(N), options).unwrap();
    while trainer.n_steps() < steps {
        trainer.step().unwrap();
    }
    trainer
}

#[test]
fn an_unwatched_run_tells_its_lines_and_ends() {
    let temp = tempfile::tempdir().unwrap();
    let (job, lines) = job(options());
    let ended = finish(Job { folder: Some(folder(&temp)), pace: Pace::Auto, ..job });
    assert_eq!(ended.result, Ok(Reason::Finished));
    assert_eq!((ended.epochs, ended.step), (2, 14));
    let last = temp.path().join("run/last.safetensors");
    assert_eq!(ended.checkpoint.as_deref(), Some(last.as_path()));
    assert!(ended.error().is_none());

    let saved = Checkpoint::load(&last).unwrap();
    let alone = undisturbed(&options(), 14);
    assert_eq!((saved.model, saved.slots), (alone.model(), alone.slots()));
    assert_eq!((saved.data.as_str(), saved.train_size, saved.epoch), ("builtin", N, 2));

    let lines = lines.lock().unwrap();
    // Nobody waits for the untrained network to be judged.
    let [start, first_step, untrained, one, two, done] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(matches!(start, Line::Start { train_size: N, test_size: 400, seed: 1, .. }));
    assert!(matches!(first_step, Line::FirstStep { .. }));
    assert!(matches!(untrained, Line::Epoch { epoch: 0, step: 0, train_loss: None, seconds: None, .. }));
    for (line, sums) in [(one, undisturbed(&options(), 7).last_epoch()), (two, alone.last_epoch())] {
        let Line::Epoch { train_loss, train_accuracy, seconds, samples_per_second, .. } = line else { panic!() };
        let sums = sums.unwrap();
        assert_eq!(*train_loss, Some(sums.loss / N as f64));
        assert_eq!(*train_accuracy, Some(sums.correct as f64 / N as f64));
        let (seconds, speed) = (seconds.unwrap(), samples_per_second.unwrap());
        assert!((seconds * speed - N as f64).abs() < 1e-6);
    }
    let Line::Epoch { test_loss, test_accuracy, .. } = two else { panic!() };
    let test = alone.evaluate();
    assert_eq!((*test_loss, *test_accuracy), (test.loss, test.accuracy));
    assert!(matches!(done, Line::Done { reason: Reason::Finished, epochs: 2, checkpoint: Some(_), .. }));

    let expected: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
    assert_eq!(fs::read_to_string(temp.path().join("run/metrics.jsonl")).unwrap(), expected);
    for name in ["epoch-0000", "epoch-0001", "epoch-0002"] {
        assert!(temp.path().join(format!("run/checkpoints/{name}.safetensors")).exists());
    }
}

#[test]
fn the_network_is_shown_before_the_data_is_there() {
    let (go, wait) = mpsc::channel::<()>();
    let (job, _) = job(options());
    let load = Box::new(move || {
        wait.recv().unwrap();
        Ok(dataset(N))
    });
    let running = Running::new(Job { load, notice: Some("built-in digits".into()), ..job });
    let first = running.wait_phase(&Phase::Loading);
    assert_eq!(*first.model, undisturbed(&options(), 0).model());
    assert_eq!(first.notice.as_deref(), Some("built-in digits"));
    go.send(()).unwrap();
    let later = running.wait_phase(&Phase::Finished);
    assert_eq!((later.plan.train_size, later.plan.test_size), (N, 400));
    assert_eq!(running.stop().result, Ok(Reason::Finished));
}

#[test]
fn data_that_cannot_be_read_ends_the_run() {
    let error = Error::new(Kind::Data, "no such file").at("train-images");
    let (job, lines) = job(options());
    let failing = error.clone();
    let running = Running::new(Job { load: Box::new(move || Err(failing)), ..job });
    running.wait_phase(&Phase::Failed(error.clone()));
    let ended = running.thread.join().unwrap();
    assert_eq!(ended.error(), Some(&error));
    assert!(lines.lock().unwrap().is_empty());
}

#[test]
fn pause_really_pauses_and_a_step_is_one_step() {
    let (job, _) = job(Options { epochs: 1_000, ..options() });
    let running = Running::new(Job { start_paused: true, ..job });
    for step in 1..=9 {
        running.tell(Control::StepOnce);
        let snapshot = running.wait(|s| s.step == step && s.phase == Phase::Paused);
        assert_eq!(*snapshot.model, undisturbed(&options(), step).model());
        assert_eq!(snapshot.samples_per_second, None);
    }
    running.tell(Control::SetPace(Pace::Steps(200.0)));
    running.tell(Control::Resume);
    running.wait(|s| s.step > 10);
    running.tell(Control::Pause);
    let at = running.wait_phase(&Phase::Paused);
    thread::sleep(Duration::from_millis(50));
    // Told in order: whatever had been trained meanwhile would be seen now.
    running.tell(Control::SetPace(Pace::Max));
    let later = running.wait(|s| s.pace == Pace::Max);
    assert_eq!((later.step, &later.phase), (at.step, &Phase::Paused));
    assert_eq!(running.stop().result, Ok(Reason::Quit));
}

#[test]
fn after_the_end_there_is_one_more_epoch_at_the_same_pace() {
    let (job, lines) = job(options());
    let running = Running::new(Job { pace: Pace::Auto, ..job });
    let limit = running.wait_phase(&Phase::Training).steps_per_second_limit;
    assert_eq!(limit, Some(14.0 / 20.0));
    running.tell(Control::SetPace(Pace::Max));
    assert_eq!(running.wait_phase(&Phase::Finished).step, 14);
    running.tell(Control::Resume);
    let further = running.wait(|s| s.phase == Phase::Finished && s.step == 21);
    assert_eq!((further.epoch, further.epochs, further.plan.epochs), (3, 3, 2));
    running.tell(Control::SetPace(Pace::Auto));
    assert_eq!(running.wait(|s| s.pace == Pace::Auto).steps_per_second_limit, limit);
    running.tell(Control::StepOnce);
    running.wait(|s| s.phase == Phase::Paused && s.step == 22 && s.epochs == 4);
    assert_eq!(running.stop().step, 22);
    assert_eq!(epochs(&lines), [(0, 0), (1, 7), (2, 14), (3, 21)]);
}

#[test]
fn restart_gives_the_numbers_of_a_fresh_run() {
    let temp = tempfile::tempdir().unwrap();
    let (job, lines) = job(options());
    let running = Running::new(Job { folder: Some(folder(&temp)), ..job });
    let first = running.wait_phase(&Phase::Finished);
    running.tell(Control::SetLearningRate(0.5));
    running.tell(Control::Restart { seed: 1 });
    let again = running.wait(|s| s.phase == Phase::Finished && s.version > first.version + 1);
    assert_eq!((&again.model, &again.history, &again.test), (&first.model, &first.history, &first.test));
    assert_eq!(again.learning_rate.to_bits(), options().optimizer.learning_rate().to_bits());

    running.tell(Control::Pause);
    running.tell(Control::Restart { seed: 2 });
    let other = running.wait(|s| s.phase == Phase::Finished && s.plan.seed == 2);
    assert_eq!(*other.model, undisturbed(&Options { seed: 2, ..options() }, 14).model());
    running.stop();
    assert_eq!(epochs(&lines), [(0, 0), (1, 7), (2, 14)].repeat(3));
    let run = temp.path().join("run");
    assert_eq!(newest_checkpoint(&run).unwrap().checkpoint.seed, 2);
    for earlier in ["0001", "0002"] {
        assert_eq!(Checkpoint::load(&run.join("earlier").join(earlier).join("last.safetensors")).unwrap().step, 14);
    }
}

#[test]
fn a_run_that_is_stopped_and_resumed_ends_with_the_same_bits() {
    let optimizers = [Optimizer::default(), Optimizer::Momentum { learning_rate: 0.02, momentum: 0.9 }];
    for optimizer in optimizers {
        for stop in [0, 3, 7, 10, 14] {
            let options = Options { optimizer, epochs: 3, ..options() };
            let temp = tempfile::tempdir().unwrap();
            let (first, _) = job(options.clone());
            let running = Running::new(Job { folder: Some(folder(&temp)), start_paused: true, ..first });
            for _ in 0..stop {
                running.tell(Control::StepOnce);
            }
            let ended = running.stop();
            assert_eq!((ended.result, ended.step), (Ok(Reason::Quit), stop));

            let run = temp.path().join("run");
            let (folder, resumed) = RunFolder::resume(&run, 3).unwrap();
            assert_eq!(resumed.newest.checkpoint.step, stop);
            let (second, lines) = job(options.clone());
            let ended = finish(Job { folder: Some(folder), resume: Some(resumed.into()), ..second });
            assert_eq!(ended.result, Ok(Reason::Finished));

            let alone = undisturbed(&options, 21);
            let saved = newest_checkpoint(&run).unwrap().checkpoint;
            assert!((saved.model, saved.slots) == (alone.model(), alone.slots()), "{optimizer:?} at {stop}");
            let told = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
            let epochs_told: Vec<_> =
                (0..=3).map(|n| told.matches(&format!("\"epoch\",\"epoch\":{n}")).count()).collect();
            assert_eq!((epochs_told, told.matches("\"start\"").count()), (vec![1; 4], 1), "{told}");
            let last = lines.lock().unwrap().iter().rev().nth(1).cloned();
            let Some(Line::Epoch { epoch: 3, train_loss, .. }) = last else { panic!("{last:?}") };
            assert_eq!(train_loss, alone.last_epoch().map(|sums| sums.loss / N as f64));
        }
    }
}

#[test]
fn a_pace_is_never_exceeded_and_does_not_delay_a_control() {
    let (job, _) = job(Options { epochs: 1_000, ..options() });
    let begin = Instant::now();
    let running = Running::new(Job { pace: Pace::Steps(100.0), ..job });
    let snapshot = running.wait(|s| s.step >= 120);
    // How far below the limit a busy machine falls says nothing: the pacer's own tests hold its rate.
    let allowed = begin.elapsed().as_secs_f64() * 100.0 + 1.0;
    assert!(snapshot.step as f64 <= allowed, "{} steps where {allowed} are allowed", snapshot.step);
    assert_eq!(snapshot.steps_per_second_limit, Some(100.0));
    let speed = snapshot.samples_per_second.unwrap();
    assert!(speed > 0.0 && speed < 115.0 * 50.0, "{speed} images a second");
    // 6,880 steps are left.
    assert!(snapshot.time_left.unwrap() > Duration::from_secs(55));
    running.tell(Control::SetPace(Pace::Steps(0.01)));
    running.wait(|s| s.pace == Pace::Steps(0.01));
    let begin = Instant::now();
    running.stop();
    assert!(begin.elapsed() < Duration::from_secs(20), "the next step would have come after 100 s");
}

#[test]
fn divergence_keeps_the_last_finite_weights() {
    let temp = tempfile::tempdir().unwrap();
    let optimizer = Optimizer::Sgd { learning_rate: 1e6 };
    let (job_, lines) = job(Options { optimizer, epochs: 100, ..options() });
    let ended = finish(Job { folder: Some(folder(&temp)), ..job_ });
    let error = ended.error().unwrap();
    assert_eq!(error.kind(), Kind::Numbers);
    let saved = Checkpoint::load(ended.checkpoint.as_deref().unwrap()).unwrap();
    assert_eq!(saved.step, ended.step);
    assert_eq!(saved.model, undisturbed(&Options { optimizer, ..options() }, ended.step).model());
    let last = lines.lock().unwrap().last().cloned();
    let Some(Line::Diverged { step, reason }) = last else { panic!("{last:?}") };
    assert_eq!(step, ended.step + 1);
    assert!(reason.contains("try --learning-rate"), "{reason}");
}

#[test]
fn a_watched_run_that_diverged_can_go_on_with_a_lower_rate() {
    let optimizer = Optimizer::Sgd { learning_rate: 1e6 };
    let (job, _) = job(Options { optimizer, epochs: 100, ..options() });
    let running = Running::new(job);
    let at = running.wait(|s| matches!(s.phase, Phase::Diverged { .. }));
    assert!(at.model.layers.iter().all(|l| l.weight.iter().all(|w| w.is_finite())));
    running.tell(Control::Pause);
    running.tell(Control::Restart { seed: 1 });
    running.wait(|s| matches!(s.phase, Phase::Diverged { .. }) && s.version > at.version + 1);
    running.tell(Control::Restart { seed: 1 });
    running.tell(Control::SetLearningRate(0.01));
    running.wait(|s| s.step > at.step + 20);
    assert_eq!(running.stop().result, Ok(Reason::Quit));
}

#[test]
fn quitting_a_diverged_run_is_a_failure() {
    let optimizer = Optimizer::Sgd { learning_rate: 1e6 };
    let (job, _) = job(Options { optimizer, epochs: 100, ..options() });
    let running = Running::new(job);
    running.wait(|s| matches!(s.phase, Phase::Diverged { .. }));
    assert_eq!(running.stop().error().unwrap().kind(), Kind::Numbers);
}

#[test]
fn a_failing_save_is_told_tried_again_and_ends_as_an_error() {
    let temp = tempfile::tempdir().unwrap();
    let (job, _) = job(Options { epochs: 100, ..options() });
    let job = Job { folder: Some(folder(&temp)), pace: Pace::Steps(200.0), checkpoint_every: Every::Steps(2), ..job };
    let running = Running::new(job);
    running.wait(|s| s.step >= 3);
    // A file in the place of the folder fails whoever writes.
    let (run, aside) = (temp.path().join("run/checkpoints"), temp.path().join("aside"));
    fs::rename(&run, &aside).unwrap();
    fs::write(&run, b"").unwrap();
    let failed = running.wait(|s| s.notice.as_deref().is_some_and(|notice| notice.contains("cannot write")));
    running.wait(|s| s.step > failed.step + 4);
    fs::remove_file(&run).unwrap();
    fs::rename(&aside, &run).unwrap();
    running.wait(|s| s.notice.as_deref().is_some_and(|notice| notice.contains("saved again")));
    fs::rename(&run, &aside).unwrap();
    running.wait(|s| s.notice.as_deref().is_some_and(|notice| notice.contains("cannot write")));
    let ended = running.stop();
    assert_eq!(ended.result, Ok(Reason::Quit));
    assert_eq!(ended.error().unwrap().kind(), Kind::Disk);
}

#[test]
fn what_the_user_saves_is_kept_and_told() {
    let temp = tempfile::tempdir().unwrap();
    let (job, _) = job(options());
    let running = Running::new(Job { folder: Some(folder(&temp)), start_paused: true, ..job });
    running.tell(Control::StepOnce);
    running.tell(Control::Save);
    let path = temp.path().join("run/saved/epoch-0000-step-000001.safetensors");
    let told = format!("saved {}", path.display());
    running.wait(|s| s.notice.as_deref() == Some(&told));
    assert_eq!(Checkpoint::load(&path).unwrap().step, 1);
    running.stop();

    let (running, _) = paused();
    running.tell(Control::Save);
    running.wait(|s| s.notice.as_deref().is_some_and(|notice| notice.contains("kept nowhere")));
    running.stop();
}

#[test]
fn a_signal_is_the_reason_in_the_last_line() {
    let (running, lines) = paused();
    running.tell(Control::StopOnSignal);
    assert_eq!(running.thread.join().unwrap().result, Ok(Reason::Signal));
    assert!(matches!(lines.lock().unwrap().last(), Some(Line::Done { reason: Reason::Signal, .. })));
}

#[test]
fn a_watched_run_ends_with_its_watcher() {
    for start_paused in [false, true] {
        let (job, _) = job(Options { epochs: 1_000_000, ..options() });
        let running = Running::new(Job { start_paused, ..job });
        running.wait(|s| s.test.is_some());
        drop(running.controls);
        assert_eq!(running.thread.join().unwrap().result, Ok(Reason::Quit));
    }
}

#[test]
fn a_panic_becomes_the_last_phase_and_the_weights_are_kept() {
    let temp = tempfile::tempdir().unwrap();
    let (job, _) = job(options());
    let on_line = Box::new(|line: &Line| assert!(!matches!(line, Line::FirstStep { .. }), "on purpose"));
    let job = Job { on_line, folder: Some(folder(&temp)), checkpoint_every: Every::Never, ..job };
    let running = Running::new(job);
    let last = running.wait(|s| matches!(s.phase, Phase::Failed(_)));
    let Phase::Failed(error) = &last.phase else { unreachable!() };
    assert_eq!((error.kind(), error.exit_code()), (Kind::Bug, 101));
    assert!(error.to_string().contains("on purpose"), "{error}");
    let ended = running.thread.join().unwrap();
    assert_eq!(ended.error(), Some(error));
    assert_eq!(newest_checkpoint(&temp.path().join("run")).unwrap().checkpoint.step, 1);
}

#[test]
fn nobody_looking_costs_no_snapshots() {
    let (job, _) = job(Options { epochs: 50, ..options() });
    let running = Running::new(Job { watched: false, ..job });
    // One look at the first snapshot, and none after it.
    running.wait(|s| s.version > 0);
    let Running { controls, out, thread } = running;
    assert_eq!(thread.join().unwrap().step, 350);
    drop(controls);
    // Loading, then two an epoch, the phases at the end, and at most the one that was wanted.
    let versions = out.get().unwrap().version;
    assert!((101..=110).contains(&versions), "{versions}");
}

#[test]
fn in_lockstep_each_frame_is_seen_before_the_next_step() {
    let (job, _) = job(options());
    let running = Running::new(Job { pace: Pace::Lockstep(3), ..job });
    let mut steps = Vec::new();
    let mut seen = 0;
    loop {
        let frame = running.wait(|s| s.version > seen && s.phase != Phase::Loading);
        // It waits: nothing newer comes by itself, however long one looks.
        thread::sleep(Duration::from_millis(20));
        assert_eq!(running.out.get().unwrap().version, frame.version);
        steps.push(frame.step);
        assert_eq!((frame.samples_per_second, frame.time_left), (None, None));
        if frame.phase == Phase::Finished {
            break;
        }
        assert_eq!(frame.phase, Phase::Training);
        seen = frame.version;
        running.tell(Control::Shown { version: seen });
        // In the middle of a frame, perhaps; obeyed at its end in any case.
        if frame.step == 3 {
            running.tell(Control::Pause);
            assert_eq!(running.wait_phase(&Phase::Paused).step, 6);
            running.tell(Control::Resume);
            seen = running.wait(|s| s.step == 6 && s.phase == Phase::Training).version - 1;
        }
    }
    let last = running.stop().step;
    let mut expected: Vec<u64> = (0..last).step_by(3).chain([last]).collect();
    expected.dedup();
    assert_eq!(steps, expected);
}

#[test]
fn in_lockstep_a_restart_shows_the_fresh_network_first() {
    let (job, _) = job(options());
    // The run ends in the middle of its first frame.
    let running = Running::new(Job { pace: Pace::Lockstep(1_000_000), ..job });
    let first = running.wait_phase(&Phase::Training);
    running.tell(Control::Shown { version: first.version });
    running.wait_phase(&Phase::Finished);
    running.tell(Control::Restart { seed: 1 });
    let fresh = running.wait_phase(&Phase::Training);
    thread::sleep(Duration::from_millis(20));
    assert_eq!((fresh.step, running.out.get().unwrap().step), (0, 0));
    running.stop();
}

#[test]
fn lockstep_ends_promptly_whether_it_waits_or_not() {
    for steps in [1, 1_000_000] {
        let (job, _) = job(Options { epochs: 100_000, ..options() });
        let running = Running::new(Job { pace: Pace::Lockstep(steps), checkpoint_every: Every::Never, ..job });
        let first = running.wait_phase(&Phase::Training);
        running.tell(Control::Shown { version: first.version });
        running.tell(Control::StopOnSignal);
        assert!(matches!(running.thread.join().unwrap().result, Ok(Reason::Signal)));
    }
}
