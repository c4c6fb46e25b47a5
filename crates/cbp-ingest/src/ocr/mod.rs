//! Recognising the text of a page from its picture, where the file has no text that can be read.
//!
//! Off unless asked for: it is a thousand times slower than reading, and it guesses. An engine sees one picture and
//! gives back lines of words; [`Tesseract`] runs the program of that name, [`OcrCache`] remembers what any engine said.
//! Pages read this way carry [`Verdict::Ocr`](crate::Verdict::Ocr).

mod cache;
mod page;
mod picture;
mod tesseract;

use std::path::PathBuf;
use std::sync::Arc;

pub use cache::OcrCache;
pub(crate) use page::recognise;
pub(crate) use picture::PictureSource;
pub use tesseract::Tesseract;

/// Whether pages without readable text are recognised from their pictures, and by what.
#[derive(Clone, Default)]
pub enum OcrChoice {
    /// They are named as unreadable.
    #[default]
    Off,
    /// This engine reads them.
    Engine(Arc<dyn OcrEngine>),
}

impl std::fmt::Debug for OcrChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Off => f.write_str("Off"),
            Self::Engine(engine) => write!(f, "Engine({})", engine.name()),
        }
    }
}

impl OcrChoice {
    /// Tesseract for Hindi and English, as found on the `PATH`, with its answers remembered in a folder.
    ///
    /// # Errors
    ///
    /// The program or one of its languages is not installed.
    pub fn tesseract(answers: Option<PathBuf>) -> Result<Self, OcrError> {
        let engine = Tesseract::find("hin+eng")?;
        Ok(Self::Engine(match answers {
            Some(folder) => Arc::new(OcrCache::new(engine, folder)),
            None => Arc::new(engine),
        }))
    }
}

/// Something that reads pictures of pages.
pub trait OcrEngine: Send + Sync {
    /// What it is and how it is set, so that a cache can tell two engines apart.
    fn name(&self) -> &str;

    /// Reads one picture.
    ///
    /// # Errors
    ///
    /// The engine is missing, fails, or takes longer than it may.
    fn read(&self, picture: &Picture) -> Result<OcrPage, OcrError>;
}

/// A page's picture in a file format that the usual engines know: PNM, PNG, JPEG, JPEG 2000 or TIFF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// Dots an inch; engines scale their guesses of letter sizes by it.
    pub dpi: u32,
}

/// What an engine read. Coordinates are pixels of the picture, origin at the top left.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct OcrPage {
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// Lines in reading order.
    pub lines: Vec<OcrLine>,
}

/// A line of recognised words.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct OcrLine {
    /// Number of the paragraph that the line belongs to; lines of one paragraph follow each other.
    pub paragraph: u32,
    /// Its words from left to right (or in the order of the script).
    pub words: Vec<OcrWord>,
}

/// A recognised word.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct OcrWord {
    /// The text.
    pub text: String,
    /// Left, top, right, bottom in pixels.
    pub area: [u32; 4],
    /// How sure the engine is, 0 to 1.
    pub confidence: f32,
}

/// Why a picture could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OcrError {
    /// A program is not installed.
    #[error("{program} was not found on the PATH; install {package} to read pages that are pictures")]
    Missing {
        /// The program.
        program: &'static str,
        /// What to install.
        package: String,
    },
    /// A program failed.
    #[error("{program} failed: {detail}; try it by hand on the page")]
    Failed {
        /// The program.
        program: &'static str,
        /// What it said.
        detail: String,
    },
    /// A program took too long and was stopped.
    #[error(
        "{program} took longer than {seconds} s and was stopped; give it more time or leave the page out"
    )]
    Slow {
        /// The program.
        program: &'static str,
        /// Its time.
        seconds: u64,
    },
    /// The page has no picture that could be taken out of the file.
    #[error("no picture of the page can be made; install poppler-utils (pdftoppm)")]
    NoPicture,
    /// A file of the cache or a temporary file could not be used.
    #[error("{path}: {source}; check that the folder may be written")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}
