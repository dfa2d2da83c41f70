//! What a frame costs: the whole dashboard drawn into a buffer, with a full page of maps and curves of 1,000 points.

use std::hint::black_box;
use std::sync::Arc;

use criterion::Criterion;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use weightscope::lens::page::Projector;
use weightscope::lens::{Lens, Scale};
use weightscope::nn::{Activation, Init, Mlp, Optimizer, Shape};
use weightscope::session::{History, Pace, Phase, Plan, Snapshot};
use weightscope::ui::app::{App, Options};
use weightscope::ui::keys::{Action, KeyMap};
use weightscope::ui::palette::{Depth, Glyphs, Marker, Palette, Ramp};
use weightscope::ui::view;

/// A frame of each tab at three sizes, and what the loop asks for between two frames.
pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        for (name, layer) in [("hidden", 1), ("outputs", 3)] {
            let mut app = app();
            app.size = Size::new(width, height);
            app.update(Action::Layer(layer));
            if let Some(request) = app.request() {
                app.show(Arc::new(Projector::default().page(&request)));
            }
            let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
            group.bench_function(format!("{name} at {width}x{height}"), |b| {
                b.iter(|| {
                    buf.reset();
                    view::render(black_box(&app), &mut buf);
                });
            });
        }
    }
    let mut app = app();
    app.size = Size::new(120, 40);
    group.bench_function("what is in sight", |b| b.iter(|| black_box(app.sight())));
    group.finish();
}

fn app() -> App {
    let shape = Shape {
        inputs: 784,
        hidden: vec![512, 256],
        outputs: 10,
        activation: Activation::Relu,
        init: Init::GlorotUniform,
    };
    let mut history = History::default();
    for step in 0..2814 {
        let loss = 2.3 / (1.0 + step as f32 / 100.0);
        for curve in [&mut history.train_loss, &mut history.train_accuracy, &mut history.test_loss] {
            curve.push(step, loss);
        }
    }
    let model = Arc::new(Mlp::new(&shape, 1));
    let plan = Arc::new(Plan {
        data: "mnist".into(),
        train_size: 60_000,
        test_size: 10_000,
        class_names: (0..10).map(|digit| digit.to_string()).collect(),
        shape,
        optimizer: Optimizer::default(),
        batch_size: 128,
        epochs: 6,
        seed: 1,
        threads: 2,
    });
    let options = Options {
        palette: Palette { depth: Depth::Ansi256, ascii: false, light: false },
        ramp: Ramp::Grey,
        glyphs: Glyphs::Quadrant,
        marker: Marker::Braille,
        keys: KeyMap::default(),
        lens: Lens::Plain,
        scale: Scale::Node,
        live: true,
        can_fetch: true,
        mouse: false,
        note: None,
        fps: 10.0,
    };
    let mut app = App::new(Arc::clone(&plan), options);
    app.see(Arc::new(Snapshot {
        version: 1,
        plan,
        phase: Phase::Training,
        epoch: 3,
        step: 1717,
        epochs: 6,
        learning_rate: 0.001,
        pace: Pace::Max,
        steps_per_second_limit: None,
        samples_per_second: Some(63_000.0),
        time_left: None,
        model,
        history: Arc::new(history),
        test: None,
        notice: None,
    }));
    app
}
