//! Why a plan could not be rendered.

/// Why a plan could not be rendered. Each of these is a fault of this program or of a hand-edited plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The page template failed.
    #[error("plan.html: {0}; the plan holds something that the page cannot show")]
    Html(#[from] minijinja::Error),
    /// The workbook could not be made.
    #[error("plan.xlsx: {0}; the plan holds something that a sheet cannot show")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// A CSV file could not be made.
    #[error("CSV: {0}")]
    Csv(#[from] csv::Error),
}
