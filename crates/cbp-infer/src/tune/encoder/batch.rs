//! Texts of a step, laid end to end without padding.

use std::ops::Range;

/// Where each text begins and ends among the rows of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// One more than there are texts; the first is zero.
    offsets: Vec<usize>,
}

impl Layout {
    /// The layout of texts of these lengths.
    pub(crate) fn of(lengths: impl Iterator<Item = usize>) -> Self {
        let mut offsets = vec![0];
        let mut end = 0;
        for length in lengths {
            end += length;
            offsets.push(end);
        }
        Self { offsets }
    }

    /// Number of texts.
    pub(crate) fn count(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Number of tokens in all texts.
    pub(crate) fn tokens(&self) -> usize {
        self.offsets.last().copied().unwrap_or_default()
    }

    /// Rows of each text.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.offsets.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// Length of the longest text.
    pub(crate) fn longest(&self) -> usize {
        self.ranges().map(|rows| rows.len()).max().unwrap_or_default()
    }
}
