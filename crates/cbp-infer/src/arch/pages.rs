//! Memory for weights, which every batch reads from end to end.
//!
//! An encoder's weights are larger than the caches, and spread over more small pages than the processor remembers the
//! addresses of. In large pages, where the system has them to give, products are faster by some per cent, and with few rows
//! by a tenth.

use std::{io, mem::size_of};

use memmap2::MmapMut;

/// A large page of x86-64, and of Arm with small pages of 4 KiB, in bytes.
const LARGE: usize = 2 << 20;

/// Numbers that begin with a large page.
pub(crate) struct Pages {
    map: MmapMut,
    from: usize,
    to: usize,
}

impl Pages {
    /// `len` zeros.
    ///
    /// # Errors
    ///
    /// If the system has not that much memory.
    pub(crate) fn zeroed(len: usize) -> io::Result<Self> {
        let too_much = || io::Error::from(io::ErrorKind::OutOfMemory);
        let bytes = len.checked_mul(size_of::<f32>()).ok_or_else(too_much)?;
        let map = MmapMut::map_anon(bytes.checked_add(LARGE).ok_or_else(too_much)?)?;
        let from = map.as_ptr().align_offset(LARGE);
        // What is left over keeps small pages, so that no memory is taken that is not used. Where there are no large pages
        // the advice is refused, and that is no harm.
        #[cfg(target_os = "linux")]
        let _ = map.advise_range(memmap2::Advice::HugePage, from, bytes / LARGE * LARGE);
        Ok(Self { map, from, to: from + bytes })
    }

    pub(crate) fn numbers(&self) -> &[f32] {
        bytemuck::cast_slice(&self.map[self.from..self.to])
    }

    pub(crate) fn numbers_mut(&mut self) -> &mut [f32] {
        bytemuck::cast_slice_mut(&mut self.map[self.from..self.to])
    }
}

/// A part of [`Pages`] that is being filled from its front.
pub(crate) struct Space<'a> {
    /// What is left of it.
    pub(crate) rest: &'a mut [f32],
    /// The place of what is left among all numbers.
    pub(crate) place: usize,
}

impl<'a> Space<'a> {
    /// The next `len` numbers, and the place of the first.
    ///
    /// # Panics
    ///
    /// If fewer are left; that is this crate's bug.
    pub(crate) fn take(&mut self, len: usize) -> (usize, &'a mut [f32]) {
        let (taken, rest) = std::mem::take(&mut self.rest).split_at_mut(len);
        self.rest = rest;
        self.place += len;
        (self.place - len, taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_one_behind_the_other() {
        for len in [5, LARGE / 4, LARGE / 2 + 7] {
            let mut pages = Pages::zeroed(len).unwrap();
            let mut space = Space { rest: pages.numbers_mut(), place: 0 };
            let (first, a) = space.take(2);
            let (second, b) = space.take(len - 2);
            assert_eq!((first, second, b.len(), space.rest.len()), (0, 2, len - 2, 0));
            a.fill(1.0);
            assert!(b.iter().all(|x| *x == 0.0));
            b.fill(2.0);
            assert_eq!(pages.numbers().len(), len);
            assert_eq!(pages.numbers()[..4], [1.0, 1.0, 2.0, 2.0]);
            assert!(pages.numbers().as_ptr().addr().is_multiple_of(LARGE));
        }
    }

    #[test]
    fn more_than_there_is_is_an_error() {
        assert!(Pages::zeroed(usize::MAX / 2).is_err());
        assert!(Pages::zeroed(0).unwrap().numbers().is_empty());
    }
}
