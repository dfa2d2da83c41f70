//! What is on the screen: whole styled screens, and what must hold on each of them.

use std::sync::Arc;

use ratatui::buffer::Cell;
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};
use weightscope::lens::Study;
use weightscope::session::Phase;
use weightscope::ui::app::{App, Options};
use weightscope::ui::palette::{Depth, Palette};
use weightscope::ui::theme::Theme;

use crate::support::app::{COLOURS, app, draw, options, plan, press, running, settle, snapshot, studied};
use crate::support::screen::{levels, styled, text};

fn shown(app: &App) -> String {
    styled(&draw(app), &Theme::new(app.options.palette))
}

/// Compares the styled screen with the one in `tests/it/snapshots/`.
fn check(name: &str, app: &App) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, shown(app));
    });
}

/// Paused, so that the maps are computed in f64 and are the same on every machine.
fn paused(hidden: &[usize], size: (u16, u16), keys: &str) -> App {
    let mut app = running(hidden, size, Phase::Paused);
    press(&mut app, keys);
    app
}

#[test]
fn the_first_frame_has_the_plan_and_no_invented_picture() {
    let app = app(&[512, 256], (80, 24));
    check("first_frame_80x24", &app);
}

#[test]
fn outputs_at_80x24() {
    check("outputs_80x24", &paused(&[512, 256], (80, 24), "3<right>"));
}

#[test]
fn a_hidden_layer_at_120x40() {
    check("hidden_120x40", &paused(&[512, 256], (120, 40), "2j"));
}

#[test]
fn the_inspector_at_80x24() {
    check("inspector_80x24", &paused(&[512, 256], (80, 24), "1<enter>"));
}

#[test]
fn curves_and_help_at_80x24() {
    check("curves_80x24", &paused(&[32], (80, 24), "w"));
    check("help_80x24", &paused(&[32], (80, 24), "?"));
}

#[test]
fn what_is_too_small_says_what_it_needs() {
    for (width, height) in [(59, 60), (200, 19), (20, 5), (12, 1)] {
        let screen = text(&draw(&running(&[32], (width, height), Phase::Training)));
        assert!(screen.contains("needs 60x20"), "{width}x{height}\n{screen}");
    }
    assert!(!text(&draw(&running(&[32], (60, 20), Phase::Training))).contains("needs"));
}

