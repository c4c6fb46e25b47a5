//! The zip file that a Word or Excel file is, opened under budgets.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::{IngestError, Limits};

/// A zip member this small may have any ratio.
const SMALL: u64 = 1 << 20;

/// What a zip file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Docx,
    Xlsx,
    /// Known, but not read: its name in words.
    Other(&'static str),
}

/// Tells the contents of a zip file by its members.
///
/// # Errors
///
/// The zip file is damaged.
pub(crate) fn container(name: &str, bytes: &[u8], limits: &Limits) -> Result<Container, IngestError> {
    let package = Package::open(name, "zip file", bytes, limits)?;
    Ok(if package.has("word/document.xml") {
        Container::Docx
    } else if package.has("xl/workbook.xml") {
        Container::Xlsx
    } else if package.has("xl/workbook.bin") {
        Container::Other("a binary Excel workbook (.xlsb)")
    } else if package.has("ppt/presentation.xml") {
        Container::Other("a PowerPoint presentation")
    } else if package.has("content.xml") {
        Container::Other("an OpenDocument file")
    } else {
        Container::Other("a zip archive")
    })
}

/// An opened zip file; all that is inflated counts against the budgets.
pub(crate) struct Package<'a> {
    name: &'a str,
    format: &'static str,
    archive: ZipArchive<Cursor<&'a [u8]>>,
    limits: &'a Limits,
    spent: u64,
}

impl<'a> Package<'a> {
    /// Opens a zip file; `format` names it in errors.
    pub(crate) fn open(
        name: &'a str,
        format: &'static str,
        bytes: &'a [u8],
        limits: &'a Limits,
    ) -> Result<Self, IngestError> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(name, format, &e))?;
        if archive.len() > limits.objects {
            let limit = limits.objects as u64;
            return Err(IngestError::Limit {
                name: name.to_owned(),
                what: "the number of zip members",
                limit,
            });
        }
        Ok(Self { name, format, archive, limits, spent: 0 })
    }

    fn has(&self, path: &str) -> bool {
        self.archive.index_for_name(path).is_some()
    }

    /// Inflates a member; `None` where there is none of that name.
    pub(crate) fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, IngestError> {
        match self.archive.index_for_name(path) {
            Some(index) => {
                let mut out = Vec::new();
                self.inflate(index, |chunk| out.extend_from_slice(chunk))?;
                Ok(Some(out))
            }
            None => Ok(None),
        }
    }

    /// Inflates every member and keeps nothing: after this the whole file is known to keep to the budgets.
    pub(crate) fn check(&mut self) -> Result<(), IngestError> {
        for index in 0..self.archive.len() {
            self.inflate(index, |_| {})?;
        }
        Ok(())
    }

    fn inflate(&mut self, index: usize, mut take: impl FnMut(&[u8])) -> Result<(), IngestError> {
        let (name, format) = (self.name, self.format);
        let mut member = self.archive.by_index(index).map_err(|e| match e {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
                IngestError::LockedOffice { name: name.to_owned() }
            }
            e => damaged(name, format, &e),
        })?;
        let by_ratio = member.compressed_size().saturating_mul(self.limits.zip_ratio).max(SMALL);
        let budgets = [
            ("one zip member's inflated size", self.limits.stream_bytes, self.limits.stream_bytes),
            ("the ratio of inflated to compressed size", by_ratio, self.limits.zip_ratio),
            (
                "the inflated size of all zip members",
                self.limits.total_bytes.saturating_sub(self.spent),
                self.limits.total_bytes,
            ),
        ];
        let mut chunk = [0u8; 16 << 10];
        let mut size = 0u64;
        loop {
            let read = member.read(&mut chunk).map_err(|e| damaged(name, format, &e))?;
            if read == 0 {
                break;
            }
            size += read as u64;
            if let Some((what, _, limit)) = budgets.iter().find(|(_, most, _)| size > *most) {
                return Err(IngestError::Limit { name: name.to_owned(), what, limit: *limit });
            }
            take(&chunk[..read]);
        }
        self.spent += size;
        Ok(())
    }
}

fn damaged(name: &str, format: &'static str, detail: &dyn std::fmt::Display) -> IngestError {
    IngestError::Damaged { name: name.to_owned(), format, detail: detail.to_string() }
}
