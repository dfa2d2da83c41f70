use super::*;

fn subjects() -> impl Iterator<Item = Subject> {
    let mut subjects = Vec::new();
    let trusts = [None, Some(0.08), Some(0.424), Some(0.8), Some(0.93), Some(1.0)];
    for (i, lens) in Lens::ALL.into_iter().cycle().take(9 * 2 * 2 * 4).enumerate() {
        for r2 in trusts {
            for over in [Over::Own, Over::All, Over::Class(7), Over::Image(9_999)] {
                for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
                    subjects.push(Subject {
                        lens,
                        over,
                        centred: i % 4 > 1,
                        scale: Scale::ALL[i / 36],
                        first: i / 9 % 2 == 0,
                        output: i / 18 % 2 == 0,
                        n_maps: i % 3 * 10,
                        activation,
                        n_test: 10_000,
                        best_of: (i % 5 == 0).then_some(36),
                        beside: Beside::Nothing,
                        trust: r2.map(|r2| Trust { r2, n: 10_000, step: None }),
                        plain: r2,
                        agreement: r2,
                    });
                }
            }
        }
    }
    subjects.into_iter()
}

fn outputs(lens: Lens, r2: f64) -> Subject {
    Subject {
        lens,
        over: Over::Own,
        centred: false,
        scale: Scale::Node,
        first: false,
        output: true,
        n_maps: 10,
        activation: Activation::Relu,
        n_test: 10_000,
        best_of: None,
        beside: Beside::Nothing,
        trust: Some(Trust { r2, n: 1_000, step: None }),
        plain: None,
        agreement: Some(0.57),
    }
}

#[test]
fn every_subject_has_a_sentence_for_each_width() {
    for subject in subjects() {
        let sentences = subject.sentences();
        let widths: Vec<_> = sentences.iter().map(|text| text.chars().count()).collect();
        assert!(widths[0] <= 59, "60 columns: {}", sentences[0]);
        let longest = |room: usize| widths.iter().copied().rfind(|width| *width <= room).unwrap();
        assert!(longest(119) > 55, "120 columns: {sentences:?}");
        assert!(longest(199) > 85, "200 columns: {sentences:?}");
        assert!(widths.is_sorted(), "{sentences:?}");
    }
}

/// The two lines under the pictures at 80, 120 and 200 columns.
#[test]
fn every_lens_says_what_light_and_dark_mean() {
    for subject in subjects() {
        for width in [79, 119, 199] {
            for beside in [Beside::Nothing, Beside::Other] {
                if beside == Beside::Other && width == 79 {
                    continue;
                }
                let sentences = Subject { beside, ..subject }.sentences();
                // What the status line puts in front.
                let before = if beside == Beside::Other { "Left: " } else { "" };
                let sentences: Vec<_> = sentences.iter().map(|text| format!("{before}{text}")).collect();
                let text = longest(&sentences, width, 2).unwrap();
                let says = match subject.lens {
                    Lens::Bias | Lens::Article if !subject.first => {
                        text.contains("light and dark n") && text.contains("ot read it")
                    }
                    Lens::Top | Lens::Preferred => text.contains("light is ink"),
                    _ => text.contains("ighter") && text.contains("darker"),
                };
                assert!(says, "{width} columns: {text}");
                assert!(beside == Beside::Nothing || !text.contains("Foretells"), "{text}");
            }
        }
    }
}

#[test]
fn a_poor_picture_says_why_at_120_columns() {
    for (lens, why) in [
        (Lens::Plain, "as each image has its own nodes on"),
        (Lens::Influence, "as each image has its own nodes on"),
        (Lens::Gated, "as each image has its own map"),
        (Lens::Bias, "as a bias is no weight"),
        (Lens::Article, "as plus and minus are lost"),
        (Lens::Pattern, "as it shows images, not the network"),
        (Lens::Mean, "as it shows images, not the network"),
    ] {
        for (output, n_maps) in [(true, 10), (true, 0), (false, 20), (false, 0)] {
            let sentences = Subject { output, n_maps, ..outputs(lens, 0.4) }.sentences();
            let text = longest(&sentences, 119, 2).unwrap();
            assert!(text.contains(why) && text.contains("Foretells 40 % of how"), "{text}");
        }
    }
    // Poor for all images, and yet as good as can be for the one.
    let sentences = Subject { over: Over::Image(104), beside: Beside::Other, ..outputs(Lens::Gated, 0.21) }.sentences();
    let image = longest(&sentences, 113, 2).unwrap();
    assert!(image.contains("hardly a summary, yet exact for this one image"), "{image}");
    // What makes a summary poor does not make it fair.
    let sentences = outputs(Lens::Plain, 0.75).sentences();
    let fair = longest(&sentences, 119, 2).unwrap();
    assert!(fair.contains("a fair summary, though each image has its own nodes on"), "{fair}");
}

#[test]
fn the_best_of_a_layer_are_not_taken_for_the_layer() {
    let best = Subject { output: false, n_maps: 20, best_of: Some(36), ..outputs(Lens::Plain, 0.69) };
    let sentences = best.sentences();
    let text = longest(&sentences, 119, 2).unwrap();
    assert!(text.contains("the sums of the best 20 of 36 nodes vary"), "{text}");
}

#[test]
fn the_number_and_what_it_rests_on_stand_in_every_sentence_of_a_map_that_foretells() {
    for subject in subjects() {
        for sentence in subject.sentences() {
            match subject.trust.filter(|_| subject.lens.foretells()) {
                Some(Trust { r2, .. }) => {
                    let value = format!("R² {}", measure(r2, 2));
                    assert!(sentence.contains(&value) && sentence.contains("10,000"), "{sentence}");
                }
                None => assert!(!sentence.contains("R² ."), "{sentence}"),
            }
            assert!(subject.lens != Lens::Preferred || sentence.contains("xperimental"), "{sentence}");
        }
    }
}

#[test]
fn the_verdict_follows_the_number() {
    for (r2, word) in [(1.0, "exact"), (0.96, "a good"), (0.75, "a fair"), (0.42, "a poor"), (0.1, "hardly")] {
        let sentences = outputs(Lens::Plain, r2).sentences();
        assert!(sentences.iter().any(|text| text.contains(word)), "{sentences:?}");
        assert!(sentences.iter().any(|text| text.contains("the network's on 57 %")), "{sentences:?}");
    }
}
