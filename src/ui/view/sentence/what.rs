//! What each picture is and what light and dark mean in it, in plain words.

use super::Subject;
use crate::lens::{Lens, Over, Scale};
use crate::nn::Activation;

impl Subject {
    /// What the picture is, from brief to full: the brief one in 29 columns, from the third on with what light and dark
    /// mean.
    pub(super) fn what(self) -> Vec<String> {
        let sum = self.sum();
        let of = self.of_class();
        let it = if self.output { "the output" } else { "the node" };
        let bright = self.bright();
        let ink = format!("Lighter than {}: more ink than usual; darker: less.", self.zero());
        let with = format!("Lighter than {}: more ink when it is high; darker: less.", self.zero());
        match (self.lens, self.first) {
            (Lens::Plain, true) => vec![
                "The weights themselves.".into(),
                "The weights themselves, one a pixel.".into(),
                format!("The weights. {bright}"),
                format!("The weights themselves, one a pixel. {bright}"),
                format!("plain: the weights themselves, one a pixel. {bright}"),
            ],
            (Lens::Plain, false) => vec![
                "Weights carried back.".into(),
                "Weights carried back to the pixels.".into(),
                format!("Weights carried back. {bright}"),
                format!("Weights carried back to the pixels. {bright}"),
                format!("plain: weights carried back to the pixels, as if {}. {bright}", self.as_if()),
            ],
            (Lens::Bias | Lens::Article, true) => self.like_plain(),
            (Lens::Bias | Lens::Article, false) => self.not_for_trust(),
            (Lens::Pattern, _) => vec![
                format!("Ink when high{of}."),
                format!("Where there is ink{of} when it is high."),
                format!("How ink{of} goes with {sum}, no portrait. {with}"),
                format!("How ink{of} goes along with {sum}: no portrait, and not what raises it. {with}"),
                format!(
                    "response pattern: how ink{of} goes along with {sum}: no portrait, and not what the network uses. {with}"
                ),
            ],
            (Lens::Influence, _) => vec![
                "Plain, times pixel spread.".into(),
                "Plain, times how much each pixel varies.".into(),
                format!("Weights carried back, times how ink varies. {bright}"),
                format!("Weights carried back, times how much ink varies there: what never changes fades. {bright}"),
                format!(
                    "influence: the weights carried back, times how much each pixel varies over the images: what never \
                     changes fades. {bright}"
                ),
            ],
            (Lens::Gated, true) => vec![
                "The weights: no gate here.".into(),
                "The first layer has no gates: the weights themselves.".into(),
                format!("The weights. {bright}"),
                format!("gated: no gate lies below the first layer, so these are the weights themselves. {bright}"),
            ],
            (Lens::Gated, false) => self.gated(),
            (Lens::Mean, _) => vec![
                format!("What excites it{of}."),
                format!("The images{of} it answers to, averaged."),
                format!("The images{of} it answers to, averaged. {ink}"),
                format!("Mean of the images{of}, each counted by how much {it} answers. {ink}"),
                format!(
                    "weighted mean: the images{of} averaged by how much {it} answers to each{}; not what the network uses. \
                     {ink}",
                    if self.output { ": nearly the class's own mean" } else { "" }
                ),
            ],
            (Lens::Top, _) => vec![
                format!("Its top image{of}."),
                format!("The test image{of} that excites it most."),
                format!("The test image{of} that it answers most to: light is ink."),
                format!("top image: the test image{of} that {it} answers most to: light is ink, dark is none."),
            ],
            (Lens::Preferred, _) => vec![
                "Experimental.".into(),
                "Experimental: an image made to please it.".into(),
                format!("Experimental: an image made to please {it}: light is ink."),
                format!(
                    "maximisation, experimental: an image changed step by step until it pleases {it}: light is ink. \
                     Even a well trained network is pleased by nonsense."
                ),
            ],
        }
    }

