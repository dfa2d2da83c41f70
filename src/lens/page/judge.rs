//! Says of each map how faithful it is to its node, and how much of it lies where hardly ever ink is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::{Array2, ArrayView1};

use super::{Filled, is_centred};
use crate::data::PIXELS;
use crate::lens::looker::{Looker, Means, Stop};
use crate::lens::study::NodeStudy;
use crate::lens::worker::{Request, processor_time, processor_time_since};
use crate::lens::{Lens, Map, Sight, Study};
use crate::session::Plan;

/// While the network trains, judging rests this many times as long as it took of the processor: at most an eightieth of
/// a core goes to it. The maps of a lens that looks at weights alone are far cheaper than the number under them.
const REST: u32 = 79;
/// It rests no longer than this, so that the number stays current.
const LONGEST_REST: Duration = Duration::from_secs(2);
/// Where studies look at the same maps, they are waited for so long: they mostly come every two or three seconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Judges maps, and remembers the last verdict for as long as it rests.
#[derive(Default)]
pub struct Judge {
    last: Option<Verdict>,
    studied: Option<Studied>,
}

/// What the last study found of all plain maps.
struct Studied {
    step: u64,
    n: usize,
    /// Of each layer's maps.
    r2: Vec<Vec<Option<f64>>>,
}

struct Verdict {
    plan: Arc<Plan>,
    sight: Sight,
    step: u64,
    n: usize,
    /// Of the maps of the page, then of the one in focus and the difference.
    r2: Vec<Option<f64>>,
    rested: Instant,
}

impl Judge {
    /// Takes note of what `study` found, which need not be found again.
    pub fn learn(&mut self, study: &Study) {
        let r2 = |nodes: &[NodeStudy]| nodes.iter().map(|node| node.faithfulness).collect();
        let r2 = study.layers.iter().map(|layer| r2(&layer.nodes)).collect();
        self.studied = Some(Studied { step: study.step, n: study.n_images, r2 });
    }

    /// Fills in how far the maps of `filled` can be trusted. `looker` looks at the sample.
    pub fn judge(
        &mut self,
        looker: &mut Looker<f32>,
        request: &Request,
        means: Means<'_>,
        filled: &mut Filled,
    ) -> Result<(), Stop> {
        let sight = &request.sight;
        let minus = sight.minus;
        let mut maps: Vec<(&mut Map, Option<usize>)> = filled.maps.iter_mut().map(|map| (map, None)).collect();
        if let Some(report) = &mut filled.focus {
            maps.push((&mut report.map, None));
            maps.extend(report.difference.as_mut().map(|difference| (difference, minus)));
        }
        let Some(held_out) = means.held_out.filter(|_| sight.lens.foretells()) else { return Ok(()) };
        if maps.iter().all(|(map, _)| map.flat) {
            return Ok(());
        }
        let statistics = held_out.statistics();
        let study = self.studied.as_ref().filter(|_| is_studied(sight, looker));
        let last = self.last.take().filter(|last| filled.n_images.is_none() && last.is_about(request));
        let last = last.map(|last| study.and_then(|study| study.after(&last, &maps)).unwrap_or(last));
        let verdict = match last.filter(|last| Instant::now() < last.rested) {
            Some(last) => last,
            None => Verdict::of(&maps, looker, request, means)?,
        };
        for ((map, _), &r2) in maps.into_iter().zip(&verdict.r2) {
            map.faithfulness = r2.filter(|_| !map.flat);
            map.edge_share = statistics.edge_share(&map.raw);
        }
        filled.inked = statistics.inked_area();
        (filled.n_judged, filled.judged_step) = (Some(verdict.n), Some(verdict.step));
        self.last = Some(verdict);
        Ok(())
    }
}

impl Verdict {
    fn of(
        maps: &[(&mut Map, Option<usize>)],
        looker: &mut Looker<f32>,
        request: &Request,
        means: Means<'_>,
    ) -> Result<Self, Stop> {
        let (start, sight) = (processor_time(), &request.sight);
        let mut rows = Array2::zeros((maps.len(), PIXELS));
        for (mut row, (map, _)) in rows.rows_mut().into_iter().zip(maps) {
            row.assign(&ArrayView1::from(&*map.raw));
        }
        let nodes: Vec<_> = maps.iter().map(|(map, minus)| (map.node.index, *minus)).collect();
        let centred = is_centred(sight, looker.model());
        let (r2, n) = looker.faithfulness(sight.layer, &nodes, &rows, centred, means)?;
        let rest = (processor_time_since(start) * REST).min(LONGEST_REST);
        let rest = if is_studied(sight, looker) { PATIENCE } else { rest };
        Ok(Self {
            plan: Arc::clone(&request.snapshot.plan),
            sight: sight.clone(),
            step: request.snapshot.step,
            n,
            r2,
            rested: Instant::now() + rest,
        })
    }

