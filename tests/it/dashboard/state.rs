//! What keys and clicks do to the state, at any size and on any network.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use ratatui::layout::Size;
use weightscope::lens::{Lens, Scale};
use weightscope::session::{Control, Pace, Phase};
use weightscope::ui::app::{Effect, Overlay, Panes, Span, Tab};
use weightscope::ui::areas::MapSize;
use weightscope::ui::keys::{self, Action};

use crate::support::app::{app, draw, press, running};
use crate::support::screen::text;

#[test]
fn every_key_works_from_every_tab_before_the_first_snapshot() {
    for bind in keys::binds() {
        for layer in 0..3 {
            for size in [(80, 24), (120, 40), (200, 60)] {
                let mut app = app(&[512, 256], size);
                app.update(Action::Layer(layer + 1));
                app.cursors = vec![200, 100, 5];
                let before = app.clone();
                let effect = app.update(bind.action);
                draw(&app);
                let same = text(&draw(&app)) == text(&draw(&before));
                let idle = match bind.action {
                    // Nothing to close; already there.
                    Action::Back => true,
                    Action::Layer(number) => number == layer + 1,
                    // No curve to show yet.
                    Action::CurveSpan => app.span == Span::Recent,
                    _ => false,
                };
                assert!(!same || effect.is_some() || idle || moved(&before, &app), "{:?} on {layer}", bind.action);
            }
        }
    }
}

/// Whether the cursor moved, or rightly stood still at an end or on the only page.
fn moved(before: &weightscope::ui::app::App, after: &weightscope::ui::app::App) -> bool {
    before.cursor() != after.cursor() || after.n_nodes() == 10
}

#[test]
fn tabs_go_round_and_numbers_lead_straight_there() {
    let mut app = app(&[300, 100], (120, 40));
    press(&mut app, "<tab><tab>");
    assert_eq!(app.layer, 2);
    press(&mut app, "<tab>");
    assert_eq!(app.tab(), Tab::Data);
    press(&mut app, "<tab>");
    assert_eq!(app.tab(), Tab::Layer(0));
    press(&mut app, "<shift-tab><shift-tab>");
    assert_eq!(app.tab(), Tab::Layer(2));
    press(&mut app, "0");
    assert_eq!(app.tab(), Tab::Data);
    press(&mut app, "2");
    assert_eq!(app.layer, 1);
    press(&mut app, "7");
    assert_eq!(app.layer, 1);
    assert!(text(&draw(&app)).contains("this network has 3 layers"));
}

#[test]
fn the_cursor_moves_by_the_grid_and_each_layer_keeps_its_own() {
    // Five thumbnails side by side, four rows.
    let mut app = running(&[512, 256], (120, 40), Phase::Training);
    press(&mut app, "jl");
    assert_eq!(app.cursor(), 6);
    press(&mut app, "<pgdn>");
    assert_eq!(app.cursor(), 26);
    assert!(text(&draw(&app)).contains("page 2/26 · nodes 20-39 of 512"));
    press(&mut app, "<tab>G");
    assert_eq!(app.cursor(), 255);
    press(&mut app, "<pgdn><down><right>");
    assert_eq!(app.cursor(), 255, "the end is the end");
    press(&mut app, "1<pgup><pgup>");
    assert_eq!(app.cursor(), 6, "back from the first page there is nothing to turn");
    press(&mut app, "g<left><up>");
    assert_eq!(app.cursor(), 0);
}

#[test]
fn a_node_is_reached_by_its_number() {
    let mut app = running(&[512], (80, 24), Phase::Training);
    press(&mut app, "/51x2<backspace><enter>");
    assert_eq!(app.cursor(), 51);
    press(&mut app, "/512<enter>");
    assert_eq!(app.cursor(), 51);
    assert!(text(&draw(&app)).contains("there is no node 512: this layer's are 0 to 511"));
    press(&mut app, "/7<esc>");
    assert_eq!((app.cursor(), app.overlay.clone()), (51, Overlay::None));
}

#[test]
fn escape_closes_what_lies_on_top_and_never_more() {
    let mut app = running(&[32], (80, 24), Phase::Training);
    press(&mut app, "<enter>?");
    assert_eq!((app.inspecting, app.overlay.clone()), (true, Overlay::Help { scroll: 0 }));
    press(&mut app, "<esc>");
    assert_eq!((app.inspecting, app.overlay.clone()), (true, Overlay::None));
    press(&mut app, "<esc>");
    assert!(!app.inspecting);
    let calm = app.clone();
    press(&mut app, "<esc><esc>");
    assert_eq!((app.layer, app.cursor(), app.panes), (calm.layer, calm.cursor(), calm.panes));
}

#[test]
fn help_scrolls_to_its_end_and_back_at_once() {
    let mut app = running(&[32], (80, 24), Phase::Training);
    press(&mut app, "?");
    assert!(text(&draw(&app)).contains("↓ more"));
    press(&mut app, "<end>");
    let end = text(&draw(&app));
    assert!(!end.contains("↓ more") && end.contains("how surprised the network is"), "{end}");
    press(&mut app, "<up>");
    assert_ne!(text(&draw(&app)), end);
}

