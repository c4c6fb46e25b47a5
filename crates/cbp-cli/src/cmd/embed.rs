//! `cbp embed`: texts to vectors.

use std::path::PathBuf;

use cbp_infer::embed::{Engine, Progress, Run, TextKind};

use crate::{
    exit::{CliError, Done, Outcome},
    files, progress,
};

/// One text a line, or `id TAB text`, to the rows of a .npy file.
///
/// With tabs the first line is a header, and the text is the column called `text`, else the last one. Blank lines are left
/// out.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The texts (TSV with a header, or plain lines)
    file: PathBuf,
    /// The .npy file to write: one row of f32 for each text
    #[arg(short, long, value_name = "OUT.npy")]
    out: PathBuf,
    /// A model directory, or the name of one that ships or was imported
    #[arg(long, value_name = "DIR|NAME")]
    model: Option<String>,
    /// What the texts are: needs that look for something, or what is found
    #[arg(long, value_enum, default_value_t = Kind::Passage)]
    kind: Kind,
    /// Bytes for numbers: more than half as fast again, vectors a little off; they never meet those of full precision
    #[arg(long)]
    int8: bool,
    /// Half precision on an NVIDIA GPU (a build with the feature `cuda`)
    #[arg(long, conflicts_with = "int8")]
    cuda: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Kind {
    Query,
    Passage,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let text = files::read_text(&args.file)?;
    let (lines, texts): (Vec<usize>, Vec<&str>) = column(&text).into_iter().unzip();
    if texts.is_empty() {
        return Err(CliError::Failed(format!("{}: no texts; put one on each line", args.file.display())));
    }
    let engine = match (args.int8, args.cuda) {
        (true, _) => Engine::Int8,
        (_, true) => Engine::Cuda,
        _ => Engine::Packed,
    };
    let embedder = crate::embedder::open_on(args.model.as_deref(), engine)?;
    let kind = match args.kind {
        Kind::Query => TextKind::Query,
        Kind::Passage => TextKind::Passage,
    };
    let bar = progress::bar(texts.len() as u64, "embedding");
    let watch = |step: Progress| {
        bar.set_length(step.total as u64);
        bar.set_position(step.done as u64);
    };
    let run = Run { progress: Some(&watch), ..Run::default() };
    let vectors = embedder.embed_with(&texts, kind, &run).map_err(|error| {
        let line = error.text().and_then(|index| lines.get(index)).map(|line| format!(", line {line}"));
        CliError::Failed(format!("{}{}: {error}", args.file.display(), line.unwrap_or_default()))
    })?;
    bar.finish_and_clear();
    let numbers = vectors.as_slice().unwrap_or_default();
    files::write(&args.out, &npy(vectors.nrows(), vectors.ncols(), numbers))?;
    say!(
        "{} texts, {} dimensions, model {} {}",
        vectors.nrows(),
        vectors.ncols(),
        embedder.name(),
        embedder.fingerprint()
    );
    Ok(Done::Whole)
}

/// The texts of a file with the numbers of their lines: the `text` (else the last) column where the first line has
/// tabs, else whole lines.
fn column(text: &str) -> Vec<(usize, &str)> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let Some((_, first)) = lines.clone().next().filter(|(_, line)| line.contains('\t')) else {
        return lines.collect();
    };
    lines.next();
    let names: Vec<&str> = first.split('\t').collect();
    let at = names.iter().position(|name| *name == "text").unwrap_or(names.len() - 1);
    lines.map(|(number, line)| (number, line.split('\t').nth(at).unwrap_or_default())).collect()
}

/// A `.npy` file (version 1.0) of a row-major `f32` matrix.
fn npy(rows: usize, cols: usize, numbers: &[f32]) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {cols}), }}");
    // Magic, version and length are 10 bytes; data starts at a multiple of 64.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header.extend(std::iter::repeat_n(' ', padded - header.len() - 1));
    header.push('\n');
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((header.len() as u16).to_le_bytes());
    out.extend(header.as_bytes());
    out.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns() {
        assert_eq!(column("one\n\ntwo\n"), [(1, "one"), (3, "two")]);
        assert_eq!(column("id\ttext\tnote\n1\tone\tx\n"), [(2, "one")]);
        assert_eq!(column("id\tbody\n1\tone\n"), [(2, "one")]);
    }

    #[test]
    fn npy_header_is_aligned() {
        let file = npy(1, 2, &[1.0, 2.0]);
        assert_eq!(file.len() % 64, 8);
        assert_eq!(&file[file.len() - 4..], &2.0_f32.to_le_bytes());
    }
}
