//! Which lens over which images, how far to trust it, one image and why: that each is on screen, and every number of it
//! is the one that the lens found.

use std::sync::Arc;

use weightscope::data::SharedDataset;
use weightscope::lens::page::Projector;
use weightscope::lens::{Lens, Over};
use weightscope::nn::{Activation, Mlp};
use weightscope::session::Phase;
use weightscope::ui::app::{App, Chart, Charts, Overlay};
use weightscope::ui::palette::{Depth, Palette};
use weightscope::ui::theme::Theme;
use weightscope::ui::view::text::measure;

use crate::support::app::{COLOURS, app, draw, images, snapshot, studied, study};
use crate::support::keys::events;
use crate::support::screen::{levels, styled, text};

const SIZE: (u16, u16) = (120, 40);

/// Presses keys; the lens has images to look at.
fn press(app: &mut App, keys: &str) {
    for event in events(keys) {
        app.key(event);
    }
    let data = SharedDataset::default();
    data.put(images());
    if let Some(request) = app.request() {
        app.show(Arc::new(Projector::new(Arc::new(data)).page(&request)));
    }
}

/// A dashboard with images and numbers, after some keys.
fn looking(hidden: &[usize], size: (u16, u16), keys: &str) -> App {
    let mut app = studied(hidden, size, Phase::Paused);
    press(&mut app, keys);
    app
}

fn screen(app: &App) -> String {
    text(&draw(app))
}

fn sentence(app: &App) -> String {
    let area = app.areas().unwrap().sentence;
    screen(app).lines().skip(area.y.into()).take(area.height.into()).collect::<Vec<_>>().join(" ")
}

fn message(app: &App) -> &str {
    app.message.as_ref().map_or("", |message| &message.text)
}

/// Compares the styled screen with the one in `tests/it/snapshots/`.
fn check(name: &str, app: &App) {
    let shown = styled(&draw(app), &Theme::new(app.options.palette));
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, shown);
    });
}

#[test]
fn every_lens_at_80x24_and_120x40() {
    for (size, name) in [((80, 24), "80x24"), (SIZE, "120x40")] {
        let mut app = looking(&[32, 16], size, "3");
        for lens in Lens::ALL {
            assert_eq!(app.lens, lens);
            // An image that is searched for in many steps is not the same on every machine.
            if lens != Lens::Preferred {
                check(&format!("lens_{}_{name}", lens.name()), &app);
            }
            press(&mut app, "v");
        }
    }
}

#[test]
fn the_number_under_each_map_is_the_one_of_this_very_map() {
    for size in [(80, 24), SIZE, (200, 60)] {
        for (keys, layer) in [("2", 1), ("3", 2)] {
            let mut app = looking(&[32, 16], size, keys);
            for lens in Lens::ALL {
                let page = app.page.clone().unwrap();
                let grid = app.areas().unwrap().grid.unwrap();
                let buf = draw(&app);
                for (place, map) in page.maps.iter().enumerate() {
                    let caption: String = grid.caption(place).positions().map(|at| buf[at].symbol()).collect();
                    let plain = app.study.as_ref().unwrap().layers[layer].nodes[map.node.index].faithfulness;
                    let r2 = if lens == Lens::Plain { plain } else { map.faithfulness };
                    match r2 {
                        _ if !lens.foretells() => assert!(!caption.contains("R²"), "{caption}"),
                        Some(r2) => assert!(caption.contains(&format!("R² {}", measure(r2, 2))), "{lens:?} {caption}"),
                        None => assert!(caption.contains("R² –") || map.flat, "{lens:?} {caption}"),
                    }
                }
                if lens.foretells() {
                    let known: Vec<f64> = page.maps.iter().filter_map(|map| app.r2(map)).collect();
                    let mean = measure(known.iter().sum::<f64>() / known.len() as f64, 2);
                    let sentence = sentence(&app);
                    assert!(
                        sentence.contains(&format!("R² {mean}")) && sentence.contains("100"),
                        "{lens:?} {sentence}"
                    );
                } else {
                    assert!(sentence(&app).contains("no R²"), "{lens:?} {}", sentence(&app));
                }
                press(&mut app, "v");
            }
        }
    }
}

