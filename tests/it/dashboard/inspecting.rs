//! The inspector: everything known of a node, and the way down through the pictures that make its picture.

use std::sync::Arc;

use weightscope::lens::page::Projector;
use weightscope::lens::{NodeId, Scale, scale};
use weightscope::session::Phase;
use weightscope::ui::app::App;
use weightscope::ui::palette::{Depth, Palette};
use weightscope::ui::theme::Theme;

use crate::support::app::{draw, press, running, studied};
use crate::support::screen::{levels, styled, text};

const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (120, 40), (200, 60)];

fn screen(app: &App) -> String {
    text(&draw(app))
}

/// All pages of the inspector one after the other.
fn pages(app: &mut App) -> String {
    let n = app.sheets().unwrap().len();
    let mut all = String::new();
    for _ in 0..n {
        all += &screen(app);
        if n > 1 {
            press(app, "w");
        }
    }
    all
}

fn check(name: &str, app: &App) {
    let shown = styled(&draw(app), &Theme::new(app.options.palette));
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, shown);
    });
}

#[test]
fn the_inspector_at_three_sizes() {
    let paused = |size, keys: [&str; 3]| {
        let mut app = studied(&[24, 16], size, Phase::Paused);
        for keys in keys {
            press(&mut app, keys);
        }
        app
    };
    check("inspector_node_80x24", &paused((80, 24), ["2j", "<enter>", ""]));
    check("inspector_parts_80x24", &paused((80, 24), ["2j", "<enter>", "j"]));
    check("inspector_weights_80x24", &paused((80, 24), ["2j", "<enter>", "ww"]));
    check("inspector_120x40", &paused((120, 40), ["3ll<enter>", "<enter>", ""]));
    check("inspector_first_layer_120x40", &paused((120, 40), ["3ll<enter>", "<enter>", "<enter>"]));
    check("inspector_200x60", &paused((200, 60), ["3", "<enter>", ""]));
}

#[test]
fn everything_known_is_on_one_of_its_pages() {
    for size in SIZES {
        let mut app = studied(&[24, 16], size, Phase::Paused);
        press(&mut app, "2/6<enter>");
        press(&mut app, "<enter>");
        let all = pages(&mut app);
        let study = app.node_study(6).unwrap();
        let (class, _) = study.preference.unwrap();
        for part in [
            "fires on ".to_owned(),
            format!("prefers {class}"),
            format!("R² {:.2}", study.faithfulness.unwrap()).replace("0.", "."),
            "structure ".to_owned(),
            "norm ".to_owned(),
            "bias ".to_owned(),
            format!("{} of 24", app.origin().unwrap().half),
            "make half".to_owned(),
            " +100.0 %".to_owned(),
            "weights 24 into it".to_owned(),
            "from node".to_owned(),
            "to output".to_owned(),
            "layer 2 node 6".to_owned(),
        ] {
            // The smallest screen has no row for a title and what the shares add up to.
            let small = size == (60, 20) && (part.starts_with("layer") || part.starts_with(" +100"));
            assert!(small || all.contains(&part), "{part:?} at {size:?}\n{all}");
        }
        // One bar a class, the longest of the preferred one.
        let bar = |line: &str, digit: usize| {
            let (_, rest) = line.split_once(&format!(" {digit} "))?;
            rest.starts_with(['█', '▏', '▎', '▍', '▌', '▋', '▊', '▉'])
                .then(|| rest.chars().take_while(|c| *c == '█').count())
        };
        let bars: Vec<usize> =
            (0..10).map(|digit| all.lines().find_map(|line| bar(line, digit)).unwrap_or_default()).collect();
        assert_eq!(bars.iter().max(), Some(&bars[class]), "{size:?} {bars:?}\n{all}");
    }
}

#[test]
fn the_way_down_leads_to_the_parts_and_back_up() {
    let mut app = studied(&[24, 16], (120, 40), Phase::Paused);
    press(&mut app, "3lll<enter>");
    assert_eq!((app.inspecting, app.layer, app.cursor()), (true, 2, 3));
    // The second part of output 3.
    press(&mut app, "l");
    let second = app.origin().unwrap().parts[1].map.node;
    press(&mut app, "<enter>");
    assert_eq!((app.layer, app.cursor()), (1, second.index));
    assert!(screen(&app).contains(&format!("output 3 < layer 2 node {}", second.index)));
    press(&mut app, "j");
    let against = app.origin().unwrap().against[0].map.node;
    press(&mut app, "<enter>");
    assert_eq!((app.layer, app.cursor()), (0, against.index));
    let way = format!("output 3 < layer 2 node {} < layer 1 node {}", second.index, against.index);
    assert!(screen(&app).contains(&way), "{}", screen(&app));
    assert!(screen(&app).contains("of 784 pixels make half of this picture"));
    press(&mut app, "<enter>");
    assert!(screen(&app).contains("nothing lies below"));
    assert_eq!(app.layer, 0);

    press(&mut app, "<esc>");
    assert_eq!(
        (app.layer, app.cursor(), app.part()),
        (1, second.index, Some(against.index)),
        "on the part it came from"
    );
    press(&mut app, "<esc>");
    assert_eq!((app.layer, app.cursor(), app.part()), (2, 3, Some(second.index)));
    assert!(app.way().next().is_none() && app.inspecting);
    press(&mut app, "<esc>");
    assert!(!app.inspecting);
}

