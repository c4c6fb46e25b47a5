//! Officials from, and recommendations to, columns: Arrow record batches in memory, Parquet in files.
//!
//! The columns are the fields of [`Official`] and of an answer's line of JSON, by the same names: `id` and `designation` must be
//! there, `held` is a list of structs `{competency, level}`, `done` and `languages` are lists of texts, `hours` is in double precision;
//! nulls stand for nothing known. Answers have `id`, `error` (null where all is well) and `courses`, a list of structs
//! `{course, score, competency}`. One record batch is in memory at a time; Parquet is read in batches of its own size.

use std::{
    fs::File,
    io::{self, BufRead, Write},
};

use arrow_array::RecordBatch;
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::Compression,
    errors::ParquetError,
    file::properties::WriterProperties,
};
use serde::Deserialize as _;
use serde_arrow::{
    Deserializer,
    schema::{SchemaLike as _, SerdeArrowSchema, TracingOptions},
};

use super::{
    BatchReport, Official, Recommender, Shard,
    batch::{Answer, CHUNK},
};

/// Columns that every file of officials has.
const NEEDED: [&str; 2] = ["id", "designation"];

/// Why columns could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnsError {
    /// A column is not there.
    #[error("there is no column \"{column}\" among {found:?}; officials have at least {NEEDED:?}")]
    Missing {
        /// The column.
        column: &'static str,
        /// Columns that are there.
        found: Vec<String>,
    },
    /// An answer among the lines that are to become columns cannot be read.
    #[error("line {line} is no answer: {detail}; answer the officials again")]
    Answer {
        /// The line; 1 is the first.
        line: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// Arrow refuses the columns.
    #[error(transparent)]
    Arrow(#[from] serde_arrow::Error),
    /// The file is damaged, or of something else.
    #[error("{0}; give a Parquet file")]
    Parquet(#[from] ParquetError),
    /// A batch could not be read.
    #[error("{0}; write the file again")]
    Batch(#[from] arrow_schema::ArrowError),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The record batches of a Parquet file of officials.
///
/// # Errors
///
/// [`ColumnsError::Parquet`] for a file that is not Parquet.
pub fn read_parquet(
    file: File,
) -> Result<impl Iterator<Item = Result<RecordBatch, ColumnsError>>, ColumnsError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(CHUNK).build()?;
    Ok(reader.map(|batch| Ok(batch?)))
}

/// Answers in columns, one row each.
///
/// # Errors
///
/// [`ColumnsError::Arrow`] where more texts meet than 32 bits can number.
fn columns(answers: &[Answer<'_>]) -> Result<RecordBatch, ColumnsError> {
    let options = TracingOptions::default().strings_as_large_utf8(false).sequence_as_large_list(false);
    let schema = SerdeArrowSchema::from_type::<Answer<'_>>(options)?;
    let fields = Vec::<arrow_schema::FieldRef>::try_from(&schema)?;
    Ok(serde_arrow::to_record_batch(&fields, &answers)?)
}

/// Writes answers that are lines of JSON as a Parquet file.
///
/// # Errors
///
/// [`ColumnsError::Answer`] for a line that is no answer; and whatever writing reports.
pub fn lines_to_parquet(lines: impl BufRead, output: impl Write + Send) -> Result<(), ColumnsError> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(output, columns(&[])?.schema(), Some(properties))?;
    let mut lines = lines.lines();
    let mut first = 1;
    loop {
        let chunk = lines.by_ref().take(CHUNK).collect::<io::Result<Vec<String>>>()?;
        if chunk.is_empty() {
            break;
        }
        let mut answers = Vec::with_capacity(chunk.len());
        for (line, number) in chunk.iter().zip(first..) {
            let answer: Result<Answer<'_>, _> = serde_json::from_str(line);
            answers.push(answer.map_err(|e| ColumnsError::Answer { line: number, detail: e.to_string() })?);
        }
        writer.write(&columns(&answers)?)?;
        first += chunk.len() as u64;
    }
    writer.close()?;
    Ok(())
}

impl Recommender<'_> {
    /// [`Recommender::recommend_lines`] for officials that come as record batches; the answers are lines all the same. A
    /// row that cannot be read is answered with its error, which names the row and the field.
    ///
    /// # Errors
    ///
    /// [`ColumnsError::Missing`] for batches without the columns that officials have, and whatever reading and writing report.
    pub fn recommend_columns(
        &self,
        batches: impl Iterator<Item = Result<RecordBatch, ColumnsError>>,
        output: &mut impl Write,
        k: usize,
        shard: Shard,
        done: u64,
        watch: &mut dyn FnMut(u64),
    ) -> Result<BatchReport, ColumnsError> {
        let mut report = BatchReport::default();
        let mut due = shard.due(done).peekable();
        let mut first = 0;
        for batch in batches {
            let batch = batch?;
            for column in NEEDED {
                if batch.column_by_name(column).is_none() {
                    let schema = batch.schema();
                    let found = schema.fields().iter().map(|field| field.name().clone()).collect();
                    return Err(ColumnsError::Missing { column, found });
                }
            }
            let records = Deserializer::from_record_batch(&batch)?;
            let end = first + batch.num_rows() as u64;
            let rows: Vec<u64> = std::iter::from_fn(|| due.next_if(|row| *row < end)).collect();
            let official = |row: &u64| {
                let record = records.get((row - first) as usize);
                let official = record.map_or_else(|| Ok(Official::default()), Official::deserialize);
                official.map_err(|e| format!("row {} is no official: {e}", row + 1))
            };
            self.answer_all(&rows, official, k, output, &mut report)?;
            watch(report.officials);
            first = end;
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank::{Held, batch::tests::with_recommender};

    /// Officials as a batch, whatever their fields' types are.
    fn batch<T: serde::Serialize + serde::de::DeserializeOwned>(rows: &[T]) -> RecordBatch {
        let options = TracingOptions::default().allow_null_fields(true);
        let schema = SerdeArrowSchema::from_samples(rows, options).unwrap();
        let fields = Vec::<arrow_schema::FieldRef>::try_from(&schema).unwrap();
        serde_arrow::to_record_batch(&fields, &rows).unwrap()
    }

    fn written(batches: &[RecordBatch]) -> File {
        let file = tempfile::tempfile().unwrap();
        let mut writer = ArrowWriter::try_new(&file, batches[0].schema(), None).unwrap();
        for batch in batches {
            writer.write(batch).unwrap();
        }
        writer.close().unwrap();
        file
    }

    fn lines(recommender: &Recommender<'_>, batches: &[RecordBatch], shard: Shard, done: u64) -> String {
        let mut out = Vec::new();
        let batches = read_parquet(written(batches)).unwrap();
        recommender.recommend_columns(batches, &mut out, 3, shard, done, &mut |_| ()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_and_lines_of_the_same_officials_get_the_same_answers() {
        let officials: Vec<Official> = (0..50)
            .map(|i| Official {
                id: format!("p{i}"),
                designation: if i == 7 { "Pilot" } else { "clerk" }.into(),
                held: vec![Held { competency: "fun-001".into(), level: (i % 3) as u8 }],
                done: vec![format!("c{}", i % 30)],
                hours: (i % 5 > 0).then_some(3.5),
                ..Official::default()
            })
            .collect();
        let batches = [batch(&officials[..20]), batch(&officials[20..])];
        with_recommender(|recommender| {
            let input: String = officials.iter().map(|o| serde_json::to_string(o).unwrap() + "\n").collect();
            let mut want = Vec::new();
            for (shard, done) in
                [(Shard::default(), 0), (Shard { part: 2, of: 3 }, 0), (Shard { part: 3, of: 3 }, 5)]
            {
                want.clear();
                recommender
                    .recommend_lines(input.as_bytes(), &mut want, 3, shard, done, &mut |_| ())
                    .unwrap();
                assert_eq!(lines(recommender, &batches, shard, done).as_bytes(), want);
            }
            // The answers come back from Parquet as they went.
            let got = lines(recommender, &batches, Shard::default(), 0);
            let mut file = tempfile::tempfile().unwrap();
            lines_to_parquet(got.as_bytes(), &mut file).unwrap();
            let mut back = String::new();
            for batch in read_parquet(file).unwrap() {
                let batch = batch.unwrap();
                let answers: Vec<Answer<'_>> = serde_arrow::from_record_batch(&batch).unwrap();
                back.extend(answers.iter().map(|one| serde_json::to_string(one).unwrap() + "\n"));
            }
            assert_eq!(back, got);
        });
    }

    #[test]
    fn what_is_wrong_is_named_by_column_and_row() {
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Odd<T> {
            id: Option<String>,
            designation: String,
            hours: Option<T>,
            held: Option<Vec<(String, i64)>>,
        }
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Short {
            id: String,
        }
        fn odd<T>(id: Option<&str>, hours: Option<T>) -> Odd<T> {
            Odd { id: id.map(Into::into), designation: "Clerk".into(), hours, held: None }
        }
        with_recommender(|recommender| {
            let rows = batch(&[odd(Some("a"), Some(2.0)), odd(None, None)]);
            let got = lines(recommender, &[rows], Shard::default(), 0);
            let got: Vec<&str> = got.lines().collect();
            assert!(got[0].starts_with(r#"{"id":"a","courses":[{"#), "{got:?}");
            assert!(got[1].contains("row 2 is no official") && got[1].contains("$.id"), "{got:?}");
            let got = lines(recommender, &[batch(&[odd(Some("a"), Some(2_i64))])], Shard::default(), 0);
            assert!(got.contains("row 1 is no official") && got.contains("$.hours"), "{got}");
            let batches = read_parquet(written(&[batch(&[Short { id: "a".into() }])])).unwrap();
            let got =
                recommender.recommend_columns(batches, &mut Vec::new(), 3, Shard::default(), 0, &mut |_| ());
            assert!(matches!(got, Err(ColumnsError::Missing { column: "designation", .. })), "{got:?}");
        });
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"PAR1 no such thing").unwrap();
        assert!(matches!(read_parquet(file).map(|_| ()), Err(ColumnsError::Parquet(_))));
        let got = lines_to_parquet(&b"{}\n"[..], Vec::new());
        assert!(matches!(got, Err(ColumnsError::Answer { line: 1, .. })), "{got:?}");
    }
}