#[test]
fn lens_scale_and_size_go_through_all_there_are() {
    let mut app = running(&[512], (120, 40), Phase::Training);
    press(&mut app, "v");
    assert_eq!(app.lens, Lens::Bias);
    press(&mut app, "VV");
    assert_eq!(app.lens, Lens::Preferred);
    press(&mut app, "VVVVVV");
    assert_eq!(app.lens, Lens::Article);
    press(&mut app, "xx");
    assert_eq!(app.scale, Scale::Symmetric);
    assert_eq!(app.areas().unwrap().grid.unwrap().size, MapSize::Small);
    press(&mut app, "+");
    assert_eq!(app.areas().unwrap().grid.unwrap().size, MapSize::Medium);
    press(&mut app, "++++");
    assert_eq!(app.areas().unwrap().grid.unwrap().size, MapSize::Full);
    press(&mut app, "----");
    assert_eq!(app.areas().unwrap().grid.unwrap().size, MapSize::Small);
}

#[test]
fn panes_change_places_where_there_is_room_for_them() {
    let mut wide = running(&[32], (120, 40), Phase::Training);
    let mut narrow = running(&[32], (80, 24), Phase::Training);
    let order = |app: &mut _, keys: &str| {
        press(app, keys);
        app.panes
    };
    assert_eq!([order(&mut wide, "w"), order(&mut wide, "w")], [Panes::Gallery, Panes::Curves]);
    assert_eq!(order(&mut wide, "w"), Panes::Both);
    assert_eq!([order(&mut narrow, "w"), order(&mut narrow, "w")], [Panes::Curves, Panes::Both]);
    assert_eq!(order(&mut narrow, "w<tab>"), Panes::Both, "whoever asks for a layer wants to see it");
}

#[test]
fn pace_and_rate_build_on_what_was_asked_for_last() {
    let mut app = running(&[32], (120, 40), Phase::Training);
    let mut orders = |action| match app.update(action) {
        Some(Effect::Control(control)) => Some(control),
        _ => None,
    };
    assert_eq!(orders(Action::RateDown), Some(Control::SetLearningRate(0.0005)));
    assert_eq!(orders(Action::RateDown), Some(Control::SetLearningRate(0.0002)));
    // Auto runs at 1.2 steps a second here.
    assert_eq!(orders(Action::PaceDown), Some(Control::SetPace(Pace::Steps(1.0))));
    assert_eq!(orders(Action::PaceDown), Some(Control::SetPace(Pace::Steps(0.5))));
    assert_eq!(orders(Action::PaceDown), None, "slower would be a standstill");
    let fastest = (0..40).filter_map(|_| orders(Action::PaceUp)).last();
    assert_eq!(fastest, Some(Control::SetPace(Pace::Max)));
    assert_eq!(orders(Action::PaceUp), None);
    assert_eq!(orders(Action::NextSeed), Some(Control::Restart { seed: 2 }));
    assert_eq!(orders(Action::NextSeed), Some(Control::Restart { seed: 3 }));
}

#[test]
fn a_network_that_is_only_looked_at_takes_no_orders() {
    let mut app = running(&[32], (120, 40), Phase::Paused);
    app.options.live = false;
    for key in [" ", ".", "<", ">", "{", "}", "r", "R", "s"] {
        press(&mut app, key);
        assert!(text(&draw(&app)).contains("nothing trains"), "{key}");
        app.message = None;
    }
}

#[test]
fn clicks_find_tabs_and_nodes() {
    let mut app = running(&[512, 256], (120, 40), Phase::Training);
    let at = |kind, column, row| MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    let areas = app.areas().unwrap();
    let map = areas.grid.unwrap().map(7);
    app.click(at(MouseEventKind::Down(MouseButton::Left), map.x, map.y));
    assert_eq!((app.cursor(), app.inspecting), (7, false));
    app.click(at(MouseEventKind::Down(MouseButton::Left), map.right() - 1, map.bottom()));
    assert_eq!((app.cursor(), app.inspecting), (7, true), "the caption belongs to the map; a second click inspects");
    app.click(at(MouseEventKind::ScrollDown, 50, 20));
    assert_eq!(app.cursor(), 8, "in the inspector a page is a node");
    press(&mut app, "<esc><left>");
    app.click(at(MouseEventKind::ScrollDown, 50, 20));
    assert_eq!(app.cursor(), 27);
    let (tab, place) = areas.tabs.shown[2];
    app.click(at(MouseEventKind::Down(MouseButton::Left), place.x + 1, place.y));
    assert_eq!((app.tab(), tab), (Tab::Layer(1), Tab::Layer(1)));
    app.click(at(MouseEventKind::Down(MouseButton::Left), 119, 39));
    app.click(at(MouseEventKind::Down(MouseButton::Left), 65535, 65535));
}

fn any_action() -> impl Strategy<Value = Action> {
    let actions: Vec<_> = keys::binds().map(|bind| bind.action).collect();
    proptest::sample::select(actions)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_way_of_using_it_breaks_it(
        hidden in prop::collection::vec(1..700usize, 0..12),
        seen in any::<bool>(),
        steps in prop::collection::vec((any_action(), 0..420u16, 0..130u16, any::<bool>()), 1..40),
    ) {
        let mut app = if seen { running(&[24, 12], (120, 40), Phase::Training) } else { app(&hidden, (120, 40)) };
        for (action, width, height, resize) in steps {
            if resize {
                app.size = Size::new(width, height);
            }
            app.update(action);
            prop_assert!(app.cursor() < app.n_nodes());
            if let Some(sight) = app.sight() {
                prop_assert!(sight.nodes.iter().all(|node| *node < app.n_nodes()));
                prop_assert!(sight.nodes.is_empty() || sight.nodes.contains(&app.cursor()));
            }
            draw(&app);
        }
    }
}