#[test]
fn whoever_goes_elsewhere_is_no_longer_on_the_way() {
    for keys in ["<pgdn>", "3", "<tab>", "/2<enter>", "G"] {
        let mut app = studied(&[24, 16], (120, 40), Phase::Paused);
        press(&mut app, "3lll<enter>");
        press(&mut app, "<enter>");
        assert_eq!(app.way().next(), Some(NodeId { layer: 2, index: 3 }));
        press(&mut app, keys);
        assert!(app.inspecting && app.way().next().is_none(), "{keys}");
        press(&mut app, "<esc>");
        assert!(!app.inspecting, "{keys}");
    }
}

#[test]
fn the_parts_are_drawn_as_they_add_up() {
    for size in SIZES {
        let mut app = studied(&[24, 16], size, Phase::Paused);
        // An arrow leads to the page that they are on.
        press(&mut app, "3<enter>");
        if app.sheet().unwrap().parts.is_none() {
            press(&mut app, "l");
        }
        let grid = app.sheet().unwrap().parts.unwrap();
        let (buf, rows) = (draw(&app), app.parts_shown(&grid));
        assert!(!rows.is_empty());
        for (y, row) in rows.iter().enumerate() {
            for (x, part) in row.iter().enumerate() {
                let (area, caption) = grid.place(y, x);
                for (cell, at) in area.positions().zip(0..) {
                    let (column, line) = (at % 14, at / 14);
                    let level = |line: usize| part.map.levels[line * 14 + column];
                    assert_eq!(levels(&buf[cell]), Some((level(2 * line), level(2 * line + 1))), "{size:?}");
                }
                let said: String = caption.positions().map(|at| buf[at].symbol()).collect();
                let sign = if part.weight < 0.0 { "-" } else { "" };
                let share = format!("{sign}n{} {:+.1}%", part.map.node.index, part.share * 100.0);
                let said: Vec<&str> = said.split_whitespace().collect();
                assert_eq!(said.join(" "), format!("{share} 0"), "with the grey of 0");
            }
        }
    }
}

#[test]
fn arrows_go_over_all_parts_and_stop_at_the_ends() {
    let mut app = studied(&[200, 16], (120, 40), Phase::Paused);
    press(&mut app, "2<enter>");
    let grid = app.sheet().unwrap().parts.unwrap();
    let all: Vec<usize> = app.parts_shown(&grid).concat().iter().map(|part| part.map.node.index).collect();
    assert_eq!((grid.columns, all.len()), (5, 10));
    assert_eq!(app.part(), Some(all[0]));
    for (keys, place) in
        [("h", 0), ("k", 0), ("l", 1), ("j", 6), ("ll", 8), ("j", 8), ("llllllll", 9), ("kk", 4), ("l", 5)]
    {
        press(&mut app, keys);
        assert_eq!(app.part(), Some(all[place]), "{keys}");
    }
    // It stays on its node when the network has moved on, wherever that stands then.
    let part = app.part();
    let mut snapshot = (**app.snapshot.as_ref().unwrap()).clone();
    let mut model = (*snapshot.model).clone();
    model.layers[1].weight.row_mut(0).iter_mut().enumerate().for_each(|(i, w)| *w *= (i % 7) as f32);
    (snapshot.version, snapshot.model) = (2, Arc::new(model));
    app.see(Arc::new(snapshot));
    crate::support::app::settle(&mut app);
    assert_eq!(app.part(), part);
}

