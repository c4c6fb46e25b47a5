//! What the columns of a table hold, told from its header by meaning.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::expand::expand;
use super::rank::names_post;
use super::wing::is_wing;
use crate::Table;
use crate::prose::{collapse, fold, table_rows};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    /// Running number.
    Serial,
    /// Service group or grade.
    Group,
    /// Designation.
    Post,
    /// Name of a person.
    Person,
    /// Role, area of responsibility.
    Role,
    /// Activities under the roles.
    Activity,
    /// Duties, powers, work allotted: roles and activities in one.
    Duty,
    /// Number of posts.
    Count,
    /// Wing, section, branch.
    Wing,
    /// Known, and of no use here.
    Other,
}

/// The columns of a table of posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Index of the first row after the header.
    pub(crate) body: usize,
    /// One for each column; `None` where the header does not tell.
    pub(crate) columns: Vec<Option<Column>>,
    /// Header texts, hierarchical ones joined.
    pub(crate) titles: Vec<String>,
}

/// How many rows of a table may stand above its header.
const TITLE_ROWS: usize = 12;

fn vocabulary() -> &'static BTreeMap<String, Column> {
    static TABLE: OnceLock<BTreeMap<String, Column>> = OnceLock::new();
    TABLE.get_or_init(|| {
        table_rows(include_str!("../../data/columns.tsv"))
            .filter_map(|row| {
                let column = match *row.first()? {
                    "serial" => Column::Serial,
                    "group" => Column::Group,
                    "post" => Column::Post,
                    "person" => Column::Person,
                    "role" => Column::Role,
                    "activity" => Column::Activity,
                    "duty" => Column::Duty,
                    "count" => Column::Count,
                    "wing" => Column::Wing,
                    _ => Column::Other,
                };
                Some((fold(row.get(1)?), column))
            })
            .collect()
    })
}

/// Words that do not count in a header.
const SMALL: [&str; 18] = [
    "of",
    "the",
    "to",
    "and",
    "in",
    "by",
    "for",
    "a",
    "or",
    "का",
    "की",
    "के",
    "एवं",
    "व",
    "तथा",
    "और",
    "को",
    "में",
];

/// What the whole text says, if it is a known header.
pub(crate) fn exactly(header: &str) -> Option<Column> {
    vocabulary().get(&fold(header)).copied()
}

/// What a header says: the whole text, else the longest known phrase in it.
pub(crate) fn classify(header: &str) -> Option<Column> {
    if let Some(column) = exactly(header) {
        return Some(column);
    }
    let folded = fold(header);
    let words: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).collect();
    if words.is_empty() || words.len() > 14 {
        return None;
    }
    // A phrase says what a longer header is about only where it makes up a good part of it.
    let weight = |words: &[&str]| words.iter().filter(|w| !SMALL.contains(w)).count();
    let all = weight(&words);
    for length in (1..words.len()).rev() {
        for start in 0..=words.len() - length {
            let window = words.get(start..start + length)?;
            let phrase = window.join(" ");
            if phrase.chars().count() >= 4
                && weight(window) * 3 >= all
                && let Some(column) = vocabulary().get(&phrase)
            {
                return Some(*column);
            }
        }
    }
    None
}

impl Layout {
    /// The layout of a table that gives posts, or sections, their work; `None` for any other table.
    pub(crate) fn of(table: &Table) -> Option<Self> {
        let last = TITLE_ROWS.min(table.rows.len());
        let mut best: Option<(u32, Self)> = None;
        for top in 0..last {
            for height in 1..=3.min(table.rows.len() - top) {
                let Some(layout) = Self::at(table, top, height) else { continue };
                let score = layout.score();
                // A second row of headers under spanning ones says more, though it adds no kind.
                let words = table.rows.get(top + height - 1).is_some_and(is_header_words);
                let better = |s: u32| score > s || (score == s && words);
                if layout.gives_work() && best.as_ref().is_none_or(|(s, _)| better(*s)) {
                    best = Some((score, layout));
                }
            }
            if best.is_some() {
                break;
            }
        }
        best.map(|(_, layout)| layout)
    }

    /// The layout of a table without a header: short cells that name posts or sections, beside long ones.
    ///
    /// Only for papers that are known to give work: any list of posts with remarks looks like this.
    pub(crate) fn guessed(table: &Table, wings: &[String]) -> Option<Self> {
        let rows = table.rows.len();
        if rows == 0 || table.header_rows > 0 || table.columns < 2 || table.columns > 6 {
            return None;
        }
        let texts = |c: usize| {
            table.rows.iter().filter_map(move |r| r.cells.get(c)).filter(|c| !c.text.trim().is_empty())
        };
        let words = |c: usize| texts(c).map(|c| c.text.split_whitespace().count()).sum::<usize>();
        let names = |c: usize| {
            let first = |cell: &crate::Cell| {
                let line = cell.text.lines().next().unwrap_or_default();
                is_wing(line, wings) || names_post(&expand(line))
            };
            texts(c).filter(|c| first(c)).count() * 10 >= rows * 6
        };
        let post = (0..table.columns).find(|&c| names(c))?;
        let work = (0..table.columns).filter(|&c| c != post).max_by_key(|&c| words(c))?;
        if words(work) < words(post) * 2 || words(work) < rows * 6 {
            return None;
        }
        let mut columns = vec![None; table.columns];
        for c in 0..table.columns {
            let serial = texts(c).count() > 0
                && texts(c).all(|c| c.text.trim().trim_end_matches('.').parse::<u32>().is_ok());
            let kind = if c == post {
                Some(Column::Post)
            } else if c == work {
                Some(Column::Duty)
            } else if serial {
                Some(Column::Serial)
            } else {
                None
            };
            if let Some(slot) = columns.get_mut(c) {
                *slot = kind;
            }
        }
        Some(Self { body: 0, columns, titles: vec![String::new(); table.columns] })
    }

