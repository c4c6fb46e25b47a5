//! Numbers that are owned, or lie in a mapped file.

use std::{ops::Range, sync::Arc};

use memmap2::Mmap;

use crate::arch::Pages;

/// A slice of numbers wherever it lies.
#[derive(Debug, Clone)]
pub(crate) enum Buffer<T> {
    /// In memory of its own.
    Owned(Vec<T>),
    /// In large pages.
    Large(Arc<Pages<T>>),
    /// In a file that is mapped: its bytes there, aligned for `T`.
    Mapped(Arc<Mmap>, Range<usize>),
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Self::Owned(Vec::new())
    }
}

impl<T> From<Vec<T>> for Buffer<T> {
    fn from(numbers: Vec<T>) -> Self {
        Self::Owned(numbers)
    }
}

impl<T: bytemuck::Pod> Buffer<T> {
    /// `len` numbers that are gone over again and again, zeros before they are filled in.
    pub(crate) fn filled(len: usize, fill: impl FnOnce(&mut [T])) -> Self {
        if let Ok(mut pages) = Pages::zeroed(len) {
            fill(pages.numbers_mut());
            return Self::Large(Arc::new(pages));
        }
        let mut numbers = vec![T::zeroed(); len];
        fill(&mut numbers);
        Self::Owned(numbers)
    }

    /// The numbers at these bytes of a file; `None` where they reach past its end or do not divide into numbers.
    pub(crate) fn mapped(file: &Arc<Mmap>, bytes: Range<usize>) -> Option<Self> {
        bytemuck::try_cast_slice::<u8, T>(file.get(bytes.clone())?).ok()?;
        Some(Self::Mapped(Arc::clone(file), bytes))
    }
}

impl<T: bytemuck::Pod> std::ops::Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Owned(numbers) => numbers,
            Self::Large(pages) => pages.numbers(),
            Self::Mapped(file, bytes) => {
                let bytes = file.get(bytes.clone()).unwrap_or(&[]);
                bytemuck::try_cast_slice(bytes).unwrap_or(&[])
            }
        }
    }
}
