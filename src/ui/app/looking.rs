//! What is looked over: which images a lens takes, the one image that is picked, the question asked about it, and the
//! softmax gauge.

use crossterm::event::KeyCode;

use super::{App, Overlay, Panes, next};
use crate::lens::sight::Why;
use crate::lens::study::Judged;
use crate::lens::{Because, Lens, Over, Shown};
use crate::ui::keys::Action;
use crate::ui::view::text::thousands;

/// What the reader has asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looking {
    /// Over which images, for lenses that look at images.
    pub over: Over,
    /// The picked image, by its place in the test split.
    pub image: Option<usize>,
    /// Whether it is on screen.
    pub open: bool,
    /// The output that is asked about; `None`: the network's answer.
    pub about: Option<usize>,
    /// The output that it is compared with; `None`: the image's class, or the runner-up.
    pub against: Option<usize>,
    /// Whether the outputs' maps are less their mean.
    pub centred: bool,
}

/// Whether the images looked over change what a lens shows of a layer.
fn looks(lens: Lens, layer: usize) -> bool {
    match lens {
        Lens::Gated => layer > 0,
        Lens::Pattern | Lens::Mean | Lens::Top => true,
        Lens::Plain | Lens::Bias | Lens::Article | Lens::Influence | Lens::Preferred => false,
    }
}

impl App {
    /// Over which images the lens looks here; [`Over::Own`] where nothing hangs on it.
    #[must_use]
    pub fn over(&self) -> Over {
        match self.looking.over {
            _ if !looks(self.lens, self.layer) => Over::Own,
            Over::Class(class) => Over::Class(class),
            Over::Image(image) if self.lens == Lens::Gated => Over::Image(image),
            // Of hidden nodes, and through the other lenses, "own" is all.
            Over::All if self.lens == Lens::Gated && self.is_output() => Over::All,
            Over::Own | Over::All | Over::Image(_) => Over::Own,
        }
    }

    /// Whether the maps here are those of all images or one class, not each output's own class or one image.
    #[must_use]
    pub fn looks_over_own_class(&self) -> bool {
        self.lens == Lens::Gated && self.is_output() && self.over() == Over::Own
    }

    /// Whether images matter to what is shown.
    #[must_use]
    pub fn looks_at_images(&self) -> bool {
        looks(self.lens, self.layer)
    }

    /// Whether the maps on screen are less their mean.
    #[must_use]
    pub fn is_centred(&self) -> bool {
        self.looking.centred && self.is_output() && self.lens.can_be_centred()
    }

    /// The question about the picked image, while it is on screen.
    #[must_use]
    pub fn why(&self) -> Option<Why> {
        let image = self.looking.image.filter(|_| self.looking.open)?;
        Some(Why { image, a: self.looking.about, b: self.looking.against })
    }

    /// The picked image as it is to be seen now, if it has been looked at.
    #[must_use]
    pub fn shown_image(&self) -> Option<&Shown> {
        self.page.as_ref()?.image.as_ref().filter(|shown| Some(shown.image) == self.looking.image)
    }

    /// The answer to the question about it, if it is known.
    #[must_use]
    pub fn because(&self) -> Option<&Because> {
        let page = self.page.as_ref().filter(|page| page.sight.why == self.why())?;
        page.because.as_ref()
    }

    /// Answers to a key that looks over images. Returns whether it is one.
    pub(super) fn look(&mut self, action: Action) -> bool {
        match action {
            Action::NextImages => self.next_images(),
            Action::NextClass => self.next_class(),
            Action::PickImage => self.overlay = Overlay::Image(String::new()),
            Action::NextMistake => self.next_mistake(true),
            Action::PreviousMistake => self.next_mistake(false),
            Action::Why => self.ask_why(),
            Action::Swap => self.swap(),
            Action::Centre => self.centre(),
            _ => return false,
        }
        true
    }

    /// Puts the picked image away. Returns whether there was one on screen.
    pub(super) fn put_image_away(&mut self) -> bool {
        std::mem::take(&mut self.looking.open)
    }

    /// Own class, all, one class, the picked image: as far as the lens knows the difference.
    fn next_images(&mut self) {
        if !looks(self.lens, self.layer) {
            return self.say("this picture comes from weights alone: v to gated, pattern, mean or top first");
        }
        let gated = self.lens == Lens::Gated;
        let class = match self.looking.over {
            Over::Class(class) => class,
            _ => self.class_at_hand(),
        };
        let mut all = vec![Over::Own];
        if gated && self.is_output() {
            all.push(Over::All);
        }
        all.push(Over::Class(class));
        all.extend(self.looking.image.filter(|_| gated).map(Over::Image));
        self.looking.over = next(&all, self.over(), 1);
        let whole = self.plan.test_size;
        self.say(match self.over() {
            Over::Own if self.looks_over_own_class() => "each output over the test images of its own class".to_owned(),
            Over::Own | Over::All => format!("over all classes of the {whole} test images"),
            Over::Class(class) => format!("over the test images of class {class}; A goes on to the next class"),
            Over::Image(image) => format!("over test image {image} alone"),
        });
    }

    /// The next class to look over.
    fn next_class(&mut self) {
        if !looks(self.lens, self.layer) {
            return self.next_images();
        }
        let n = self.plan.shape.outputs.clamp(1, 10) as u8;
        let class = match self.looking.over {
            Over::Class(class) => (class + 1) % n,
            _ => self.class_at_hand(),
        };
        self.looking.over = Over::Class(class);
        self.say(format!("over the test images of class {class}"));
    }

