//! Files are read with their name in every error, and written whole or not at all.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::exit::CliError;

/// A path as messages show it.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Reads a file's bytes.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    fs::read(path).map_err(|e| {
        CliError::Failed(format!("{}: {e}; check that the file exists and may be read", shown(path)))
    })
}

/// Reads a UTF-8 text file.
pub(crate) fn read_text(path: &Path) -> Result<String, CliError> {
    String::from_utf8(read(path)?)
        .map_err(|_| CliError::Failed(format!("{}: not UTF-8 text; save it as UTF-8", path.display())))
}

/// Writes a file through a temporary one beside it: fsync, then rename.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    write_with(path, |file| file.write_all(bytes).map_err(unwritten(path)))
}

fn unwritten(path: &Path) -> impl Fn(std::io::Error) -> CliError + '_ {
    move |e| {
        CliError::Failed(format!(
            "{}: {e}; check that the folder exists, may be written and has space",
            path.display()
        ))
    }
}

/// [`write()`] for contents that are made while they are written.
pub(crate) fn write_with(
    path: &Path,
    contents: impl FnOnce(&mut fs::File) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let fault = unwritten(path);
    if is_stream(path) {
        let mut stream = fs::OpenOptions::new().write(true).open(path).map_err(&fault)?;
        return contents(&mut stream);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".cbp-").tempfile_in(folder).map_err(&fault)?;
    contents(file.as_file_mut())?;
    file.as_file().sync_all().map_err(&fault)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The temporary file is private; a finished one is as readable as any other new file.
        let _ = fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644));
    }
    file.persist(path).map_err(|e| fault(e.error))?;
    Ok(())
}

/// Writes to standard output. The reader of a pipe may stop early.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}

/// Whether a path names a device or a pipe, such as `/dev/stdout`: written as it is, for a rename would put a file in its place.
pub(crate) fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Makes an output folder and proves that it can be written.
pub(crate) fn output_folder(path: &Path) -> Result<(), CliError> {
    let fault = |e: std::io::Error| {
        CliError::Failed(format!("{}: {e}; give an output folder that may be written", path.display()))
    };
    fs::create_dir_all(path).map_err(fault)?;
    tempfile::Builder::new().prefix(".cbp-").tempfile_in(path).map_err(fault)?;
    Ok(())
}

/// Files and folders to a sorted list of files. Folders are read one level deep; hidden files are left out.
pub(crate) fn expand(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            files.push(input.clone());
            continue;
        }
        let entries = fs::read_dir(input).map_err(|e| {
            CliError::Failed(format!("{}: {e}; check that the folder may be read", input.display()))
        })?;
        let mut inside: Vec<PathBuf> = entries
            .filter_map(Result::ok)
            .map(|e| e.path())
            .filter(|p| {
                p.is_file() && !p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(['.', '~']))
            })
            .collect();
        inside.sort();
        if inside.is_empty() {
            return Err(CliError::Failed(format!(
                "{}: the folder holds no file; put the department's documents there",
                input.display()
            )));
        }
        files.append(&mut inside);
    }
    Ok(files)
}
