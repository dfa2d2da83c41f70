//! How the numbers of a network go while it learns.

use super::Study;
use crate::session::{Curve, Plan};

/// Curves over the training steps. While the network trains a point rests on the sample, else on all test images.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trend {
    /// Share of the images where the output maps alone give the network's own answer.
    pub agreement: Curve,
    /// Mean faithfulness (R²) of the output maps.
    pub faithfulness: Curve,
    /// Mean template match of the output maps.
    pub template_match: Curve,
    /// Mean structure index of the maps of each layer.
    pub structure: Vec<Curve>,
    /// Dead nodes of each hidden layer.
    pub dead: Vec<Curve>,
    /// The run that they belong to.
    run: Option<(Plan, u64)>,
}

impl Trend {
    /// Adds what a study of a run found. Another run, or the same one begun again, begins new curves.
    pub fn add(&mut self, plan: &Plan, study: &Study) {
        let same = |(known, last): &(Plan, u64)| {
            // The classes and the data may learn their names on the way.
            let known = Plan { class_names: plan.class_names.clone(), data: plan.data.clone(), ..known.clone() };
            known == *plan && *last <= study.step
        };
        if !self.run.as_ref().is_some_and(same) {
            *self = Self::default();
        }
        let is_new = self.run.as_ref().is_none_or(|&(_, last)| last < study.step);
        self.run = Some((plan.clone(), study.step));
        if !is_new {
            return;
        }
        let n = study.layers.len();
        self.structure.resize_with(n, Curve::default);
        self.dead.resize_with(n, Curve::default);
        let add = |curve: &mut Curve, value: Option<f64>| {
            if let Some(value) = value {
                curve.push(study.step, value as f32);
            }
        };
        add(&mut self.agreement, study.agreement);
        add(&mut self.faithfulness, study.output_faithfulness());
        add(&mut self.template_match, study.template_match);
        for (layer, (structure, dead)) in study.layers.iter().zip(self.structure.iter_mut().zip(&mut self.dead)) {
            add(structure, layer.structure);
            add(dead, layer.dead.map(|n| n as f64));
        }
    }
}
