//! Exit statuses: 0 done, 1 failed, 2 wrong usage, 3 done but some input could not be read.

use std::process::ExitCode;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Everything was read.
    Whole,
    /// Some input could not be read; it was named on standard error.
    Partial,
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum CliError {
    /// The arguments make no sense together.
    Usage(String),
    /// The work could not be done; one sentence with the file and the cure.
    Failed(String),
}

impl<E: std::error::Error> From<E> for CliError {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What every command returns.
pub(crate) type Outcome = Result<Done, CliError>;

/// Prints a failure and turns the outcome into the exit status.
pub(crate) fn code(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::Partial) => ExitCode::from(3),
        Err(CliError::Failed(message)) => {
            say!("cbp: {message}");
            ExitCode::FAILURE
        }
        Err(CliError::Usage(message)) => {
            say!("cbp: {message}\nTry 'cbp --help'.");
            ExitCode::from(2)
        }
    }
}