#[test]
fn agreement_is_on_screen_with_what_it_rests_on_and_its_step_when_it_is_old() {
    let mut app = looking(&[32, 16], SIZE, "3");
    let study = app.study.clone().unwrap();
    let agreement = measure(study.agreement.unwrap(), 2);
    assert!(screen(&app).contains(&format!("agreement      {agreement}")), "{}", screen(&app));
    assert!(screen(&app).contains("Measured on all 100 test images; the"));
    let mut small = looking(&[32, 16], (80, 24), "3");
    let mut known = (*study).clone();
    Arc::make_mut(&mut known.trend).add(&small.plan, &study);
    small.learn(Arc::new(known));
    assert!(screen(&small).contains(&format!("agreement {agreement}")), "{}", screen(&small));
    // The network has gone on, the study has not.
    app.see(Arc::new(snapshot(&app.plan.clone(), 2, Phase::Paused, 20)));
    press(&mut app, "");
    assert!(screen(&app).contains("Measured on all 100 test images, at step"), "{}", screen(&app));
    assert!(!sentence(&app).contains("the network's on"), "{}", sentence(&app));
    // And begun anew.
    app.see(Arc::new(snapshot(&app.plan.clone(), 3, Phase::Paused, 0)));
    press(&mut app, "");
    assert!(!screen(&app).contains("agreement"), "{}", screen(&app));
}

#[test]
fn a_goes_through_the_images_that_make_a_difference() {
    let mut app = looking(&[32, 16], SIZE, "3a");
    assert!(message(&app).contains("weights alone"), "{}", message(&app));
    assert_eq!(app.over(), Over::Own);
    press(&mut app, "vvvvv");
    assert_eq!(app.lens, Lens::Gated);
    assert!(screen(&app).contains("over own class") && sentence(&app).contains("own class"), "{}", screen(&app));
    let own = app.page.clone().unwrap();
    press(&mut app, "a");
    assert_eq!((app.over(), app.page.as_ref().unwrap().n_images), (Over::All, Some(100)));
    assert_ne!(app.page.as_ref().unwrap().maps, own.maps);
    assert!(screen(&app).contains("over all images") && sentence(&app).contains("all images"));
    press(&mut app, "<right><right>a");
    assert_eq!(app.over(), Over::Class(2), "the class of the output under the cursor");
    press(&mut app, "AA");
    assert_eq!((app.over(), app.page.as_ref().unwrap().n_images), (Over::Class(4), Some(10)));
    assert!(screen(&app).contains("over class 4"));
    press(&mut app, "a");
    assert_eq!(app.over(), Over::Own, "no image is picked");
    press(&mut app, "i17<enter><esc>");
    assert_eq!((app.over(), app.page.as_ref().unwrap().n_images), (Over::Image(17), Some(1)));
    assert!(sentence(&app).contains("17"), "{}", sentence(&app));
    // Other lenses know no single image, hidden nodes no class of their own.
    press(&mut app, "vv");
    assert_eq!((app.lens, app.over()), (Lens::Top, Over::Own));
    press(&mut app, "1VVa");
    assert!(message(&app).contains("weights alone"), "the first layer has no gates");
}

#[test]
fn an_image_is_picked_by_number_by_class_and_as_a_mistake() {
    let mut app = looking(&[32, 16], SIZE, "3i");
    assert!(screen(&app).contains("pick test image") && screen(&app).contains("c3: the next one of class 3"));
    press(&mut app, "q4x2<enter>");
    assert_eq!((app.looking.image, app.overlay.clone()), (Some(42), Overlay::None));
    let shown = app.shown_image().unwrap();
    assert_eq!(shown.label, 2);
    let found = screen(&app);
    assert!(found.contains("image 42  a 2"), "{found}");
    for (k, p) in shown.probabilities.iter().enumerate().filter(|(_, p)| **p > 0.11) {
        assert!(found.contains(&format!("{k} {}", measure(f64::from(*p), 3))), "{k} {p}\n{found}");
    }
    press(&mut app, "ic7<enter>");
    assert_eq!(app.looking.image, Some(47), "the next of its class");
    press(&mut app, "i99999<enter>");
    assert!(message(&app).contains("there is no such test image"));
    assert_eq!(app.looking.image, Some(47));

    let judged = app.study.as_ref().unwrap().judged.clone();
    let wrong: Vec<_> = judged.iter().filter(|judged| judged.label != judged.answer).collect();
    assert!(wrong.len() > 10);
    let next = wrong.iter().find(|judged| judged.image > 47).unwrap();
    press(&mut app, "n");
    assert_eq!(app.looking.image, Some(next.image));
    assert!(message(&app).contains(&format!("a {}, answered {}", next.label, next.answer)), "{}", message(&app));
    assert!(screen(&app).contains("wrong"));
    let back = wrong.iter().rfind(|judged| judged.image < next.image).unwrap();
    press(&mut app, "N");
    assert_eq!(app.looking.image, Some(back.image));
    for _ in 0..wrong.len() {
        press(&mut app, "n");
    }
    assert_eq!(app.looking.image, Some(back.image), "round and round");
    press(&mut app, "<esc>");
    assert!(screen(&app).contains(&format!("output {}", back.answer)), "the node is back, that of the answer");
}

