//! The data's tab: what keys and clicks do there, and what it shows.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;
use weightscope::lens::survey::Region;
use weightscope::session::{Control, Phase};
use weightscope::ui::app::{App, Reach, Tab, Tone};
use weightscope::ui::keys::{self, Action};
use weightscope::ui::palette::{Depth, Palette};
use weightscope::ui::theme::Theme;

use crate::support::app::{COLOURS, Journey, draw, on_data, press, running};
use crate::support::screen::{levels, styled, text};

const SIZES: [(u16, u16); 6] = [(60, 20), (80, 24), (100, 30), (120, 40), (200, 60), (400, 120)];

fn shown(app: &App) -> String {
    text(&draw(app))
}

#[test]
fn every_key_does_something_there() {
    for bind in keys::binds() {
        for size in [(80, 24), (120, 40), (200, 60)] {
            for start in ["", "<enter>"] {
                // From where there is room on every side.
                let class = if size.0 > 80 { "jl" } else { "jj" };
                let mut app = on_data(size, &format!("{class}<pgdn>{start}"));
                let before = shown(&app);
                let effect = app.update(bind.action);
                let idle = match bind.action {
                    Action::Data => true,
                    Action::Back => start.is_empty(),
                    // The last row of classes, a page that is the last.
                    Action::Down | Action::Right | Action::NextPage | Action::Last => !app.data.on_pixels,
                    // The smallest region, already.
                    Action::Smaller => app.data.on_pixels,
                    _ => false,
                };
                assert!(effect.is_some() || idle || shown(&app) != before, "{:?} at {size:?} {start}", bind.action);
            }
        }
    }
}

#[test]
fn the_cursor_goes_over_classes_and_their_samples() {
    let mut app = on_data((120, 40), "llj");
    assert_eq!(app.data.class, 7, "five means side by side");
    let survey = app.survey.clone().unwrap();
    let n = survey.count(7);
    assert!(shown(&app).contains(&format!("7  1-10 of {n} images")), "{}", shown(&app));
    press(&mut app, "<pgdn>");
    assert_eq!(app.data.rank(), 10);
    press(&mut app, "<pgdn><pgdn><pgdn><pgdn><pgdn>");
    assert_eq!(app.data.rank(), n - 1, "the last page is the last");
    press(&mut app, "kG");
    assert_eq!((app.data.class, app.data.rank()), (2, survey.count(2) - 1), "each class keeps its own page");
    press(&mut app, "g<pgup>");
    assert_eq!(app.data.rank(), 0);
    press(&mut app, "j");
    assert_eq!(app.data.rank(), n - 1);
    // The samples are the class's images in file order.
    let (number, _) = survey.image(7, n - 1).unwrap();
    assert!(shown(&app).contains(&format!("#{number}")));
    press(&mut app, &format!("/{}<enter>", survey.image(4, 5).unwrap().0));
    assert_eq!((app.data.class, app.data.rank()), (4, 5));
    press(&mut app, "/300<enter>");
    assert!(shown(&app).contains("there is no image 300: they are 0 to 299"));
}

#[test]
fn the_cursor_on_the_pixels_widens_and_stays_within() {
    let mut app = on_data((120, 40), "<enter>");
    assert_eq!((app.data.region(), app.data.on_pixels), (Region { rows: 14..15, columns: 14..15 }, true));
    press(&mut app, "hhk");
    assert_eq!(app.data.pixel, (13, 12));
    for (reach, region) in [
        (Reach::Patch, Region { rows: 12..15, columns: 11..14 }),
        (Reach::LargePatch, Region { rows: 10..17, columns: 9..16 }),
        (Reach::Row, Region { rows: 13..14, columns: 0..28 }),
        (Reach::Rows, Region { rows: 13..15, columns: 0..28 }),
        (Reach::Column, Region { rows: 0..28, columns: 12..13 }),
        (Reach::Columns, Region { rows: 0..28, columns: 12..14 }),
        (Reach::Columns, Region { rows: 0..28, columns: 12..14 }),
    ] {
        press(&mut app, "+");
        assert_eq!((app.data.reach, app.data.region()), (reach, region));
    }
    press(&mut app, "G--");
    assert_eq!(app.data.region(), Region { rows: 26..28, columns: 0..28 });
    for reach in Reach::ALL {
        for corner in [(0, 0), (0, 27), (27, 0), (27, 27)] {
            let region = reach.region(corner);
            assert!(region.rows.end <= 28 && region.columns.end <= 28);
            assert!(region.rows.contains(&corner.0) && region.columns.contains(&corner.1));
            assert_eq!(region.rows.len(), reach.region((14, 14)).rows.len());
        }
    }
    press(&mut app, "<esc>");
    assert!(!app.data.on_pixels && app.tab() == Tab::Data);
}

#[test]
fn the_bars_say_who_inks_there() {
    let app = on_data((120, 40), "<enter>++++G");
    let survey = app.survey.clone().unwrap();
    let who = survey.who_inks(&Region { rows: 26..28, columns: 0..28 });
    let all: usize = who.iter().sum();
    assert!(all > 0 && who[7] > 0);
    let screen = shown(&app);
    assert!(screen.contains("rows 26-27"), "{screen}");
    let line = screen.lines().rfind(|line| line.contains("7 ━")).unwrap();
    let want = [who[7] as f64 / survey.count(7) as f64, who[7] as f64 / all as f64];
    for share in want.map(|share| format!("{:.1} %", 100.0 * share)) {
        assert!(line.contains(&share), "{share} in {line}");
    }
}

