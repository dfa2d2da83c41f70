//! Says of each map how faithful it is to its node, and how much of it lies where hardly ever ink is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ndarray::{Array2, ArrayView1};

use super::{Filled, is_centred};
use crate::data::PIXELS;
use crate::lens::looker::{Looker, Means, Stop};
use crate::lens::worker::{Request, processor_time, processor_time_since};
use crate::lens::{Map, Sight};
use crate::session::Plan;

/// While the network trains, judging rests this many times as long as it took of the processor: at most an eightieth of
/// a core goes to it. The maps of a lens that looks at weights alone are far cheaper than the number under them.
const REST: u32 = 79;
/// It rests no longer than this, so that the number stays current.
const LONGEST_REST: Duration = Duration::from_secs(2);

/// Judges maps, and remembers the last verdict for as long as it rests.
#[derive(Default)]
pub struct Judge {
    last: Option<Verdict>,
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
        let verdict = match self.last.take() {
            Some(last) if filled.n_images.is_none() && last.will_do(request) => last,
            _ => Verdict::of(&maps, looker, request, means)?,
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
        Ok(Self {
            plan: Arc::clone(&request.snapshot.plan),
            sight: sight.clone(),
            step: request.snapshot.step,
            n,
            r2,
            rested: Instant::now() + (processor_time_since(start) * REST).min(LONGEST_REST),
        })
    }

    /// Whether it is near enough to what `request` asks for: the same maps of the same run a moment before.
    fn will_do(&self, request: &Request) -> bool {
        request.is_live()
            && Instant::now() < self.rested
            && self.sight == request.sight
            && Arc::ptr_eq(&self.plan, &request.snapshot.plan)
            && self.step <= request.snapshot.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::SharedDataset;
    use crate::lens::Lens;
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
}
