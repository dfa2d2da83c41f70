//! Looking at what a run left: `eval`, `inspect`, `maps`, and the datasets.

use std::fs;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::support::{outcome, write_set};

/// A working folder with a set in `set` and a run of one epoch on it in `run`.
fn home() -> TempDir {
    let home = tempdir().unwrap();
    write_set(&home.path().join("set"), 400, 100);
    let line = "--headless --data set --hidden 32,16 --batch-size 50 --epochs 1 --log-format json --out run";
    let (code, out, err) = outcome(home.path(), line);
    assert_eq!(code, 0, "{err}");
    fs::write(home.path().join("lines"), out).unwrap();
    home
}

fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn eval_finds_what_the_run_said() {
    let home = home();
    let (code, out, err) = outcome(home.path(), "eval run/last.safetensors --format json");
    assert_eq!((code, err.as_str()), (0, ""));
    let eval = object(&out);
    let lines = fs::read_to_string(home.path().join("lines")).unwrap();
    let epoch = lines.lines().map(object).rfind(|l| l["event"] == "epoch").unwrap();
    assert_eq!(eval["test_size"], 100);
    assert_eq!((&eval["test_loss"], &eval["test_accuracy"]), (&epoch["test_loss"], &epoch["test_accuracy"]));
    let confusion: Vec<Vec<u64>> = serde_json::from_value(eval["confusion"].clone()).unwrap();
    assert_eq!(confusion.iter().flatten().sum::<u64>(), 100);
    let right: u64 = (0..10).map(|d| confusion[d][d]).sum();
    assert_eq!(eval["test_accuracy"], json!(right as f64 / 100.0));

    let (code, out, _) = outcome(home.path(), "eval run");
    assert_eq!(code, 0);
    assert!(out.starts_with("test accuracy 0."), "{out}");
    assert_eq!(out.lines().count(), 2 + 1 + 1 + 1 + 10);
}

#[test]
fn a_model_is_never_judged_on_other_data_than_asked_for() {
    let home = home();
    fs::rename(home.path().join("set"), home.path().join("moved")).unwrap();
    let (code, out, err) = outcome(home.path(), "eval run");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("/set: ") && err.contains("--data SOURCE"), "{err}");
    assert_eq!(outcome(home.path(), "eval run --data moved").0, 0);
}

#[test]
fn inspect_tells_the_network_and_its_place_in_the_run() {
    let home = home();
    let (code, out, err) = outcome(home.path(), "inspect run");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("\nlayers 784-32-16-10, relu\n") && out.contains("\nstep 8\nepoch 1\nseed 1\n"), "{out}");
    let (_, out, _) = outcome(home.path(), "inspect run --format json --data set");
    let facts = object(&out);
    assert_eq!(facts["layers"], json!([784, 32, 16, 10]));
    assert_eq!((&facts["step"], &facts["epoch"], &facts["seed"]), (&json!(8), &json!(1), &json!(1)));
    assert_eq!(facts["learning_rate"], json!(0.001));
    assert!(facts["test_accuracy"].is_f64());
    assert_eq!(outcome(home.path(), "inspect run --format json").1, out, "the recorded data is the default");

    fs::write(home.path().join("run/last.safetensors"), "cut").unwrap();
    let (code, out, err) = outcome(home.path(), "inspect run");
    assert_eq!(code, 0, "an older whole one is found: {err}");
    assert!(out.starts_with("run/checkpoints/") && err.starts_with("note: passed over run/last.safetensors"), "{err}");
}

#[test]
fn inspect_tells_how_far_maps_can_be_trusted() {
    let home = home();
    let (_, out, _) = outcome(home.path(), "inspect run --format json");
    let facts = object(&out);
    assert_eq!(facts["test_size"], 100);
    let is_share = |value: &Value| value.as_f64().is_some_and(|v| (-1.0..=1.0).contains(&v));
    for (layer, nodes) in [32, 16, 10].into_iter().enumerate() {
        let found = &facts["per_layer"][layer];
        assert_eq!((&found["layer"], &found["nodes"]), (&json!(layer + 1), &json!(nodes)));
        assert!(is_share(&found["structure"]) && is_share(&found["faithfulness_mean"]), "{found}");
        let counts = ["dead", "rare", "always_on"].map(|count| found[count].as_u64());
        assert_eq!(counts.iter().all(Option::is_some), layer < 2, "{found}");
    }
    let r2 = facts["per_layer"][0]["faithfulness_mean"].as_f64().unwrap();
    assert!((r2 - 1.0).abs() < 1e-12, "the first layer sees the pixels themselves");
    for (digit, found) in facts["outputs"].as_array().unwrap().iter().enumerate() {
        assert_eq!(found["digit"], digit);
        assert!(found["best_template"].as_u64().is_some_and(|class| class < 10), "{found}");
        assert!(
            ["faithfulness", "template_match", "plain_vs_bias"].iter().all(|name| is_share(&found[name])),
            "{found}"
        );
    }
    assert!(["agreement", "template_match", "edge_share"].iter().all(|name| is_share(&facts[name])), "{out}");

    let (_, out, _) = outcome(home.path(), "inspect run");
    let columns = |line: &str| out.lines().find(|l| l.starts_with(line)).map(|l| l.split_whitespace().count());
    assert_eq!(columns("    2     16"), Some(7), "{out}");
    assert_eq!((columns("9  "), columns("layer ")), (Some(5), Some(8)), "{out}");
    let agreement = format!("agreement       {:.3}  ", facts["agreement"].as_f64().unwrap());
    assert!(out.contains(&agreement), "{out}");
}