    /// The layout if the header is the rows `top..top + height`.
    fn at(table: &Table, top: usize, height: usize) -> Option<Self> {
        let header = table.rows.get(top..top + height)?;
        let mut titles = vec![String::new(); table.columns];
        for row in header {
            let mut text = String::new();
            let mut left = 0;
            for (cell, title) in row.cells.iter().zip(&mut titles) {
                if !cell.covered {
                    text.clone_from(&cell.text);
                    left = cell.col_span;
                }
                // A spanning header stands over each of its columns.
                if left > 0 {
                    left -= 1;
                    let text = collapse(&text);
                    let again = cell.covered && title.ends_with(&text);
                    if !text.is_empty() && !again {
                        if !title.is_empty() {
                            title.push(' ');
                        }
                        title.push_str(&text);
                    }
                }
            }
        }
        let whole_row =
            header.iter().any(|r| r.cells.iter().filter(|c| !c.text.trim().is_empty()).count() < 2);
        if whole_row {
            return None;
        }
        // The lowest header decides; the joined one where that says nothing.
        let columns = titles
            .iter()
            .enumerate()
            .map(|(i, title)| {
                let lowest =
                    header.iter().rev().filter_map(|r| r.cells.get(i)).find(|c| !c.text.trim().is_empty());
                lowest.and_then(|c| classify(&c.text)).or_else(|| classify(title))
            })
            .collect();
        let mut body = top + height;
        while table.rows.get(body).is_some_and(is_numbering) {
            body += 1;
        }
        Some(Self { body, columns, titles })
    }

    /// True where posts (or sections) and their work stand side by side.
    fn gives_work(&self) -> bool {
        let has = |c| self.columns.contains(&Some(c));
        let work = has(Column::Role) || has(Column::Activity) || has(Column::Duty);
        work && (has(Column::Post) || has(Column::Wing) || (has(Column::Person) && has(Column::Serial)))
    }

    fn score(&self) -> u32 {
        let mut kinds: Vec<Column> = self.columns.iter().flatten().copied().collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.len() as u32
    }

    /// The first column of a kind.
    pub(crate) fn column(&self, kind: Column) -> Option<usize> {
        self.columns.iter().position(|c| *c == Some(kind))
    }

    /// All columns of a kind.
    pub(crate) fn all(&self, kind: Column) -> Vec<usize> {
        (0..self.columns.len()).filter(|&i| self.columns.get(i) == Some(&Some(kind))).collect()
    }

    /// True where a row repeats the header, as tables do at the top of a page.
    pub(crate) fn repeats(&self, cells: &[crate::Cell]) -> bool {
        if self.titles.iter().all(String::is_empty) {
            return false;
        }
        let same = |i: usize, t: &String| cells.get(i).is_some_and(|c| fold(&c.text) == fold(t));
        self.titles.iter().enumerate().filter(|(_, t)| !t.is_empty()).all(|(i, t)| same(i, t))
    }
}

/// True where every filled cell of a row is a known header.
fn is_header_words(row: &crate::Row) -> bool {
    let mut filled = row.cells.iter().filter(|c| !c.text.trim().is_empty()).peekable();
    filled.peek().is_some() && filled.all(|c| exactly(&c.text).is_some())
}

/// True for the row "1 | 2 | 3 …" that some offices put under the header.
fn is_numbering(row: &crate::Row) -> bool {
    let mut expected = 1;
    for cell in row.cells.iter().filter(|c| !c.covered) {
        let text = fold(&cell.text);
        if text.parse() != Ok(expected) {
            return false;
        }
        expected += 1;
    }
    expected > 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cell, Row};

    pub(crate) fn table(rows: &[&[&str]]) -> Table {
        let columns = rows.iter().map(|r| r.len()).max().unwrap_or(0);
        let cell = |t: &&str| Cell { text: (*t).to_owned(), ..Cell::default() };
        let row = |r: &&[&str]| Row { page: 1, cells: r.iter().map(cell).collect() };
        Table { columns, header_rows: 0, rows: rows.iter().map(row).collect() }
    }

    #[test]
    fn headers_are_known_by_meaning_in_both_languages() {
        for (header, column) in [
            ("S. No.", Column::Serial),
            ("Sl.No", Column::Serial),
            ("क्र.सं.", Column::Serial),
            ("Group or Grade", Column::Group),
            ("समूह", Column::Group),
            ("Name of the Post", Column::Post),
            ("पदनाम", Column::Post),
            ("Roles", Column::Role),
            ("भूमिकाएँ", Column::Role),
            ("Roles & Responsibilities", Column::Duty),
            ("कार्य एवं गतिविधियाँ", Column::Activity),
            ("Duties assigned to the officer", Column::Duty),
            ("No. of Posts", Column::Count),
            ("Name of Section", Column::Wing),
        ] {
            assert_eq!(classify(header), Some(column), "{header}");
        }
        assert_eq!(classify("Culverts"), None);
    }

    #[test]
    fn a_header_may_stand_below_titles_and_above_column_numbers() {
        let t = table(&[
            &["Annexure to Order 12", "", ""],
            &["Sl. No.", "Designation", "Work allotted"],
            &["1", "2", "3"],
            &["1", "Director", "All"],
        ]);
        let layout = Layout::of(&t).unwrap();
        assert_eq!(layout.body, 3);
        assert_eq!(layout.columns, [Some(Column::Serial), Some(Column::Post), Some(Column::Duty)]);
        assert_eq!(Layout::of(&table(&[&["Year", "Roads"], &["2024", "7"]])), None);
    }
}
