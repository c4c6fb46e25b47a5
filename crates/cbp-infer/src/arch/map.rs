//! Memory-mapped files.

use std::{fs::File, io};

use memmap2::Mmap;

/// Maps a whole file for reading.
///
/// Files mapped here are written once and replaced by renaming, or only ever grow. One that another program
/// truncates meanwhile ends this process with a bus error, which no process can defend against.
pub(crate) fn map_file(file: &File) -> io::Result<Mmap> {
    // SAFETY: the mapping is read-only and private to this process; see above for what is asked of others.
    unsafe { Mmap::map(file) }
}
