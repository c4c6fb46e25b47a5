//! Batches on a device of candle's: the same rankings, with the dense part multiplied there.
//!
//! The device multiplies a group of needs with a stretch of the courses in single precision; what comes back is that tile,
//! whose numbers are off by no more than rounding can add up to, in whatever order the device adds. With that bound they take
//! the place of the scan's: the other signals are added, what may be among the best is kept, and scored exactly, by the code
//! that ranks without a device. Results are the same to the last bit. While one tile is sifted, the device makes the next.

use std::sync::Arc;

use candle_core::{Device, Tensor};
use ndarray::Array2;
use rayon::prelude::*;

use super::{
    CourseIndex, Filter, Need, RankError, RankOptions, Ranked,
    blend::{Blend, Courses},
    pool::{Gap, Pool, best},
    scan::{Hit, Scorer},
    score::Query,
};
use crate::arch::{Isa, LANES};

/// Needs that share a tile.
const GROUP: usize = 512;
/// Panels of courses in a tile: with [`GROUP`] needs it is 16 MiB.
const STEP: usize = 512;

/// Where the dense part of a batch is multiplied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RankDevice {
    /// candle on the processor. [`CourseIndex`] by itself is faster; this is for tests.
    #[default]
    Cpu,
    /// The first NVIDIA GPU, in a build with `--features cuda`.
    Cuda,
}

/// An index whose vectors lie on a device too: ranks as [`CourseIndex`] does, for batches.
#[derive(Debug, Clone)]
pub struct DeviceIndex {
    index: Arc<CourseIndex>,
    /// A row for each course.
    vectors: Tensor,
    /// Products are off by the same for all courses: what is left of their residuals.
    none: Vec<f32>,
}

fn fault(device: &'static str) -> impl Fn(candle_core::Error) -> RankError {
    move |error| RankError::Device { device, detail: error.to_string() }
}

/// What a sum of products of two unit vectors can be off by, four times over.
fn rounding(dims: usize) -> f64 {
    // Where the device may shorten its factors (TF32), each is off by 2⁻¹¹.
    let factors = if candle_core::cuda::gemm_reduced_precision_f32() { 2.0 * 0.5_f64.powi(11) } else { 0.0 };
    4.0 * (factors + dims as f64 * f64::from(f32::EPSILON))
}

impl DeviceIndex {
    /// Copies an index's vectors to a device.
    ///
    /// # Errors
    ///
    /// [`RankError::Device`] where there is no such device, or it has no room.
    pub fn new(index: Arc<CourseIndex>, device: RankDevice) -> Result<Self, RankError> {
        let (name, device) = match device {
            RankDevice::Cpu => ("CPU", Ok(Device::Cpu)),
            RankDevice::Cuda => ("CUDA", Device::new_cuda(0)),
        };
        let device = device.map_err(fault(name))?;
        let vectors = Tensor::from_slice(index.vectors(), (index.len(), index.dims()), &device);
        let none = vec![0.0; index.len().next_multiple_of(LANES)];
        Ok(Self { vectors: vectors.map_err(fault(name))?, none, index })
    }

    /// The index.
    pub const fn index(&self) -> &Arc<CourseIndex> {
        &self.index
    }

    /// [`CourseIndex::rank`].
    ///
    /// # Errors
    ///
    /// As there, and [`RankError::Device`] where the device fails.
    pub fn rank(
        &self,
        needs: &[Need],
        k: usize,
        filter: &Filter,
        options: &RankOptions,
    ) -> Result<Vec<Vec<Ranked>>, RankError> {
        self.rank_vectors(needs, &self.index.embed(needs)?, k, filter, options)
    }

