//! Which nodes are shown in which order, and that the order never jumps under the reader's eyes.

use std::sync::Arc;

use proptest::prelude::*;
use weightscope::lens::firing::Habit;
use weightscope::lens::study::Study;
use weightscope::session::{Phase, Snapshot};
use weightscope::ui::app::App;
use weightscope::ui::app::ranking::{Filter, Sort};

use crate::support::app::{app, draw, press, running, snapshot, studied, study};
use crate::support::screen::text;

const SIZE: (u16, u16) = (120, 40);

fn page_line(app: &App) -> String {
    text(&draw(app)).lines().nth(usize::from(app.areas().unwrap().page_line.y)).unwrap().trim().to_owned()
}

fn caption(app: &App, place: usize) -> String {
    let area = app.areas().unwrap().grid.unwrap().caption(place);
    let buf = draw(app);
    area.positions().map(|at| buf[at].symbol()).collect::<String>().trim().to_owned()
}

/// The nodes of the open layer with a habit.
fn of_habit(app: &App, habit: Habit) -> Vec<usize> {
    (0..app.n_nodes()).filter(|node| app.node_study(*node).unwrap().habit == Some(habit)).collect()
}

/// The numbers of the open layer, changed.
fn change(app: &App, change: impl Fn(usize, &mut weightscope::lens::study::NodeStudy)) -> Arc<Study> {
    let mut study = (**app.study.as_ref().unwrap()).clone();
    study.step += 4;
    for (k, node) in study.layers[app.layer].nodes.iter_mut().enumerate() {
        change(k, node);
    }
    Arc::new(study)
}

#[test]
fn the_nodes_are_ranked_by_what_is_known_of_them() {
    let mut app = studied(&[512, 256], (200, 60), Phase::Paused);
    let [dead, always_on] = [Habit::Dead, Habit::AlwaysOn].map(|habit| of_habit(&app, habit).len());
    let counts = format!("page 1/26 · nodes 0-19 of 512 · {dead} dead, 0 rare, {always_on} always on");
    assert!(page_line(&app).starts_with(&counts), "{}", page_line(&app));
    for (sort, name, short) in [
        (Sort::Norm, "norm", "norm "),
        (Sort::Faithfulness, "faithfulness (R²)", "R² "),
        (Sort::Firing, "firing rate", "fires "),
        (Sort::Selectivity, "selectivity", "selectivity "),
        (Sort::Structure, "structure", "structure "),
    ] {
        press(&mut app, "o");
        assert_eq!(app.browse.sort, sort);
        assert!(page_line(&app).contains(&format!("sorted by {name} · 512 nodes")), "{}", page_line(&app));
        let values: Vec<Option<f64>> =
            app.shown().into_iter().map(|node| sort.value(app.node_study(node).unwrap())).collect();
        let n = values.iter().filter(|value| value.is_some()).count();
        assert!(n > 400 && values[..n].iter().all(Option::is_some), "{sort:?}: the unknown stand last");
        assert!(values[..n].is_sorted_by(|a, b| a >= b), "{sort:?}");
        assert_eq!(app.place(), 0, "who stands at the beginning stays there");
        let first = format!("{} ", app.shown()[0]);
        assert!(caption(&app, 0).trim_start().starts_with(&first), "{}", caption(&app, 0));
        assert!(caption(&app, 1).contains(short), "{}", caption(&app, 1));
        assert_eq!(app.page.as_ref().unwrap().sight.nodes, app.shown()[..20], "the maps follow");
    }
    press(&mut app, "o");
    assert_eq!(app.browse.sort, Sort::Number, "nothing has changed yet, so nothing is ranked by change");
    press(&mut app, "O");
    assert_eq!(app.browse.sort, Sort::Structure);
    // From elsewhere the cursor stays on its node.
    press(&mut app, "<pgdn>jl");
    let node = app.cursor();
    press(&mut app, "O");
    assert_eq!(app.cursor(), node);
    assert!(app.page.as_ref().unwrap().sight.nodes.contains(&node));
}

#[test]
fn a_small_picture_has_its_value_and_its_grey_of_0_however_it_is_ranked() {
    let mut app = studied(&[512, 256], SIZE, Phase::Paused);
    for _ in 0..5 {
        press(&mut app, "o");
        for place in 0..4 {
            let said = caption(&app, place);
            let said: Vec<&str> = said.split_whitespace().collect();
            let has_room = !said.contains(&"dead");
            assert!(!has_room || said.last() == Some(&"0") && said.len() > 2, "{:?}: {said:?}", app.browse.sort);
        }
    }
}