#[test]
fn inspect_without_images_tells_what_the_weights_alone_do() {
    let home = home();
    fs::rename(home.path().join("set"), home.path().join("moved")).unwrap();
    let (code, out, err) = outcome(home.path(), "inspect run --format json");
    assert_eq!(code, 0, "{err}");
    assert!(err.starts_with("note: judged on no images: ") && err.lines().count() == 1, "{err}");
    let facts = object(&out);
    assert_eq!(facts["step"], 8);
    for name in ["test_size", "test_accuracy", "agreement", "template_match", "edge_share"] {
        assert!(facts[name].is_null(), "{name}");
    }
    let (layer, output) = (&facts["per_layer"][0], &facts["outputs"][0]);
    assert!(layer["structure"].is_f64() && layer["faithfulness_mean"].is_null() && layer["dead"].is_null());
    assert!(output["plain_vs_bias"].is_f64() && output["faithfulness"].is_null() && output["best_template"].is_null());
    let (code, out, _) = outcome(home.path(), "inspect run");
    assert_eq!(code, 0);
    assert!(
        out.contains("\nstep 8\n") && !out.contains("test accuracy") && out.contains("agreement           -"),
        "{out}"
    );

    let (code, out, err) = outcome(home.path(), "inspect run --data set");
    assert_eq!((code, out.as_str()), (1, ""), "asked for by name it must be there: {err}");
}

#[test]
fn maps_are_written_for_the_layers_asked_for() {
    let home = home();
    let (code, out, err) = outcome(home.path(), "maps run --out all --format npy --lens article");
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out.lines().count(), 6);
    for (layer, nodes) in [(1, 32), (2, 16), (3, 10)] {
        let bytes = |name: &str| fs::read(home.path().join("all").join(name)).unwrap();
        let levels = bytes(&format!("layer-{layer}.npy"));
        assert!(String::from_utf8_lossy(&levels[..128]).contains(&format!("({nodes}, 28, 28")));
        assert!(levels.len() >= nodes * 784 && bytes(&format!("layer-{layer}-raw.npy")).len() >= nodes * 784 * 4);
    }
    let (code, out, _) = outcome(home.path(), "maps run --out one --layer 3");
    assert_eq!((code, out.as_str()), (0, "one/layer-3.png\n"));
    let (code, _, err) = outcome(home.path(), "maps run --out one --layer 4");
    assert_eq!(code, 2);
    assert!(err.contains("layers 1 to 3"), "{err}");

    let levels = |line: &str, layer: usize| {
        let (code, _, err) = outcome(home.path(), &format!("maps run --out lens --format npy {line}"));
        assert_eq!((code, err.as_str()), (0, ""), "{line}");
        fs::read(home.path().join(format!("lens/layer-{layer}.npy"))).unwrap()
    };
    let lenses = ["plain", "bias", "article", "pattern", "influence", "gated", "gated --set all", "mean"];
    let found = lenses.map(|lens| levels(&format!("--lens {lens}"), 3));
    for (i, one) in found.iter().enumerate() {
        assert!(!found[..i].contains(one), "{} is a lens of its own", lenses[i]);
    }
    assert_eq!(levels("--lens gated", 2), levels("--lens gated --set all", 2), "hidden nodes have no class");
}

#[test]
fn files_that_are_no_models_are_named() {
    let home = home();
    fs::write(home.path().join("text.safetensors"), "not a model").unwrap();
    for line in ["eval text.safetensors", "inspect text.safetensors", "maps text.safetensors --out o", "inspect none"] {
        let (code, out, err) = outcome(home.path(), line);
        assert_eq!((code, out.as_str()), (1, ""), "{line}");
        assert!(err.starts_with(&format!("error: {}: ", line.split(' ').nth(1).unwrap())), "{err}");
    }
}

#[test]
fn datasets_are_listed_and_verified() {
    let home = home();
    let (code, out, _) = outcome(home.path(), "data list");
    assert_eq!(code, 0);
    assert!(out.starts_with("builtin "), "{out}");
    assert!(out.contains("mnist          not found: `weightscope data fetch mnist`"), "{out}");
    let (code, out, _) = outcome(home.path(), "data verify set");
    assert_eq!(code, 0);
    assert!(out.ends_with("set: a set of its own, in order\n"), "{out}");

    fs::remove_file(home.path().join("set/t10k-labels-idx1-ubyte")).unwrap();
    let (code, _, err) = outcome(home.path(), "data verify set");
    assert_eq!(code, 1);
    assert!(err.contains("t10k-labels-idx1-ubyte") && err.contains("help: `weightscope data fetch"), "{err}");
}