    /// The class that the reader most likely means: that of the picked image, of the output, or that the node prefers.
    fn class_at_hand(&self) -> u8 {
        let preferred =
            || self.node_study(self.cursor()).and_then(|node| node.preference).map(|(class, _)| class as u8);
        match self.verdict() {
            Some(judged) => judged.label,
            None if self.is_output() => self.cursor().min(9) as u8,
            None => preferred().unwrap_or(0),
        }
    }

    /// What the picked image is and was taken for, if it has been judged.
    #[must_use]
    pub fn verdict(&self) -> Option<&Judged> {
        self.judged().iter().find(|judged| Some(judged.image) == self.looking.image)
    }

    fn judged(&self) -> &[Judged] {
        self.study.as_ref().map_or(&[], |study| &study.judged)
    }

    /// Shows an image, and asks about it anew.
    fn pick(&mut self, image: usize) {
        self.looking = Looking {
            image: Some(image),
            over: Over::Image(image),
            open: true,
            centred: self.looking.centred,
            ..Looking::default()
        };
        (self.inspecting, self.data.open) = (false, false);
        self.panes = Panes::Both;
    }

    /// The next image after the picked one, or before it, that the network gets wrong; round and round.
    fn next_mistake(&mut self, on: bool) {
        let judged = self.judged();
        if judged.is_empty() {
            return self.say("no test image has been judged yet");
        }
        let wrong: Vec<Judged> = judged.iter().copied().filter(|judged| judged.label != judged.answer).collect();
        let n = judged.len();
        let Some(last) = wrong.len().checked_sub(1) else {
            return self.say(format!("no mistake on the {n} test images judged"));
        };
        let at = match (self.looking.image, on) {
            (None, true) => 0,
            (None, false) => last,
            (Some(from), true) => wrong.iter().position(|judged| judged.image > from).unwrap_or(0),
            (Some(from), false) => wrong.iter().rposition(|judged| judged.image < from).unwrap_or(last),
        };
        let Judged { image, label, answer } = wrong[at];
        self.pick(image);
        if self.is_output() {
            self.put_cursor(answer.into());
        }
        let (count, n) = (thousands(wrong.len() as u64), thousands(n as u64));
        self.say(format!("mistake {} of {count} on {n} test images: a {label}, answered {answer}", at + 1));
    }

    /// Types into the prompt for an image.
    pub(super) fn type_image(&mut self, key: KeyCode) {
        let Overlay::Image(typed) = &mut self.overlay else { return };
        match key {
            KeyCode::Char('c') if typed.is_empty() => typed.push('c'),
            KeyCode::Char(c) if c.is_ascii_digit() && typed.len() < 7 => typed.push(c),
            KeyCode::Backspace => {
                typed.pop();
            }
            KeyCode::Enter => {
                let typed = std::mem::take(typed);
                self.overlay = Overlay::None;
                self.pick_typed(&typed);
            }
            KeyCode::Esc => self.overlay = Overlay::None,
            // Nothing else acts: a mistyped letter must not restart a run.
            _ => {}
        }
    }

    /// `17`: image 17; `c3`: the next image of class 3; nothing: the picked one again, or the first.
    fn pick_typed(&mut self, typed: &str) {
        let n = self.plan.test_size;
        let image = match typed.strip_prefix('c') {
            None if typed.is_empty() => self.looking.image.unwrap_or(0),
            None => typed.parse().unwrap_or(usize::MAX),
            Some(class) => {
                let class: usize = class.parse().unwrap_or(self.class_at_hand().into());
                let from = self.looking.image;
                let of_class = || self.judged().iter().filter(|judged| usize::from(judged.label) == class);
                let found = of_class().find(|judged| from.is_none_or(|from| judged.image > from));
                let Some(found) = found.or_else(|| of_class().next()) else {
                    return self.say(format!("no test image of class {class} has been judged yet"));
                };
                found.image
            }
        };
        if image < n {
            self.pick(image);
        } else {
            self.say(format!("there is no such test image: they are 0 to {}", n.saturating_sub(1)));
        }
    }

    /// Opens the question; asked again, compares with the next most probable output.
    fn ask_why(&mut self) {
        let Some(image) = self.looking.image else {
            self.next_mistake(true);
            if self.looking.image.is_none() {
                self.pick(0);
            }
            return;
        };
        if !self.looking.open {
            let looking = self.looking.clone();
            self.pick(image);
            return self.looking = Looking { open: true, ..looking };
        }
        let (Some(shown), Some((a, b))) = (self.shown_image(), self.because().map(|because| (because.a, because.b)))
        else {
            return;
        };
        let mut others: Vec<usize> = (0..shown.probabilities.len()).filter(|k| *k != a).collect();
        others.sort_by(|x, y| shown.probabilities[*y].total_cmp(&shown.probabilities[*x]));
        self.looking.against = Some(next(&others, b, 1));
    }

    /// Asks the other way round: why `b` and not `a`.
    fn swap(&mut self) {
        match self.because().map(|because| (because.a, because.b)) {
            Some((a, b)) => (self.looking.about, self.looking.against) = (Some(b), Some(a)),
            None => self.say("y asks why first"),
        }
    }

    fn centre(&mut self) {
        self.looking.centred = !self.looking.centred;
        let on = self.looking.centred;
        self.say(match (on, self.is_output(), self.lens.can_be_centred()) {
            (false, ..) => "outputs as they are",
            (true, true, true) => "each output less the mean of all outputs: softmax cannot tell the difference",
            (true, true, false) => "an image has no mean to take off: other lenses are centred now",
            (true, false, _) => "outputs will be centred; hidden nodes are not",
        });
    }
}