#[test]
fn filters_show_the_nodes_that_pass_and_skip_what_none_does() {
    let mut app = studied(&[512, 256], SIZE, Phase::Paused);
    let dead = of_habit(&app, Habit::Dead);
    assert!(dead.contains(&3) && !dead.contains(&5));
    press(&mut app, "f");
    assert_eq!((app.browse.filter, app.shown(), app.cursor()), (Filter::Habit(Habit::Dead), dead.clone(), dead[0]));
    assert!(page_line(&app).contains(&format!("dead: {} of 512", dead.len())), "{}", page_line(&app));
    assert!(caption(&app, 0).trim_start().starts_with(&format!("{} dead", dead[0])), "{}", caption(&app, 0));
    press(&mut app, "f");
    assert_eq!(app.browse.filter, Filter::Habit(Habit::AlwaysOn), "none is rare");
    assert_eq!(app.shown(), of_habit(&app, Habit::AlwaysOn));
    let mut classes = 0;
    let mut preferring = 0;
    loop {
        press(&mut app, "f");
        let Filter::Prefers(class) = app.browse.filter else { break };
        classes += 1;
        preferring += app.shown().len();
        assert!(page_line(&app).contains(&format!("prefers {class}: {} of 512", app.shown().len())));
        let of_class = |node: &usize| app.node_study(*node).unwrap().preference.unwrap().0 == class;
        assert!(app.shown().iter().all(of_class));
    }
    assert!(classes > 5, "{classes}");
    assert_eq!((app.browse.filter, preferring), (Filter::All, 512 - dead.len()), "all but the dead");
    press(&mut app, "F");
    assert!(matches!(app.browse.filter, Filter::Prefers(_)));
    // A layer that has no such node says so and shows all.
    press(&mut app, "fff3");
    assert!(page_line(&app).contains("no node is always on: all 10 shown"), "{}", page_line(&app));
    assert_eq!(app.shown().len(), 10);
}

#[test]
fn a_node_that_does_not_pass_is_reached_all_the_same() {
    let mut app = studied(&[512], SIZE, Phase::Paused);
    let always_on = of_habit(&app, Habit::AlwaysOn);
    press(&mut app, "ff/3<enter>");
    assert_eq!((app.cursor(), app.shown().len(), app.place()), (3, always_on.len() + 1, 0));
    assert!(page_line(&app).contains("node 3 does not pass the filter: shown all the same"));
    app.message = None;
    let said = format!("always on: {} of 512 · and node 3, which is not", always_on.len());
    assert!(page_line(&app).contains(&said), "{}", page_line(&app));
    press(&mut app, "l");
    assert_eq!((app.cursor(), app.shown()), (5, always_on));
}

#[test]
fn while_training_the_order_waits_for_a_page_turn() {
    let mut app = studied(&[512], SIZE, Phase::Training);
    press(&mut app, "ojjl");
    let (before, node) = (app.shown(), app.cursor());
    app.see(Arc::new(snapshot(&app.plan.clone(), 2, Phase::Training, 20)));
    let news = change(&app, |k, node| node.norm = k as f64);
    app.learn(news);
    assert_eq!((app.shown(), app.cursor()), (before, node));
    assert!(page_line(&app).contains("order of step 16"), "{}", page_line(&app));
    press(&mut app, "<pgdn>");
    assert_eq!(app.shown()[..3], [511, 510, 509]);
    assert_eq!(app.place(), 31, "the same place of the next page");
    assert!(!page_line(&app).contains("order of step"), "{}", page_line(&app));

    // Paused it follows, and the cursor stays on its node.
    let node = app.cursor();
    app.see(Arc::new(snapshot(&app.plan.clone(), 3, Phase::Paused, 20)));
    let news = change(&app, |k, node| node.norm = -(k as f64));
    app.learn(news);
    assert_eq!((app.shown()[..3].to_vec(), app.cursor()), (vec![0, 1, 2], node));
}

#[test]
fn similar_nodes_stand_first_until_one_leaves() {
    let mut app = studied(&[512, 256], SIZE, Phase::Paused);
    press(&mut app, "2");
    let usual = of_habit(&app, Habit::Usual)[9];
    press(&mut app, &format!("/{usual}<enter>u"));
    let like = app.likeness().unwrap().values.clone().unwrap();
    assert_eq!((app.cursor(), app.place()), (usual, 0));
    assert!(like[usual].unwrap() > 0.9999);
    let shown: Vec<_> = app.shown().into_iter().map(|node| like[node].unwrap()).collect();
    assert!(shown.is_sorted_by(|a, b| a >= b) && shown[1] < 0.9);
    assert!(page_line(&app).contains(&format!("most like node {usual}")), "{}", page_line(&app));
    assert!(caption(&app, 0).trim_start().starts_with(&format!("{usual} +1.0")), "{}", caption(&app, 0));
    press(&mut app, "1");
    assert!(app.likeness().is_none() && app.order().is_none(), "each layer has its own");
    press(&mut app, "2u");
    assert_eq!((app.likeness().is_none(), app.cursor(), app.place()), (true, usual, usual));
    // Another sort leaves it too.
    press(&mut app, "uo");
    assert_eq!((app.likeness().is_none(), app.browse.sort), (true, Sort::Norm));
}

