//! Training without a dashboard: its lines, its run folder, going on, and leaving in order.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::support::{finish, outcome, weightscope, write_set};

const SMALL: &str = "--headless --log-format json --data set --hidden 32,16 --batch-size 50 --seed 3";

/// A working folder with a set of 400 + 100 images in `set`.
fn home() -> TempDir {
    let home = tempdir().unwrap();
    write_set(&home.path().join("set"), 400, 100);
    home
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))).collect()
}

/// A run that goes on until it is told to end, once its first step is done.
fn endless(home: &Path, out: &str) -> Child {
    let line = format!("{SMALL} --epochs 1000000 --pace 200 --out {out}");
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("weightscope"))
        .args(line.split_whitespace())
        .current_dir(home)
        .env("HOME", home)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stdout.as_mut().unwrap());
    let mut line = String::new();
    while !line.contains("first_step") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "it ended before its first step");
    }
    child
}

fn send(signal: &str, child: &Child) {
    let status = std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

/// The exit code of a child that must end soon.
fn code(child: &mut Child) -> i32 {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().expect("an exit code, not a signal");
        }
        assert!(begin.elapsed() < Duration::from_secs(10), "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn json_lines_are_those_of_the_interface() {
    let home = home();
    let (code, out, err) = outcome(home.path(), &format!("{SMALL} --epochs 2 --out run"));
    assert_eq!((code, err.as_str()), (0, ""), "{err}");
    let lines = lines(&out);
    let events: Vec<&str> = lines.iter().map(|l| l["event"].as_str().unwrap()).collect();
    assert_eq!(events.first(), Some(&"start"));
    assert_eq!(events.last(), Some(&"done"));
    assert_eq!(events.iter().filter(|e| **e == "first_step").count(), 1);
    assert_eq!(events.iter().filter(|e| **e == "epoch").count(), 3, "epoch 0 is the untrained network");

    let start = &lines[0];
    assert_eq!(start["layers"], json!([784, 32, 16, 10]));
    assert_eq!(start["parameters"], json!(784 * 32 + 32 + 32 * 16 + 16 + 16 * 10 + 10));
    assert_eq!((&start["train_size"], &start["test_size"]), (&json!(400), &json!(100)));
    assert_eq!((&start["optimizer"], &start["batch_size"], &start["seed"]), (&json!("rmsprop"), &json!(50), &json!(3)));
    let epoch = |n: usize| lines.iter().find(|l| l["event"] == "epoch" && l["epoch"] == n).unwrap();
    for key in ["train_loss", "train_accuracy", "seconds", "samples_per_second"] {
        assert_eq!(epoch(0)[key], Value::Null, "{key}");
        assert!(epoch(1)[key].is_f64(), "{key}");
    }
    assert_eq!(epoch(2)["step"], json!(16));
    assert!(epoch(2)["test_accuracy"].as_f64() > epoch(0)["test_accuracy"].as_f64(), "it learns");
    let done = lines.last().unwrap();
    assert_eq!((&done["reason"], &done["epochs"]), (&json!("finished"), &json!(2)));
    assert_eq!(done["checkpoint"], json!("run/last.safetensors"));

    let metrics = fs::read_to_string(home.path().join("run/metrics.jsonl")).unwrap();
    assert_eq!(metrics, out, "the run folder keeps the lines of stdout");
}

#[test]
fn people_read_a_table() {
    let home = home();
    let line = SMALL.replace("json", "text") + " --epochs 1 --out none";
    let (code, out, err) = outcome(home.path(), &line);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("weightscope 0"), "{out}");
    assert!(out.contains("784-32-16-10") && out.contains("\n    1         8 "), "{out}");
    assert!(out.ends_with("; nothing was kept\n"), "{out}");
    assert!(!out.contains('\x1b'));
}