#[test]
fn the_ink_map_is_exact_and_of_the_class_on_request() {
    for (keys, class, tone) in [("", None, Tone::Even), ("jlv", Some(6), Tone::Even), ("x", None, Tone::Logarithmic)] {
        let app = on_data((120, 40), keys);
        let counts = app.survey.as_ref().unwrap().ink(class);
        let most = f64::from(*counts.iter().max().unwrap());
        let share = |n: u32| match tone {
            Tone::Even => f64::from(n) / most,
            Tone::Logarithmic => f64::from(n).ln_1p() / most.ln_1p(),
        };
        let (buf, map) = (draw(&app), app.areas().unwrap().data.unwrap().ink.unwrap().map);
        assert_eq!((map.width, map.height), (28, 14));
        for (y, row) in map.rows().enumerate() {
            for (x, cell) in row.columns().enumerate() {
                let want = [0, 28].map(|below| (255.0 * share(counts[56 * y + below + x])).round() as u8);
                assert_eq!(levels(&buf[cell.as_position()]), Some((want[0], want[1])), "{keys}: {x},{y}");
            }
        }
    }
}

#[test]
fn clicks_find_classes_and_pixels() {
    let at = |(x, y)| MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: x,
        row: y,
        modifiers: KeyModifiers::NONE,
    };
    let mut app = on_data((200, 60), "");
    let data = app.areas().unwrap().data.unwrap();
    let map: Rect = data.ink.unwrap().map;
    assert!(data.ink.unwrap().double);
    app.click(at((map.x + 13, map.y + 27)));
    assert_eq!((app.data.pixel, app.data.on_pixels), ((27, 6), true));
    let place = data.classes.unwrap().caption(8);
    app.click(at((place.x, place.y)));
    assert_eq!((app.data.class, app.data.on_pixels), (8, false));
    let mut narrow = on_data((80, 24), "");
    let list = narrow.areas().unwrap().data.unwrap().list.unwrap();
    narrow.click(at((list.x + 3, list.y + 4)));
    assert_eq!(narrow.data.class, 4);
    let roll = MouseEvent { kind: MouseEventKind::ScrollDown, ..at((30, 10)) };
    narrow.click(roll);
    assert_eq!(narrow.data.rank(), 7, "a page of seven, beside the mean");
}

#[test]
fn everything_lies_within_the_screen_at_any_size() {
    for size in SIZES {
        for keys in ["", "<enter>", "w", "ww", "v+++"] {
            let app = on_data(size, keys);
            let areas = app.areas().unwrap();
            let data = areas.data.unwrap();
            let screen = app.screen();
            let mut places = vec![data.facts, data.samples_title];
            places.extend(data.list);
            if let Some(ink) = data.ink {
                places.extend([ink.title, ink.map, ink.legend, ink.bars]);
                assert_eq!((ink.map.width, ink.map.height), if ink.double { (56, 28) } else { (28, 14) });
                assert!(ink.bars.height >= 12, "all classes have their bars: {size:?}");
            }
            for (grid, n) in data.classes.map(|grid| (grid, 10)).into_iter().chain(data.samples.map(|grid| (grid, 1))) {
                places.extend((0..n).map(|place| grid.map(place).union(grid.caption(place))));
            }
            for place in places {
                assert!(screen.intersection(place) == place || place.area() == 0, "{place:?} at {size:?} {keys}");
            }
            assert!(data.ink.is_some() || data.samples.is_some());
            draw(&app);
        }
    }
}

#[test]
fn ascii_and_no_colours_will_do() {
    for keys in ["", "<enter>", "<enter>++x", "www"] {
        let mut app = on_data((120, 40), keys);
        app.options.palette = Palette { depth: Depth::Ansi256, ascii: true, light: false };
        let screen = shown(&app);
        assert!(screen.is_ascii(), "{keys}: {:?}\n{screen}", screen.chars().find(|c| !c.is_ascii()));
        app.options.palette = Palette { depth: Depth::None, ascii: false, light: false };
        draw(&app);
    }
}

#[test]
fn while_nothing_is_known_it_says_so() {
    let mut app = running(&[32], (120, 40), Phase::Training);
    press(&mut app, "0");
    assert!(shown(&app).contains("counting the images"), "{}", shown(&app));
    press(&mut app, "jl<enter>++<esc><pgdn>G/5<enter>");
    app.options.live = false;
    app.plan = std::sync::Arc::new(weightscope::session::Plan { test_size: 0, ..(*app.plan).clone() });
    assert!(shown(&app).contains("the data of this network is not there"), "{}", shown(&app));
}

#[test]
fn it_is_counted_when_it_is_first_looked_at() {
    let journey = Journey::begin(&[32], (120, 40), 50.0);
    journey.publish(1, Phase::Training, 4);
    journey.wait_for("training");
    journey.press("0");
    journey.wait_for("never inked");
    journey.press("<enter>++++G");
    journey.wait_for("rows 26-27");
    journey.press("q");
    let (app, exit, controls) = journey.end();
    exit.unwrap();
    assert_eq!((app.tab(), controls), (Tab::Data, vec![Control::Stop]));
}

#[test]
fn the_screen_looks_as_it_did() {
    for (name, size, keys) in
        [("data_120x40", (120, 40), "jl"), ("data_80x24", (80, 24), "jj"), ("pixels_80x24", (80, 24), "<enter>++++G")]
    {
        let app = on_data(size, keys);
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, styled(&draw(&app), &Theme::new(COLOURS)));
        });
    }
}