#[test]
fn why_this_answer_and_not_another() {
    let mut app = looking(&[32, 16], SIZE, "3n");
    let because = app.because().unwrap().clone();
    let shown = app.shown_image().unwrap().clone();
    assert_eq!((because.a, because.b), (shown.answer, shown.label), "of a mistake");
    let sum: f64 = because.map.raw.iter().map(|v| f64::from(*v)).sum();
    assert!((sum - (because.lead - because.from_biases)).abs() < 1e-4);
    assert!(screen(&app).contains(&format!("why {} and not {}", because.a, because.b)));
    assert!(screen(&app).contains("lead +") && screen(&app).contains("= drawn here"), "{}", screen(&app));
    let most = because.from_biases.abs() > (because.lead - because.from_biases).abs();
    let area = app.areas().unwrap().image.unwrap();
    let rows = screen(&app).lines().map(|row| row.chars().skip(area.x.into()).collect::<String>()).collect::<Vec<_>>();
    let words = rows.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(most, "the images of this test are faint: {because:?}");
    assert!(words.contains("; mostly biases"), "{words}");
    let buf = draw(&app);
    let cells = area.positions().filter(|at| levels(&buf[*at]).is_some()).count();
    assert!(cells >= 28 * 14 + 14 * 7, "image and evidence: {cells}");
    let mut seen = vec![because.b];
    for _ in 0..8 {
        press(&mut app, "y");
        let because = app.because().unwrap();
        assert_eq!(because.a, shown.answer);
        let title = if because.b == shown.label {
            format!("why {} and not {}", because.a, because.b)
        } else {
            format!("why {}, not {} (true {})", because.a, because.b, shown.label)
        };
        assert!(screen(&app).contains(&title), "{title}");
        seen.push(because.b);
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..10).filter(|k| *k != shown.answer).collect::<Vec<_>>());
    let before = app.because().unwrap().clone();
    press(&mut app, "Y");
    let after = app.because().unwrap();
    assert_eq!((after.a, after.b), (before.b, before.a));
    assert!((after.lead + before.lead).abs() < 1e-12);
    // At 80x24 it takes the gallery's place, and gives it back.
    let mut app = looking(&[32, 16], (80, 24), "3y");
    assert!(screen(&app).contains("why ") && app.areas().unwrap().grid.is_none());
    check("image_80x24", &app);
    press(&mut app, "<esc>");
    assert!(app.areas().unwrap().grid.is_some());
    check("image_120x40", &looking(&[32, 16], SIZE, "3n"));
}

#[test]
fn what_cannot_be_shown_says_why_in_one_line() {
    // No data: the lens that needs none still shows its maps.
    let mut app = studied(&[32, 16], SIZE, Phase::Paused);
    crate::support::app::press(&mut app, "3vvv");
    assert!(screen(&app).contains("The lens response pattern looks at test images: they are being read."));
    let mut plan = (*app.plan).clone();
    plan.data = "data not found".into();
    app.plan = Arc::new(plan);
    assert!(screen(&app).contains("name it with --data SOURCE"));
    crate::support::app::press(&mut app, "VVV");
    assert!(!screen(&app).contains("looks at test images"));

    let app = looking(&[32, 16], SIZE, "3vvvvvi300<enter>");
    assert!(screen(&app).contains("There is no test image 300"), "{}", screen(&app));

    let mut app = looking(&[32, 16], SIZE, "3");
    let mut snapshot = (**app.snapshot.as_ref().unwrap()).clone();
    let mut plan = (*snapshot.plan).clone();
    plan.shape.activation = Activation::Tanh;
    snapshot.model = Arc::new(Mlp::new(&plan.shape, 1));
    snapshot.plan = Arc::new(plan);
    app.see(Arc::new(snapshot));
    app.learn(study(&app));
    press(&mut app, "n");
    let found = screen(&app);
    assert!(found.contains("Exact evidence needs ReLU:") && found.contains("tanh"), "{found}");
    assert!(found.contains("probability") && app.page.as_ref().unwrap().maps.len() == 10, "the rest is there");
}