#[test]
fn without_a_terminal_there_are_plain_lines() {
    let home = home();
    let line = SMALL.replace("--headless", "") + " --epochs 1 --out none";
    let (code, out, _) = outcome(home.path(), &line);
    assert_eq!(code, 0);
    assert_eq!(lines(&out).len(), 5);
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let home = home();
    let weights = |out: &str, extra: &str| {
        let (code, _, err) = outcome(home.path(), &format!("{SMALL} --epochs 2 --out {out} {extra}"));
        assert_eq!(code, 0, "{err}");
        fs::read(home.path().join(out).join("last.safetensors")).unwrap()
    };
    let one = weights("one", "--threads 1");
    assert!(one == weights("two", "--threads 2"));
    assert!(one == weights("again", "--threads 1 --pace 500"));
    assert!(one != weights("other", "--seed 4"), "the last of an option's values counts");
}

#[test]
fn a_resumed_run_ends_as_one_that_never_stopped() {
    let home = home();
    let run = |line: &str| {
        let (code, out, err) = outcome(home.path(), line);
        assert_eq!(code, 0, "{err}");
        lines(&out)
    };
    run(&format!("{SMALL} --epochs 4 --out whole"));
    run(&format!("{SMALL} --epochs 2 --out parts"));
    let resumed = run("--headless --log-format json --resume parts --epochs 4");
    let epochs: Vec<_> = resumed.iter().filter(|l| l["event"] == "epoch").map(|l| l["epoch"].clone()).collect();
    assert_eq!(epochs, [3, 4]);
    let last = |run: &str| fs::read(home.path().join(run).join("last.safetensors")).unwrap();
    assert!(last("whole") == last("parts"));

    run("--headless --resume parts/checkpoints/epoch-0003.safetensors --epochs 4 --out copy --log-format json");
    assert!(last("whole") == last("copy"), "a single checkpoint goes on as well, in a folder of its own");
}

#[test]
fn a_run_cannot_be_made_another_by_resuming() {
    let home = home();
    outcome(home.path(), &format!("{SMALL} --epochs 1 --out run"));
    let before = fs::read(home.path().join("run/last.safetensors")).unwrap();
    for (change, names) in [
        ("--hidden 8", "hidden is [32, 16] in the run, [8] here"),
        ("--seed 4", "seed is 3 in the run, 4 here"),
        ("--batch-size 10", "batch_size is 50 in the run, 10 here"),
        ("--train-size 10", "train_size is 400 in the run, 10 here"),
        ("--optimizer sgd", "optimizer is rmsprop in the run, sgd here"),
        ("--data builtin", "data is "),
    ] {
        let (code, out, err) = outcome(home.path(), &format!("--headless --resume run --epochs 2 {change}"));
        assert_eq!((code, out.as_str()), (1, ""), "{change}");
        assert!(err.starts_with(&format!("error: run: {names}")), "{change}: {err}");
    }
    assert!(before == fs::read(home.path().join("run/last.safetensors")).unwrap());
}

#[test]
fn resuming_what_is_not_there_is_never_a_fresh_start() {
    let home = home();
    fs::create_dir(home.path().join("empty")).unwrap();
    fs::create_dir(home.path().join("text")).unwrap();
    fs::write(home.path().join("text/notes.txt"), "no run").unwrap();
    for name in ["missing", "empty", "text", "text/notes.txt"] {
        let (code, out, err) = outcome(home.path(), &format!("--headless --resume {name}"));
        assert_eq!((code, out.as_str()), (1, ""), "{name}");
        assert!(err.starts_with(&format!("error: {name}: ")), "{err}");
    }
    let (code, _, err) = outcome(home.path(), "--headless --resume");
    assert_eq!(code, 1, "there is no run in the state folder: {err}");
}

#[test]
fn a_run_is_kept_in_the_state_folder_unless_told_otherwise() {
    let home = home();
    outcome(home.path(), &format!("{SMALL} --epochs 1"));
    let runs = home.path().join(".local/state/weightscope/runs");
    assert_eq!(fs::read_dir(&runs).unwrap().count(), 1);
    outcome(home.path(), &format!("{SMALL} --epochs 1 --out none"));
    assert_eq!(fs::read_dir(&runs).unwrap().count(), 1);
    let (code, out, err) = outcome(home.path(), "--headless --log-format json --resume --epochs 2");
    assert_eq!(code, 0);
    assert!(err.starts_with("note: going on with "), "{err}");
    assert_eq!(lines(&out).last().unwrap()["epochs"], json!(2));
}