    /// [`CourseIndex::rank_vectors`].
    ///
    /// # Errors
    ///
    /// As there, and [`RankError::Device`] where the device fails.
    pub fn rank_vectors(
        &self,
        needs: &[Need],
        vectors: &Array2<f32>,
        k: usize,
        filter: &Filter,
        options: &RankOptions,
    ) -> Result<Vec<Vec<Ranked>>, RankError> {
        let queries = self.index.queries(needs, vectors, options)?;
        let hits = self.top(&queries, k, filter, options)?;
        Ok(super::ranking::each(&queries, hits, Ranked::new))
    }

    /// The exact best courses of each query, as places of the catalogue.
    fn top(
        &self,
        queries: &[Query],
        k: usize,
        filter: &Filter,
        options: &RankOptions,
    ) -> Result<Vec<Vec<Hit<[f64; 5]>>>, RankError> {
        let courses =
            if filter.is_open() { Courses::All } else { Courses::Masked(self.index.facets.allow(filter)) };
        if k == 0 {
            return Ok(vec![Vec::new(); queries.len()]);
        }
        let k = k.min(self.index.len());
        let blend = Blend::new(&self.index, options, queries, &courses);
        let mut all = Vec::with_capacity(queries.len());
        for (group, queries) in queries.chunks(GROUP).enumerate() {
            let first = group * GROUP;
            let pools = self.pass(queries, first, k, &blend).map_err(fault(self.name()))?;
            let hits = pools.into_par_iter().enumerate().map(|(n, pool)| best(pool, first + n, &blend));
            all.par_extend(hits);
        }
        Ok(all)
    }

    fn name(&self) -> &'static str {
        if self.vectors.device().is_cuda() { "CUDA" } else { "CPU" }
    }

    /// The first pass of a group of needs.
    fn pass(
        &self,
        group: &[Query],
        first_need: usize,
        k: usize,
        blend: &Blend<'_>,
    ) -> candle_core::Result<Vec<Pool>> {
        let (isa, courses, dims) = (Isa::best(), self.index.len(), self.index.dims());
        // A query's numbers are those of single precision.
        let numbers: Vec<f32> =
            group.iter().flat_map(|query| query.vector.iter().map(|&x| x as f32)).collect();
        let needs = Tensor::from_vec(numbers, (group.len(), dims), self.vectors.device())?;
        let tile = |first: usize| {
            let count = (STEP * LANES).min(courses.saturating_sub(first));
            needs.matmul(&self.vectors.narrow(0, first, count)?.t()?)
        };
        let mut states: Vec<_> =
            (0..group.len()).map(|n| (Pool::new(k), blend.cursor(first_need + n, 0))).collect();
        let rounding = rounding(dims);
        let mut next = Some(tile(0)?);
        for first in (0..courses).step_by(STEP * LANES) {
            let Some(products) = next.take() else { break };
            let products = products.flatten_all()?.to_vec1::<f32>()?;
            let count = (STEP * LANES).min(courses - first);
            if first + count < courses {
                next = Some(tile(first + count)?);
            }
            let padded = count.next_multiple_of(LANES);
            let room = || (vec![0.0; padded], vec![0.0; padded], vec![0; padded / LANES]);
            let rows = states.par_iter_mut().zip(group).zip(products.par_chunks_exact(count)).enumerate();
            rows.for_each_init(room, |(others, row, masks), (n, (((pool, cursor), query), products))| {
                blend.base(first_need + n, first, others);
                blend.add(first_need + n, cursor, first, others);
                let weight = query.weights[0];
                let slack = (weight * rounding + Blend::rounding(query)) as f32;
                let weight = weight as f32;
                for ((bound, others), product) in row.iter_mut().zip(&*others).zip(products) {
                    *bound = others + ((product * weight).max(0.0) + slack);
                }
                // What fills up the last panel is no course.
                row[count..].fill(f32::NEG_INFINITY);
                pool.take(isa, (row, others), masks, first, &Gap { residual: &self.none, reach: 0.0, slack });
            });
        }
        Ok(states.into_iter().map(|(pool, _)| pool).collect())
    }
}
