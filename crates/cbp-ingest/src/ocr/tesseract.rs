//! The program `tesseract`, run once a picture.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{OcrEngine, OcrError, OcrLine, OcrPage, OcrWord, Picture};

/// Longest time for one page; a dense page takes five to thirteen seconds.
const PAGE_TIME: Duration = Duration::from_mins(2);
/// Words that it is less sure of than this are specks and lines.
const LEAST_CONFIDENCE: f32 = 0.05;

/// Tesseract, as installed on this machine.
#[derive(Debug, Clone)]
pub struct Tesseract {
    program: PathBuf,
    languages: String,
    name: String,
}

impl Tesseract {
    /// Finds the program on the `PATH` and checks that it has the languages (joined by `+`).
    ///
    /// # Errors
    ///
    /// The program or a language is not installed.
    pub fn find(languages: &str) -> Result<Self, OcrError> {
        let program = on_path("tesseract").ok_or_else(|| OcrError::Missing {
            program: "tesseract",
            package: "tesseract-ocr with the languages hin and eng".to_owned(),
        })?;
        let mut command = Command::new(&program);
        let listed = finish(spawn(command.arg("--list-langs"), "tesseract")?, Vec::new(), "tesseract")?;
        let listed = String::from_utf8_lossy(&listed);
        for language in languages.split('+') {
            if !listed.lines().any(|l| l.trim() == language) {
                return Err(OcrError::Missing {
                    program: "tesseract",
                    package: format!("the language {language} (tesseract-ocr-{language})"),
                });
            }
        }
        let name = format!("tesseract {languages}");
        Ok(Self { program, languages: languages.to_owned(), name })
    }
}

impl OcrEngine for Tesseract {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&self, picture: &Picture) -> Result<OcrPage, OcrError> {
        let mut command = Command::new(&self.program);
        // Pages run side by side already: its own threads would only fight for the cores.
        command.env("OMP_THREAD_LIMIT", "1");
        let dpi = picture.dpi.to_string();
        command.args(["-", "-", "-l", &self.languages, "--dpi", &dpi, "--psm", "3", "tsv"]);
        let out = finish(spawn(&mut command, "tesseract")?, picture.bytes.clone(), "tesseract")?;
        Ok(parse_tsv(&String::from_utf8_lossy(&out)))
    }
}

/// The file that a program's name means.
pub(super) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    file.is_file()
}

pub(super) fn spawn(command: &mut Command, program: &'static str) -> Result<Child, OcrError> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| OcrError::Io { path: program.to_owned(), source })
}

/// Feeds a program, waits for it within its time, and returns what it wrote.
pub(super) fn finish(mut child: Child, input: Vec<u8>, program: &'static str) -> Result<Vec<u8>, OcrError> {
    let failed = |detail: String| OcrError::Failed { program, detail };
    let stdin = child.stdin.take();
    let writer = std::thread::spawn(move || {
        // A program that stops early closes the pipe; its status says why.
        stdin.map(|mut pipe| pipe.write_all(&input))
    });
    let read = |pipe: Option<Box<dyn Read + Send>>| {
        std::thread::spawn(move || {
            let mut out = Vec::new();
            if let Some(mut pipe) = pipe {
                let _ = pipe.read_to_end(&mut out);
            }
            out
        })
    };
    let stdout = read(child.stdout.take().map(|p| Box::new(p) as Box<dyn Read + Send>));
    let stderr = read(child.stderr.take().map(|p| Box::new(p) as Box<dyn Read + Send>));
    let started = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() < PAGE_TIME => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(OcrError::Slow { program, seconds: PAGE_TIME.as_secs() });
            }
            Err(error) => return Err(failed(error.to_string())),
        }
    };
    let _ = writer.join();
    let out = stdout.join().unwrap_or_default();
    if status.success() {
        return Ok(out);
    }
    let said = String::from_utf8_lossy(&stderr.join().unwrap_or_default()).into_owned();
    Err(failed(said.lines().last().unwrap_or("without a word").to_owned()))
}

/// Reads the table that `tesseract … tsv` writes: level, page, block, paragraph, line, word, left, top, width, height,
/// confidence, text.
fn parse_tsv(table: &str) -> OcrPage {
    let mut page = OcrPage::default();
    let mut open: Option<[u32; 3]> = None;
    let mut paragraph = (0, [0; 2]);
    for row in table.lines().skip(1) {
        let fields: Vec<&str> = row.split('\t').collect();
        let number = |i: usize| fields.get(i).and_then(|f| f.parse::<u32>().ok()).unwrap_or(0);
        match number(0) {
            1 => (page.width, page.height) = (number(8), number(9)),
            5 => {
                let text = fields.get(11).copied().unwrap_or_default().trim();
                let confidence = fields.get(10).and_then(|f| f.parse::<f32>().ok()).unwrap_or(0.0) / 100.0;
                if text.is_empty() || confidence < LEAST_CONFIDENCE {
                    continue;
                }
                let place = [number(2), number(3), number(4)];
                if open != Some(place) {
                    if open.is_none() || paragraph.1 != [place[0], place[1]] {
                        paragraph = (paragraph.0 + 1, [place[0], place[1]]);
                    }
                    page.lines.push(OcrLine { paragraph: paragraph.0, words: Vec::new() });
                    open = Some(place);
                }
                let (left, top) = (number(6), number(7));
                let area = [left, top, left.saturating_add(number(8)), top.saturating_add(number(9))];
                if let Some(line) = page.lines.last_mut() {
                    line.words.push(OcrWord { text: text.to_owned(), area, confidence });
                }
            }
            _ => {}
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_becomes_lines_and_paragraphs() {
        let table = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
            1\t1\t0\t0\t0\t0\t0\t0\t600\t800\t-1\t\n\
            5\t1\t1\t1\t1\t1\t10\t20\t30\t12\t96.5\tकार्य\n\
            5\t1\t1\t1\t1\t2\t50\t20\t30\t12\t90\twork\n\
            5\t1\t1\t1\t2\t1\t10\t40\t30\t12\t2\t|\n\
            5\t1\t1\t1\t2\t1\t10\t40\t30\t12\t80\tb\n\
            5\t1\t2\t1\t1\t1\t10\t90\t30\t12\t80\tc\n\
            5\t1\tnoise";
        let page = parse_tsv(table);
        assert_eq!((page.width, page.height), (600, 800));
        let lines: Vec<(u32, Vec<&str>)> = page
            .lines
            .iter()
            .map(|l| (l.paragraph, l.words.iter().map(|w| w.text.as_str()).collect()))
            .collect();
        assert_eq!(lines, [(1, vec!["कार्य", "work"]), (1, vec!["b"]), (2, vec!["c"])]);
        assert_eq!(page.lines[0].words[1].area, [50, 20, 80, 32]);
    }

    #[test]
    fn a_program_that_fails_says_why() {
        let mut command = Command::new("sh");
        let child = spawn(command.args(["-c", "cat >/dev/null; echo no eyes >&2; exit 3"]), "sh").unwrap();
        let error = finish(child, vec![0; 100_000], "sh").unwrap_err();
        assert!(error.to_string().contains("no eyes"), "{error}");
    }
}