#[test]
fn all_sizes_and_networks_show_what_matters() {
    let networks: [&[usize]; 5] = [&[], &[300, 100], &[32, 32, 32, 32], &[2000], &[1; 12]];
    for hidden in networks {
        for size in [(0, 0), (1, 1), (20, 5), (60, 20), (80, 24), (99, 30), (100, 30), (120, 40), (200, 60), (400, 120)]
        {
            for seen in [false, true] {
                let mut app = if seen { running(hidden, size, Phase::Training) } else { app(hidden, size) };
                for keys in ["", "G", "<enter>", "<shift-tab>", "<esc>w", "w", "?", "<esc>/"] {
                    press(&mut app, keys);
                    let screen = text(&draw(&app));
                    if size >= (60, 20) && app.overlay == weightscope::ui::app::Overlay::None {
                        let kind = if app.is_output() { "Output" } else { "Hidden" };
                        let tab = format!(" {} {kind} {} ", app.layer + 1, app.n_nodes());
                        assert!(screen.contains(&tab), "no tab {tab:?} at {size:?}\n{screen}");
                        assert!(screen.contains("q quit"), "{size:?}\n{screen}");
                        assert!(screen.contains("epoch "), "{size:?}\n{screen}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_pixel_of_a_map_is_its_level() {
    // Ten outputs at 28x14 cells: the exact picture.
    let app = paused(&[32], (200, 60), "2");
    let (buf, grid) = (draw(&app), app.areas().unwrap().grid.unwrap());
    for node in 0..10 {
        let map = app.map(node, 28).unwrap();
        let area = grid.map(node);
        for (y, row) in area.rows().enumerate() {
            for (x, cell) in row.columns().enumerate() {
                let want = (map.levels[2 * y * 28 + x], map.levels[(2 * y + 1) * 28 + x]);
                assert_eq!(levels(&buf[cell.as_position()]), Some(want), "node {node}, {x},{y}");
            }
        }
    }
}

#[test]
fn a_map_of_another_layer_or_lens_is_never_shown_in_place_of_the_right_one() {
    let mut app = running(&[32, 16], (120, 40), Phase::Training);
    let pictures = |app: &App| draw(app).content.iter().filter(|cell| levels(cell).is_some()).count();
    assert!(pictures(&app) > 1000);
    for keys in ["<tab>", "v", "x", "+"] {
        for event in crate::support::keys::events(keys) {
            app.key(event);
        }
        assert!(pictures(&app) <= 28 * 14 + 14, "after {keys} only the node that is still right may stay");
        settle(&mut app);
        assert!(pictures(&app) > 1000, "{keys}");
    }
}

#[test]
fn the_cursor_is_seen_without_colour() {
    let mut app = running(&[32], (120, 40), Phase::Paused);
    app.options.palette = Palette { depth: Depth::None, ascii: false, light: false };
    press(&mut app, "l");
    let buf = draw(&app);
    let caption = app.areas().unwrap().grid.unwrap().caption(1);
    // But for the patch at its end, which is a piece of the picture.
    assert!(caption.positions().take(14 - 3).all(|at| buf[at].modifier.contains(Modifier::REVERSED)));
    assert!(buf.content.iter().all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset)), "NO_COLOR");
    assert!(text(&buf).contains('▒'), "shades for greys");
}

#[test]
fn text_never_stands_in_black_or_white() {
    for depth in [Depth::Ansi16, Depth::Ansi256, Depth::TrueColor] {
        let mut app = running(&[32, 16], (120, 40), Phase::Training);
        app.options.palette = Palette { depth, ascii: false, light: false };
        app.options.note = Some("built-in digits: no MNIST found; weightscope data fetch mnist".into());
        for keys in ["", "<enter>", "w", "w", "?", "<esc>/"] {
            press(&mut app, keys);
            // A patch of a picture's grey has a text colour that stands out on it.
            let patch = |cell: &Cell| matches!(cell.bg, Color::Rgb(..));
            for cell in draw(&app).content.iter().filter(|cell| cell.symbol() != "▀" && !patch(cell)) {
                let fixed = [Color::Black, Color::White, Color::Gray, Color::DarkGray];
                assert!(!fixed.contains(&cell.fg) && cell.bg == Color::Reset, "{cell:?}");
            }
        }
    }
}

#[test]
fn an_ascii_terminal_gets_ascii() {
    let mut app = running(&[32, 16], (120, 40), Phase::Training);
    app.options.palette = Palette { depth: Depth::Ansi256, ascii: true, light: false };
    for keys in ["", "<enter>", "<esc>x", "vv", "w", "w", "t", "?", "<esc>/", "<esc>9"] {
        press(&mut app, keys);
        let screen = text(&draw(&app));
        assert!(screen.is_ascii(), "{keys}: {:?}\n{screen}", screen.chars().find(|c| !c.is_ascii()));
    }
}

#[test]
fn the_sentence_follows_lens_and_layer() {
    let mut app = running(&[32, 16], (120, 40), Phase::Training);
    let sentence = |app: &App| text(&draw(app)).lines().skip(37).take(2).map(str::trim).collect::<Vec<_>>().join(" ");
    assert!(sentence(&app).contains("the weights themselves, one a pixel"), "{}", sentence(&app));
    assert!(sentence(&app).contains("How far to trust it is not known yet"), "without images there is no number");
    press(&mut app, "2");
    assert!(sentence(&app).contains("as if no ReLU ever cut anything off"));
    press(&mut app, "3v");
    assert!(sentence(&app).contains("light and dark need not say raise or lower"));
    press(&mut app, "v");
    assert!(sentence(&app).contains("light and dark no longer say raise or lower"));
    // Without a hidden layer the outputs see the pixels themselves.
    assert!(sentence(&running(&[], (120, 40), Phase::Training)).contains("the weights themselves"));
}

#[test]
fn the_legend_marks_where_zero_is() {
    let mut app = running(&[32], (120, 40), Phase::Paused);
    let zero = |app: &App| {
        let area = app.areas().unwrap().node.unwrap().area;
        let buf = draw(app);
        let row = |y| (area.x..area.right()).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..14).position(|y| row(area.y + 1 + y).ends_with("─0") || row(area.y + 1 + y).contains("─0 "))
    };
    let (low, high) = app.report().unwrap().map.range;
    assert_eq!(zero(&app), Some((high / (high - low) * 14.0) as usize));
    press(&mut app, "xx");
    assert_eq!(zero(&app), Some(7), "symmetric: in the middle");
    press(&mut app, "v");
    assert_eq!(zero(&app), None, "with biases mixed in it has no meaning");
}

#[test]
fn what_a_picture_says_of_pixels_hardly_ever_inked_is_warned_of() {
    for (lens, share, of_plain, width, expected) in [
        ("", 0.4, 0.4, 80, "do not read the rim outside rows 4-23, columns 5-22"),
        ("", 0.4, 0.4, 120, "do not read the rim outside rows 4-23, columns 5-22, hardly inked"),
        (
            "",
            0.4,
            0.4,
            200,
            "do not read the rim outside rows 4-23, columns 5-22: hardly ever inked, yet 40 % of the picture",
        ),
        ("", 0.05, 0.4, 120, ""),
        ("v", 0.4, 0.4, 120, ""),
        ("vvvv", 0.05, 0.4, 120, "the rim is grey: hardly ever inked"),
        ("vvvv", 0.05, 0.0, 120, ""),
    ] {
        let mut app = studied(&[32, 16], (width, 40), Phase::Paused);
        press(&mut app, &format!("3{lens}"));
        let mut page = app.page.as_deref().unwrap().clone();
        page.maps.iter_mut().for_each(|map| map.edge_share = Some(share));
        page.inked = Some([4..=23, 5..=22]);
        app.show(Arc::new(page));
        let study = app.study.as_deref().unwrap().clone();
        app.learn(Arc::new(Study { edge_share: Some(of_plain), ..study }));
        let row = app.areas().unwrap().page_line.y;
        let said = text(&draw(&app)).lines().nth(row.into()).unwrap().to_owned();
        assert!(said.contains(expected), "{lens} {share}: {said}");
        assert_eq!(said.contains("rim"), !expected.is_empty(), "{lens} {share}: {said}");
    }
}

#[test]
fn the_inspector_warns_of_the_rim_at_every_size() {
    for (size, expected) in [
        ((80, 24), "do not read the rim outside rows 4-23, columns 5-22"),
        ((120, 40), "do not read the rim outside rows 4-23, columns 5-22, hardly inked"),
        ((200, 60), "do not read the rim outside rows 4-23, columns 5-22: hardly ever inked, yet 40 % of the picture"),
    ] {
        let mut app = studied(&[32, 16], size, Phase::Paused);
        press(&mut app, "2<enter>");
        let mut page = app.page.as_deref().unwrap().clone();
        page.focus.as_mut().unwrap().map.edge_share = Some(0.4);
        page.inked = Some([4..=23, 5..=22]);
        app.show(Arc::new(page));
        let screen = text(&draw(&app));
        assert!(screen.contains(expected), "{size:?}\n{screen}");
    }
}

#[test]
fn what_the_run_says_is_shown() {
    let mut app = App::new(
        plan(&[32]),
        Options {
            note: Some("built-in digits: no MNIST found; weightscope data fetch mnist".into()),
            ..options(COLOURS)
        },
    );
    app.size = Size::new(80, 24);
    assert!(text(&draw(&app)).contains("built-in digits: no MNIST found; weightscope data fetch mnist"));

    let mut saved = snapshot(&app.plan, 1, Phase::Training, 4);
    saved.notice = Some("saved runs/1/last.safetensors".into());
    app.see(Arc::new(saved));
    assert!(text(&draw(&app)).contains("saved runs/1/last.safetensors"));
    app.tick(std::time::Duration::from_secs(7));
    assert!(!text(&draw(&app)).contains("saved"), "messages go away by themselves");

    let reason = "the loss is not finite at step 7: try a learning rate of 0.001";
    app.see(Arc::new(snapshot(&app.plan.clone(), 2, Phase::Diverged { reason: reason.into() }, 7)));
    let screen = text(&draw(&app));
    assert!(screen.contains("diverged") && screen.contains(reason) && screen.contains("r restart"), "{screen}");
}

#[test]
fn clothes_are_named_where_digits_would_be() {
    let mut plan = (*plan(&[32])).clone();
    plan.class_names[7] = "Sneaker".into();
    let mut app = App::new(Arc::new(plan), options(COLOURS));
    app.size = Size::new(120, 40);
    press(&mut app, "2G<left><left>");
    let screen = text(&draw(&app));
    assert!(screen.contains("7 Sneaker") && screen.contains("output 7 Sneaker"), "{screen}");
}