#[test]
fn one_node_minus_another() {
    let mut app = studied(&[24, 16], (120, 40), Phase::Paused);
    app.size = (80, 24).into();
    press(&mut app, "2lld");
    assert!(screen(&app).contains("node 2 taken: Enter on another one shows 2 minus it"), "{}", screen(&app));
    app.size = (120, 40).into();
    press(&mut app, "dd");
    assert!(screen(&app).contains("node 2 taken: now 2 minus the one under the cursor"));
    press(&mut app, "ll");
    assert_eq!((app.taken(), app.cursor()), (Some(2), 4));
    let gallery = screen(&app);
    assert!(gallery.contains("node 2 minus 4"), "also beside the gallery\n{gallery}");
    assert!(gallery.contains("light: ink raises 2 more than 4"), "{gallery}");
    app.size = (200, 60).into();
    let wide = screen(&app);
    let [two, four] = [2, 4].map(|node| app.node_study(node).unwrap().faithfulness.unwrap());
    let trust = format!("R² of its maps: 2 {two:.2}, 4 {four:.2}").replace(" 0.", " .");
    assert!(wide.contains(&trust) && wide.contains("the numbers of 4:"), "{trust}\n{wide}");
    assert!(wide.contains("trust it as the poorer: "), "{wide}");
    assert!(wide.contains("Left: ") && wide.contains("The left maps foretell"), "not of the difference: {wide}");
    press(&mut app, "v");
    assert!(screen(&app).contains("light: more in 2 than in 4"), "biases mixed in: no ink raises anything");
    press(&mut app, "V");
    app.size = (120, 40).into();
    press(&mut app, "<enter>");
    assert!(screen(&app).contains("layer 2 node 2 minus 4  bright: more in 2, dark: more in 4"), "{}", screen(&app));

    // numpy: d = P[:, 2] - P[:, 4]; a = abs(d).max(); np.trunc(255 * (d + a) / (2 * a))
    let mut request = app.request().unwrap();
    (request.sight.nodes, request.sight.side) = (vec![2, 4], 28);
    let maps = Projector::default().page(&request).maps;
    let difference: Vec<f32> = maps[0].raw.iter().zip(&maps[1].raw).map(|(a, b)| a - b).collect();
    let expected = scale::levels(&difference, Scale::Symmetric.range(&difference, (0.0, 0.0)));
    let (buf, map) = (draw(&app), app.sheet().unwrap().portrait.unwrap().map);
    for (cell, at) in map.positions().zip(0..) {
        let (upper, lower) = levels(&buf[cell]).unwrap();
        for (level, line) in [(upper, at / 28 * 2), (lower, at / 28 * 2 + 1)] {
            // Differences of rounded values may fall on the other side of a step.
            assert!(level.abs_diff(expected[line * 28 + at % 28]) <= 1);
        }
    }

    press(&mut app, "<esc>");
    assert_eq!((app.taken(), app.inspecting), (None, true), "one thing at a time");
    press(&mut app, "d<tab>");
    assert_eq!(app.taken(), None, "each layer for itself");
    press(&mut app, "<shift-tab>d");
    assert_eq!(app.taken(), None, "again leaves it");
}

#[test]
fn the_keys_that_matter_in_the_inspector_are_named() {
    let hints = |app: &App| screen(app).lines().last().unwrap().to_owned();
    let mut app = studied(&[24, 16], (80, 24), Phase::Paused);
    press(&mut app, "2<enter>");
    for hint in ["Enter follow", "Esc back", "w more"] {
        assert!(hints(&app).contains(hint), "{hint}: {}", hints(&app));
    }
    press(&mut app, "<enter>");
    assert!(hints(&app).contains("Esc back up") && !hints(&app).contains("follow"), "{}", hints(&app));
    let mut app = studied(&[24, 16], (120, 40), Phase::Paused);
    press(&mut app, "2<enter>");
    assert!(!hints(&app).contains("more") && hints(&app).contains("PgDn node"), "{}", hints(&app));
}

#[test]
fn without_images_it_says_what_is_missing_and_invents_nothing() {
    let mut app = running(&[24, 16], (120, 40), Phase::Paused);
    press(&mut app, "2<enter>");
    let shown = screen(&app);
    assert!(
        shown.contains("its numbers are being computed") && shown.contains("answers are being computed"),
        "{shown}"
    );
    assert!(!shown.contains("fires") && !shown.contains("R²") && shown.contains("make half of this picture"));
}

#[test]
fn the_inspector_needs_no_colour_and_no_unicode() {
    for palette in [
        Palette { depth: Depth::None, ascii: false, light: false },
        Palette { depth: Depth::Ansi256, ascii: true, light: false },
    ] {
        for size in SIZES {
            let mut app = studied(&[24, 16], size, Phase::Training);
            app.options.palette = palette;
            press(&mut app, "3<enter>");
            for keys in ["", "w", "w", "<pgdn>d<pgdn>", "v", "<enter>"] {
                press(&mut app, keys);
                let shown = screen(&app);
                assert!(!palette.ascii || shown.is_ascii(), "{:?}\n{shown}", shown.chars().find(|c| !c.is_ascii()));
            }
        }
    }
}
