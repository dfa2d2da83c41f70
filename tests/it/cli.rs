//! The command line: help, exit codes, configuration, plain lines.

use std::fs;

use tempfile::tempdir;

use crate::support::{finish, outcome, weightscope};

#[test]
fn help_is_short_at_the_top_and_complete_below() {
    let home = tempdir().unwrap();
    let (code, top, err) = outcome(home.path(), "--help");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(top.lines().count() <= 40, "{top}");
    for command in ["train", "view", "eval", "maps", "inspect", "data", "config", "completions"] {
        assert!(top.contains(&format!("\n  {command} ")), "{command} in:\n{top}");
    }
    let (code, train, _) = outcome(home.path(), "help train");
    assert_eq!(code, 0);
    for option in [
        "--config",
        "--data",
        "--train-size",
        "--hidden",
        "--epochs",
        "--batch-size",
        "--optimizer",
        "--learning-rate",
        "--seed",
        "--threads",
        "--pace",
        "--out",
        "--checkpoint-every",
        "--resume",
        "--headless",
        "--log-format",
        "--color",
        "--ascii",
        "--fps",
    ] {
        assert!(train.contains(option), "{option} in:\n{train}");
    }
}

#[test]
fn wrong_usage_ends_with_two() {
    let home = tempdir().unwrap();
    for line in [
        "--no-such-option",
        "no-such-command",
        "eval",
        "--epochs 0",
        "--epochs 1 eval model",
        "--batch-size 0",
        "--hidden 0",
        "--learning-rate 0",
        "--pace never",
        "--color pink",
        "--checkpoint-every 5",
        "--hidden 50000,50000",
    ] {
        let (code, out, err) = outcome(home.path(), line);
        assert_eq!((code, out.as_str()), (2, ""), "{line}: {err}");
        assert!(err.starts_with("error: "), "{line}: {err}");
    }
    let (_, _, err) = finish(weightscope(home.path()).env("WEIGHTSCOPE_EPOCHS", "many"));
    assert!(err.contains("'many' for '--epochs"), "{err}");
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    let home = tempdir().unwrap();
    let (code, out, err) = outcome(home.path(), "--config /tmp/no/such.ron --headless");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.starts_with("error: /tmp/no/such.ron: "), "{err}");
    assert!(err.contains("help: `weightscope config default > config.ron`"), "{err}");
}

#[test]
fn a_wrong_configuration_is_shown_at_its_place() {
    let home = tempdir().unwrap();
    let (_, default, _) = outcome(home.path(), "config default");
    let wrong = default.replace("learning_rate", "learnig_rate");
    fs::write(home.path().join("config.ron"), wrong).unwrap();
    let (code, out, err) = outcome(home.path(), "--headless");
    assert_eq!((code, out.as_str()), (2, ""));
    let line = default.lines().position(|l| l.contains("learning_rate")).unwrap() + 1;
    assert!(err.starts_with(&format!("error: config.ron:{line}:")), "{err}");
    assert!(err.contains("optimizer: RmsProp(learnig_rate: 0.001)"), "the line is shown: {err}");
    assert!(err.contains("help: did you mean `learning_rate`?"), "{err}");
    assert_eq!(outcome(home.path(), "config check").0, 2);
}

#[test]
fn the_printed_default_is_a_valid_configuration() {
    let home = tempdir().unwrap();
    let (code, default, _) = outcome(home.path(), "config default");
    assert_eq!(code, 0);
    fs::write(home.path().join("mine.ron"), &default).unwrap();
    let (code, out, _) = outcome(home.path(), "config check mine.ron");
    assert_eq!((code, out.as_str()), (0, "mine.ron: no fault found\n"));
    assert_eq!(outcome(home.path(), "config check").1.lines().count(), 1);
}

#[test]
fn the_configuration_of_the_user_is_found() {
    let home = tempdir().unwrap();
    let folder = home.path().join(".config/weightscope");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.ron"), "(training: (epochs: 0))").unwrap();
    let (code, _, err) = outcome(home.path(), "config check");
    assert_eq!(code, 2);
    assert!(err.contains("config.ron:1:21: epochs: 0 is out of range"), "{err}");
    fs::write(home.path().join("config.ron"), "()").unwrap();
    assert_eq!(outcome(home.path(), "config check").0, 0, "the file here goes before the user's");
}

#[test]
fn completions_name_commands_and_options() {
    let home = tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let (code, script, _) = outcome(home.path(), &format!("completions {shell}"));
        assert_eq!(code, 0);
        assert!(script.contains("inspect") && script.contains("batch-size"), "{shell}");
    }
    assert_eq!(outcome(home.path(), "completions cmd").0, 2);
}