#[test]
fn a_run_folder_that_cannot_be_used_is_found_before_the_training() {
    let home = home();
    outcome(home.path(), &format!("{SMALL} --epochs 1 --out run"));
    fs::write(home.path().join("file"), "").unwrap();
    for out in ["run", "file", "no/such/parent"] {
        let (code, told, err) = outcome(home.path(), &format!("{SMALL} --epochs 1 --out {out}"));
        assert_eq!((code, told.as_str()), (1, ""), "{out}");
        assert!(err.starts_with(&format!("error: {out}: ")), "{err}");
    }
}

#[test]
fn more_images_than_there_are_is_an_error_at_its_place() {
    let home = home();
    let (code, _, err) = outcome(home.path(), &format!("{SMALL} --train-size 401"));
    assert_eq!(code, 2);
    assert!(err.starts_with("error: train_size: 401 images are more than set has\n"), "{err}");
    fs::write(home.path().join("config.ron"), "(\n  data: (train_size: 401),\n)\n").unwrap();
    let (code, _, err) = outcome(home.path(), SMALL);
    assert_eq!(code, 2);
    assert!(err.starts_with("error: config.ron:2:22: train_size: 401 images"), "{err}");
    assert!(err.contains("from 1 to 400"), "{err}");
}

#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let home = home();
    fs::write(home.path().join("config.ron"), "(training: (seed: 10, epochs: 1, batch_size: 100))").unwrap();
    let seed = |environment: Option<&str>, line: &str| {
        let mut command = weightscope(home.path());
        if let Some(seed) = environment {
            command.env("WEIGHTSCOPE_SEED", seed);
        }
        let line = format!("--headless --log-format json --data set --hidden none --out none {line}");
        let (code, out, err) = finish(command.args(line.split_whitespace()));
        assert_eq!(code, 0, "{err}");
        lines(&out)[0]["seed"].clone()
    };
    assert_eq!(seed(None, ""), 10);
    assert_eq!(seed(Some("20"), ""), 20);
    assert_eq!(seed(Some("20"), "--seed 30"), 30);
}

#[test]
fn signals_end_a_run_in_order() {
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1), ("QUIT", 3)] {
        let home = home();
        let mut child = endless(home.path(), "run");
        let begin = Instant::now();
        send(signal, &child);
        assert_eq!(code(&mut child), 128 + number, "{signal}");
        assert!(begin.elapsed() < Duration::from_secs(1), "{signal}: {:?}", begin.elapsed());
        let mut rest = String::new();
        child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(lines(&rest).last().unwrap()["reason"], "signal", "{signal}: {rest}");
        let (code, told, _) = outcome(home.path(), "inspect run");
        assert_eq!(code, 0);
        let step = told.lines().find_map(|l| l.strip_prefix("step ")?.parse::<u64>().ok()).unwrap();
        assert!(step >= 1, "{signal}: {told}");
    }
}

#[test]
fn a_second_run_in_the_same_folder_is_refused() {
    let home = home();
    let mut first = endless(home.path(), "run");
    let (code_of_second, _, err) = outcome(home.path(), "--headless --resume run");
    assert_eq!(code_of_second, 1);
    assert!(err.contains("run") && err.contains(&first.id().to_string()), "{err}");
    send("TERM", &first);
    assert_eq!(code(&mut first), 143);
}

#[test]
fn a_reader_who_goes_away_ends_the_run_with_a_checkpoint() {
    let home = home();
    let mut child = endless(home.path(), "run");
    drop(child.stdout.take());
    assert_eq!(code(&mut child), 141);
    assert_eq!(outcome(home.path(), "inspect run").0, 0);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(err, "");
}

#[test]
fn a_run_that_diverges_says_what_to_try() {
    let home = home();
    let line = format!("{SMALL} --epochs 5 --optimizer sgd --learning-rate 1e6 --out run");
    let (code, out, err) = outcome(home.path(), &line);
    assert_eq!(code, 1);
    assert!(lines(&out).iter().any(|l| l["event"] == "diverged" && l["step"].is_u64()), "{out}");
    for part in ["epoch 1", "step", "loss", "1000000", "help: try --learning-rate 0.01"] {
        assert!(err.contains(part), "{part}: {err}");
    }
    assert_eq!(outcome(home.path(), "inspect run").0, 0, "the last finite network is kept");
}