#[test]
fn likeness_is_not_missed_by_moving_on() {
    let mut app = studied(&[32], SIZE, Phase::Training);
    for event in crate::support::keys::events("/9<enter>ul") {
        app.key(event);
    }
    assert_eq!(app.wants_likeness_to(), Some(9));
    crate::support::app::settle(&mut app);
    assert_eq!((app.wants_likeness_to(), app.cursor(), app.shown()[0]), (None, 10, 9));
}

#[test]
fn change_is_counted_from_the_start_or_the_mark() {
    let mut app = app(&[32], SIZE);
    let at = |app: &App, version, step, nudge: f32| {
        let mut snapshot = snapshot(&app.plan.clone(), version, Phase::Paused, step);
        let mut model = (*snapshot.model).clone();
        model.layers[0].weight.row_mut(7).map_inplace(|w| *w += nudge);
        snapshot.model = Arc::new(model);
        Arc::new(snapshot)
    };
    app.see(at(&app, 1, 0, 0.0));
    assert!(app.since().is_none(), "nothing has changed since the start");
    app.see(at(&app, 2, 8, 0.5));
    assert_eq!(app.since().unwrap().step, 0);
    app.learn(study(&app));
    press(&mut app, "O");
    assert_eq!((app.browse.sort, app.shown()[0]), (Sort::Change, 7));
    assert!(page_line(&app).contains("sorted by change since the start"), "{}", page_line(&app));
    assert!(app.ranked_by(7).unwrap() > 1.0 && app.ranked_by(0) == Some(0.0));
    press(&mut app, "m");
    assert!(text(&draw(&app)).contains("step 8 marked: change counts from here"));
    assert!(app.since().is_none());
    app.see(at(&app, 3, 16, 0.5));
    app.message = None;
    assert_eq!(app.since().unwrap().step, 8);
    app.learn(study(&app));
    assert_eq!(app.ranked_by(7), Some(0.0), "it has not moved since the mark");
    assert!(page_line(&app).contains("sorted by change since the mark"), "{}", page_line(&app));
    press(&mut app, "mm");
    assert!(text(&draw(&app)).contains("change counts from the start again"));
    assert_eq!(app.since().unwrap().step, 0);
}

#[test]
fn another_run_begins_with_nothing_known() {
    let mut app = studied(&[32], SIZE, Phase::Training);
    press(&mut app, "omu");
    let plan = Arc::new(weightscope::session::Plan { seed: 2, ..(*app.plan).clone() });
    app.see(Arc::new(Snapshot { step: 0, ..snapshot(&plan, 9, Phase::Training, 0) }));
    assert!(app.study.is_none() && app.likeness().is_none() && app.since().is_none() && !app.browse.is_marked());
    assert_eq!((app.browse.sort, app.shown()), (Sort::Norm, (0..32).collect()));
    assert!(page_line(&app).contains("its numbers are being computed"), "{}", page_line(&app));
    // The first numbers are taken at once, also while it trains.
    app.learn(study(&app));
    assert!(app.shown() != (0..32).collect::<Vec<_>>());
}

#[test]
fn without_numbers_nothing_is_ranked() {
    let mut app = running(&[32], SIZE, Phase::Training);
    for key in ["o", "O", "f", "F"] {
        app.message = None;
        press(&mut app, key);
        assert!(page_line(&app).contains("the numbers of the nodes are still being computed"), "{key}");
        assert!(app.order().is_none());
    }
}

#[test]
fn the_order_is_seen_where_a_note_would_hide_it() {
    let mut app = studied(&[512], (80, 24), Phase::Training);
    app.options.note = Some("built-in digits: no MNIST found; weightscope data fetch mnist".into());
    assert!(page_line(&app).contains("built-in"));
    press(&mut app, "ff");
    press(&mut app, "f");
    assert!(page_line(&app).contains("prefers 0: "), "{}", page_line(&app));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_cursor_is_always_on_a_node_that_is_shown(keys in prop::collection::vec(0..21usize, 1..60), live in any::<bool>()) {
        const KEYS: [&str; 21] = [
            "o", "O", "f", "F", "u", "m", "g", "G", "h", "j", "k", "l", "<pgdn>", "<pgup>", "<tab>", "/7<enter>", "+", "<enter>", "<esc>", "d", "w",
        ];
        let mut app = studied(&[40, 24], SIZE, if live { Phase::Training } else { Phase::Paused });
        for key in keys {
            press(&mut app, KEYS[key]);
            let shown = app.shown();
            prop_assert_eq!(shown[app.place()], app.cursor());
            let mut once = shown.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), shown.len());
            prop_assert!(shown.iter().all(|node| *node < app.n_nodes()));
            draw(&app);
        }
    }
}
