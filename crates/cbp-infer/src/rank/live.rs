//! An index that is replaced while it is in use.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::CourseIndex;

/// Holds the index in force. Readers never wait: a ranking that has begun goes on with the index that it began
/// with, which is freed when the last of its readers is done.
#[derive(Debug)]
pub struct LiveIndex(ArcSwap<CourseIndex>);

impl LiveIndex {
    /// Begins with this index.
    pub fn new(index: CourseIndex) -> Self {
        Self(ArcSwap::from_pointee(index))
    }

    /// The index in force. Keep it for as long as the results of one piece of work must belong together.
    pub fn current(&self) -> Arc<CourseIndex> {
        self.0.load_full()
    }

    /// Puts another index in force and returns the one before.
    pub fn replace(&self, index: CourseIndex) -> Arc<CourseIndex> {
        self.0.swap(Arc::new(index))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use cbp_core::{Catalogue, Course};
    use ndarray::Array2;

    use super::*;
    use crate::rank::{Filter, Need, RankOptions};

    fn index(courses: usize) -> CourseIndex {
        let course = |i| Course { id: format!("c{i}"), ..Course::default() };
        let catalogue = Catalogue { courses: (0..courses).map(course).collect(), ..Catalogue::default() };
        CourseIndex::from_vectors(&catalogue, &Array2::ones((courses, 4)), "m").unwrap()
    }

    #[test]
    fn readers_go_on_while_the_index_is_replaced() {
        let live = LiveIndex::new(index(3));
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let index = live.current();
                    let ranked = index
                        .rank_vectors(
                            &[Need::of("")],
                            &Array2::ones((1, 4)),
                            99,
                            &Filter::default(),
                            &RankOptions::default(),
                        )
                        .unwrap();
                    assert_eq!(ranked[0].len(), index.len());
                }
            });
            for courses in 1..40 {
                let before = live.replace(index(courses));
                assert!(before.len() < 40);
            }
            done.store(true, Ordering::Relaxed);
        });
        assert_eq!(live.current().len(), 39);
    }
}
