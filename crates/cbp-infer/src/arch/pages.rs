//! Memory for numbers that are read from end to end again and again: weights, and courses that are scanned.
//!
//! They are larger than the nearer caches, and spread over more small pages than the processor remembers the addresses of.
//! In large pages, where the system has them to give, products are faster by some per cent, and with few rows by a tenth;
//! the scan of many courses for one need by some per cent.

use std::{io, marker::PhantomData, mem::size_of, ops::Range};

use bytemuck::Pod;
use memmap2::MmapMut;

/// A large page of x86-64, and of Arm with small pages of 4 KiB, in bytes.
const LARGE: usize = 2 << 20;

/// Numbers that begin with a large page.
#[derive(Debug)]
pub(crate) struct Pages<T> {
    map: MmapMut,
    bytes: Range<usize>,
    numbers: PhantomData<T>,
}

impl<T: Pod> Pages<T> {
    /// `len` zeros.
    ///
    /// # Errors
    ///
    /// If the system has not that much memory.
    pub(crate) fn zeroed(len: usize) -> io::Result<Self> {
        let too_much = || io::Error::from(io::ErrorKind::OutOfMemory);
        let bytes = len.checked_mul(size_of::<T>()).ok_or_else(too_much)?;
        // A last page that is mostly used is large, too. Else what is left over keeps small pages, so that little memory is
        // taken that is not used.
        let large = bytes.checked_add(LARGE / 4).ok_or_else(too_much)? / LARGE * LARGE;
        let map = MmapMut::map_anon(bytes.max(large).checked_add(LARGE).ok_or_else(too_much)?)?;
        let from = map.as_ptr().align_offset(LARGE);
        // Where there are no large pages the advice is refused, and that is no harm.
        #[cfg(target_os = "linux")]
        let _ = map.advise_range(memmap2::Advice::HugePage, from, large);
        Ok(Self { map, bytes: from..from + bytes, numbers: PhantomData })
    }

    pub(crate) fn numbers(&self) -> &[T] {
        bytemuck::cast_slice(&self.map[self.bytes.clone()])
    }

    pub(crate) fn numbers_mut(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.map[self.bytes.clone()])
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
        assert!(Pages::<f32>::zeroed(usize::MAX / 2).is_err());
        assert!(Pages::<f32>::zeroed(0).unwrap().numbers().is_empty());
    }
}