#[test]
fn the_softmax_gauge_is_said_while_it_is_on() {
    let mut app = looking(&[32, 16], SIZE, "3");
    let plain = app.page.clone().unwrap();
    press(&mut app, "C");
    assert!(screen(&app).contains("plain centred"), "{}", screen(&app));
    assert!(message(&app).contains("less the mean of all outputs"));
    let centred = app.page.clone().unwrap();
    for pixel in [100, 400] {
        let mean = plain.maps.iter().map(|map| map.raw[pixel]).sum::<f32>() / 10.0;
        assert!((centred.maps[3].raw[pixel] - (plain.maps[3].raw[pixel] - mean)).abs() < 1e-4);
    }
    let r2 = centred.maps[3].faithfulness.unwrap();
    assert!(screen(&app).contains(&format!("3 R² {}", measure(r2, 2))), "the number is that of the centred map");
    press(&mut app, "2");
    assert!(!screen(&app).contains("centred "), "hidden nodes have no such freedom");
    press(&mut app, "3C");
    assert_eq!(app.page.as_ref().unwrap().maps, plain.maps);
}

#[test]
fn charts_follow_the_trend_of_the_study() {
    let mut app = looking(&[32, 16], SIZE, "3");
    let mut study = (**app.study.as_ref().unwrap()).clone();
    for step in [8, 16] {
        let mut at = study.clone();
        at.step = step;
        Arc::make_mut(&mut study.trend).add(&app.plan, &at);
    }
    app.learn(Arc::new(study.clone()));
    let charts = |app: &App| app.areas().unwrap().charts.iter().map(|(chart, _)| *chart).collect::<Vec<_>>();
    assert_eq!(charts(&app), [Chart::Loss, Chart::Accuracy]);
    press(&mut app, "T");
    assert_eq!((app.charts, charts(&app)), (Charts::Trust, vec![Chart::Faithfulness, Chart::Template]));
    let r2 = measure(study.output_faithfulness().unwrap(), 2);
    assert!(screen(&app).contains(&format!("faithfulness  R² {r2}")), "{}", screen(&app));
    assert!(screen(&app).contains(&format!("template match  outputs {}", measure(study.template_match.unwrap(), 2))));
    press(&mut app, "T");
    let structure = measure(study.layers[1].structure.unwrap(), 2);
    assert!(screen(&app).contains(&format!("L2 {structure}")), "{}", screen(&app));
    let dead = study.layers[0].dead.unwrap();
    assert!(dead > 0 && screen(&app).contains(&format!("dead nodes  L1 {dead}")), "{}", screen(&app));
    // All of them where there is room for all.
    press(&mut app, "Tww");
    assert_eq!(charts(&app).len(), 6);
    check("charts_120x40", &app);
    let mut app = looking(&[32, 16], (200, 60), "3");
    press(&mut app, "");
    assert!(charts(&app).len() >= 4, "{:?}", charts(&app));
    app.learn(Arc::new(study));
    check("outputs_200x60", &app);
}

#[test]
fn looking_works_on_every_terminal_and_at_every_size() {
    for palette in [Palette { depth: Depth::None, ascii: true, ..COLOURS }, Palette { depth: Depth::Ansi16, ..COLOURS }]
    {
        for size in [(60, 20), (80, 24), (100, 30), SIZE, (200, 60)] {
            let mut app = looking(&[32, 16], size, "3");
            app.options.palette = palette;
            for keys in ["n", "y", "Y", "<esc>vvvvv", "a", "a", "A", "C", "T", "w", "i", "c3<enter>", "2", "<tab>"] {
                press(&mut app, keys);
                let found = screen(&app);
                assert!(!palette.ascii || found.is_ascii(), "{keys} {size:?}\n{found}");
                assert!(found.contains("q quit") || app.overlay != Overlay::None, "{keys} {size:?}\n{found}");
            }
        }
    }
    let mut app = app(&[32], SIZE);
    press(&mut app, "nNyYaAiCT<esc>");
    assert_eq!(app.looking.image, Some(0), "nothing is judged yet, and the first image is there");
}