    /// Whether it is of what `request` asks for, the same maps of the same run, some time before.
    fn is_about(&self, request: &Request) -> bool {
        request.is_live()
            && self.sight == request.sight
            && Arc::ptr_eq(&self.plan, &request.snapshot.plan)
            && self.step <= request.snapshot.step
    }
}

/// Whether a study looks at the very maps of `sight`, in the same way.
fn is_studied(sight: &Sight, looker: &Looker<f32>) -> bool {
    sight.lens == Lens::Plain && sight.minus.is_none() && !is_centred(sight, looker.model())
}

impl Studied {
    /// The verdict on the same plain `maps` that comes after `last`, if the study is newer.
    fn after(&self, last: &Verdict, maps: &[(&mut Map, Option<usize>)]) -> Option<Verdict> {
        let r2 = |(map, _): &(&mut Map, Option<usize>)| self.r2.get(map.node.layer)?.get(map.node.index).copied();
        let r2 = maps.iter().map(r2).collect::<Option<_>>().filter(|_| self.step > last.step)?;
        let (plan, sight) = (Arc::clone(&last.plan), last.sight.clone());
        Some(Verdict { plan, sight, step: self.step, n: self.n, r2, rested: Instant::now() + PATIENCE })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::SharedDataset;
    use crate::lens::fixture::{dataset, net, snapshot};
    use crate::lens::page::Projector;
    use crate::session::Phase;

    #[test]
    fn a_verdict_serves_the_same_maps_of_the_same_run_and_says_its_step() {
        let data = SharedDataset::default();
        data.put(dataset());
        let mut projector = Projector::new(Arc::new(data));
        let (old, new) = (Arc::new(net(&[784, 20, 10])), Arc::new(net(&[784, 24, 10])));
        let plan = Arc::clone(&snapshot(&old, 1, Phase::Training).plan);
        let mut page = |version, phase, lens, nodes: &[usize]| {
            let mut snapshot = snapshot(if version == 1 { &old } else { &new }, version, phase);
            Arc::make_mut(&mut snapshot).plan = Arc::clone(&plan);
            let sight = Sight { lens, layer: 1, nodes: nodes.to_vec(), side: 28, ..Sight::default() };
            if let Some(last) = &mut projector.judge.last {
                last.rested = Instant::now() + Duration::from_secs(1000);
            }
            projector.page(&Request { id: version, snapshot, sight })
        };
        let first = page(1, Phase::Training, Lens::Plain, &[3]);
        let second = page(2, Phase::Training, Lens::Plain, &[3]);
        assert_eq!((first.judged_step, second.judged_step, second.step), (Some(10), Some(10), 20));
        assert_eq!(first.maps[0].faithfulness, second.maps[0].faithfulness);
        assert_eq!(page(2, Phase::Training, Lens::Plain, &[4]).judged_step, Some(20), "other nodes");
        assert_eq!(page(1, Phase::Training, Lens::Plain, &[4]).judged_step, Some(10), "begun again");
        assert_eq!(page(2, Phase::Paused, Lens::Plain, &[4]).judged_step, Some(20), "nothing trains");
        page(1, Phase::Training, Lens::Pattern, &[4]);
        assert_eq!(page(2, Phase::Training, Lens::Pattern, &[4]).judged_step, Some(20), "the images were looked at");
    }

    #[test]
    fn a_study_of_all_plain_maps_is_the_next_verdict() {
        let data = SharedDataset::default();
        data.put(dataset());
        let mut projector = Projector::new(Arc::new(data));
        let model = Arc::new(net(&[784, 20, 10]));
        let plan = Arc::clone(&snapshot(&model, 1, Phase::Training).plan);
        let mut page = |lens, studied_step| {
            let request = |version| {
                let mut snapshot = snapshot(&model, version, Phase::Training);
                Arc::make_mut(&mut snapshot).plan = Arc::clone(&plan);
                let sight = Sight { lens, layer: 1, nodes: vec![3], side: 28, ..Sight::default() };
                Request { id: version, snapshot, sight }
            };
            projector.page(&request(1));
            projector.judge.last.as_mut().unwrap().rested = Instant::now();
            projector.judge.studied =
                Some(Studied { step: studied_step, n: 7, r2: vec![vec![], vec![Some(0.25); 10]] });
            projector.judge.last.as_mut().unwrap().step = 10;
            let page = projector.page(&request(2));
            (page.judged_step, page.n_judged, page.maps[0].faithfulness == Some(0.25))
        };
        assert_eq!(page(Lens::Plain, 15), (Some(15), Some(7), true));
        assert_eq!(page(Lens::Plain, 10).0, Some(20), "no newer than the last verdict");
        assert_eq!(page(Lens::Bias, 15).0, Some(20), "of another lens");
    }
}