    /// On the first layer a bias only shifts the picture.
    fn like_plain(self) -> Vec<String> {
        let shift = format!("Ink on lighter places raises {} more than on darker ones.", self.sum());
        if self.lens == Lens::Bias {
            return vec![
                "Here it looks like plain.".into(),
                "Weights + one constant, the bias: it looks like plain.".into(),
                format!("Looks like plain: the bias shifts all alike. {shift}"),
                format!("weights + bias: the bias is one constant all over, so here it looks like plain. {shift}"),
            ];
        }
        vec![
            "Here it looks like plain.".into(),
            "The article's program: here it looks like plain.".into(),
            format!("Looks like plain, scaled to 0..255. {shift}"),
            format!("article code: weights + bias, scaled to whole numbers 0..255: here it looks like plain. {shift}"),
        ]
    }

    /// The two pictures that are no sums of the network.
    fn not_for_trust(self) -> Vec<String> {
        if self.lens == Lens::Bias {
            return vec![
            "Do not read it.".into(),
            "Biases mixed in: do not read it.".into(),
            "Compare with plain, do not read it: biases (constants) mixed into weights: light and dark need not say raise or \
             lower."
                .into(),
            "To compare, do not read it: each bias is mixed into all its weights, not added to the sum, so light and \
             dark need not say raise or lower."
                .into(),
            "weights + bias: each bias is added to all its weights, as in the article that this idea comes from. The \
             network adds it to the sum; mixed in, it lays the same false pattern over every node: light and dark need not \
             say raise or lower. For comparison: do not read it."
                .into(),
            ];
        }
        vec![
            "Do not read it.".into(),
            "The article's program: do not read it.".into(),
            "To compare, do not read it: an article's way, layers scaled to 0..255: light and dark no longer say raise \
             or lower."
                .into(),
            "article code: the program of the article that this idea comes from. Before the next weights it scales each \
             layer's pictures to 0..255, so plus and minus are lost: light and dark no longer say raise or lower. For \
             comparison: do not read it."
                .into(),
        ]
    }

    /// What is raised or lowered: an output's score or a node's sum.
    fn sum(self) -> &'static str {
        if self.output { "the score" } else { "the sum" }
    }

    /// The grey that neither raises nor lowers: in each picture another one, unless they share a scale.
    fn zero(self) -> &'static str {
        match self.scale {
            Scale::Symmetric => "mid grey",
            Scale::Node | Scale::Percentile if self.n_maps > 1 => "its 0 patch",
            Scale::Node | Scale::Percentile | Scale::Layer => "the grey of 0",
        }
    }

    fn bright(self) -> String {
        format!("Lighter than {}: ink raises {}; darker: lowers it.", self.zero(), self.sum())
    }

    /// What the plain product of the weights leaves out.
    fn as_if(self) -> &'static str {
        match self.activation {
            Activation::Relu => "no ReLU ever cut anything off",
            Activation::Tanh => "every tanh were a straight line",
            Activation::Sigmoid => "every sigmoid were a straight line",
        }
    }

    fn gated(self) -> Vec<String> {
        let (sum, zero) = (self.sum(), self.zero());
        let light = |what: &str| format!("lighter than {zero} raises {what}, darker lowers it");
        let (brief, over, worth) = match self.over {
            Over::Image(image) => {
                let exact = match self.activation {
                    Activation::Relu => "Exact for this image, for no other.",
                    Activation::Tanh | Activation::Sigmoid => "Exact for small changes of this image, for no other.",
                };
                (format!(" on image {image}"), format!(" on test image {image}"), exact)
            }
            Over::Class(class) => (
                format!(", class {class}"),
                format!(", mean over class {class}"),
                "Each image has a picture of its own: this is their mean.",
            ),
            Over::Own if self.output => (
                ", own class".into(),
                ", mean over its own class".into(),
                "Each image has a picture of its own: this is their mean, a little nearer to the class than plain.",
            ),
            Over::Own | Over::All => (
                ", all images".into(),
                ", mean over all images".into(),
                "Each image has a picture of its own: this is their mean, hardly better than plain.",
            ),
        };
        vec![
            format!("Effect of ink{brief}."),
            format!("What a bit more ink does{over}."),
            format!("A bit more ink{brief}: {}.", light(sum)),
            format!("What a bit more ink does to {sum}{over}: {}.", light("it")),
            format!("gated: what a bit more ink in a pixel does to {sum}{over}: {}. {worth}", light("it")),
        ]
    }

    fn of_class(self) -> String {
        match self.over {
            Over::Class(class) => format!(" of class {class}"),
            Over::Own | Over::All | Over::Image(_) => String::new(),
        }
    }
}
