//! A department's posts, roles and activities from its papers.

mod align;
mod annexure;
mod columns;
mod expand;
mod group;
mod headcount;
mod heading;
mod list;
mod merge;
mod name;
mod order;
mod rank;
mod table;
mod wing;

pub use annexure::annexure_csv;
pub(crate) use expand::expand as expand_post;
pub(crate) use headcount::number;
pub(crate) use name::{PostName, post_key, post_name};
pub(crate) use rank::{begins_with_post, ends_in_post, is_known_post, names_post};

use cbp_core::{Department, FracDictionary, RowCount, Warning};

use crate::organogram::{merge as merge_organogram, organogram};
use crate::prose::{Locator, collapse};
use crate::{BlockKind, DepartmentFile, Document, DocumentKind, Format, Page};

/// What one document gave.
#[derive(Debug, Default)]
pub(crate) struct Harvest {
    document: String,
    posts: Vec<cbp_core::Designation>,
    rows: RowCount,
    /// Rows in which a section stands for a post.
    sections: u32,
    warnings: Vec<Warning>,
}

impl Harvest {
    fn new(document: &str) -> Self {
        Self { document: document.to_owned(), ..Self::default() }
    }
}

/// The FRAC dictionary of a department.
///
/// Posts come from work allocations and from office orders that allot work. Rows and spellings that name one post in
/// one wing are joined and recorded; posts of different wings stay apart. `rows` proves that no row was lost.
pub fn frac_dictionary(docs: &[(Document, DocumentKind)], dept: &DepartmentFile) -> FracDictionary {
    let mut harvests: Vec<Harvest> = docs
        .iter()
        .filter(|(_, kind)| matches!(kind, DocumentKind::WorkAllocation | DocumentKind::OfficeOrder))
        .map(|(document, kind)| harvest(document, *kind == DocumentKind::WorkAllocation, dept))
        .collect();
    let mut rows = RowCount::default();
    let mut warnings = Vec::new();
    for found in &mut harvests {
        rows.read += found.rows.read;
        rows.unreadable += found.rows.unreadable;
        warnings.append(&mut found.warnings);
    }
    let (mut posts, mut merges) = merge::join(harvests);
    rows.designations = posts.len() as u32;
    rows.merged = rows.read - rows.unreadable - rows.designations;
    let order = order::by_seniority(&posts);
    let width = posts.len().to_string().len().max(3);
    for (place, &i) in order.iter().enumerate() {
        if let Some(post) = posts.get_mut(i) {
            post.id = format!("d{:0width$}", place + 1);
            post.sort_order = place as u32 + 1;
        }
    }
    for (i, merge) in &mut merges {
        merge.into = posts.get(*i).map_or_else(String::new, |p| p.id.clone());
    }
    posts.sort_by_key(|p| p.sort_order);
    for (document, _) in docs.iter().filter(|(_, kind)| *kind == DocumentKind::Organogram) {
        let tree = organogram(document);
        let idle = merge_organogram(&tree, &mut posts);
        warnings.extend(without_work(document, &idle).filter(|_| !posts.is_empty()));
        warnings.extend(tree.warnings);
    }
    let mut merges: Vec<cbp_core::Merge> = merges.into_iter().map(|(_, m)| m).collect();
    merges.sort_by(|a, b| a.into.cmp(&b.into));
    FracDictionary { department: department(docs, dept), designations: posts, merges, rows, warnings }
}

/// Most names that a warning lists.
const LISTED: usize = 12;

/// Posts of an organogram for which no paper says what they do: they cannot be planned for, and someone should know.
fn without_work(organogram: &Document, posts: &[&str]) -> Option<Warning> {
    let names = posts.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    let more = match posts.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!posts.is_empty()).then(|| Warning {
        document: Some(organogram.name.clone()),
        page: None,
        message: format!(
            "no paper gives the work of these posts, so the plan leaves them out: {names}{more}"
        ),
        input_lost: false,
    })
}

/// Reads one document. `whole`: it is a work allocation, so that lists and tables without a header count as well.
fn harvest(document: &Document, whole: bool, dept: &DepartmentFile) -> Harvest {
    let mut harvest = Harvest::new(&document.name);
    let mut locator = Locator::new(document);
    for page in document.pages.iter().filter(|p| p.verdict.is_readable()) {
        for (b, block) in page.blocks.iter().enumerate() {
            let BlockKind::Table(table) = &block.kind else { continue };
            let guess = || columns::Layout::guessed(table, &dept.wings).filter(|_| whole);
            let layout = columns::Layout::of(table).or_else(guess);
            let Some(layout) = layout else { continue };
            let source = table::Source {
                table,
                page: page.number,
                block: b as u32,
                wrapped: document.format == Format::Pdf,
                wing: heading_wing(page, b, dept),
                wings: &dept.wings,
            };
            table::read_table(&source, &layout, &mut locator, &mut harvest);
        }
    }
    if whole && harvest.posts.is_empty() {
        list::read_lists(document, &dept.wings, &mut locator, &mut harvest);
    }
    if harvest.sections > 0 {
        let message = format!(
            "{} entries give work to a section and name no post; the section stands for the post until one is named",
            harvest.sections
        );
        harvest.warnings.push(Warning {
            document: Some(document.name.clone()),
            page: None,
            message,
            input_lost: false,
        });
    }
    harvest
}

/// The wing that the headings directly before a table name; empty where they name none.
fn heading_wing(page: &Page, table: usize, dept: &DepartmentFile) -> String {
    let before = page.blocks.get(..table).unwrap_or_default();
    before
        .iter()
        .rev()
        .take_while(|b| !matches!(b.kind, BlockKind::Table(_)))
        .filter(|b| b.kind != BlockKind::Furniture)
        .take(3)
        .flat_map(|b| b.text.lines().rev())
        .filter(|l| l.chars().count() < 120)
        .find_map(|l| table::wing_before(l, &dept.wings))
        .unwrap_or_default()
}

/// The department as `department.toml` names it, else as the first page of a paper does.
fn department(docs: &[(Document, DocumentKind)], dept: &DepartmentFile) -> Department {
    let mut department = dept.department();
    if department.name.is_empty() {
        let work = docs.iter().filter(|(_, kind)| *kind == DocumentKind::WorkAllocation);
        let name = work.chain(docs).find_map(|(d, _)| named_on_top(d));
        department.name = name.unwrap_or_default();
    }
    department
}

/// "Department of X" or "X विभाग" in the first lines of a document.
fn named_on_top(document: &Document) -> Option<String> {
    let page = document.pages.iter().find(|p| p.verdict.is_readable() && !p.blocks.is_empty())?;
    page.blocks.iter().take(12).flat_map(|b| b.text.lines()).map(collapse).find_map(|line| {
        let words = line.split_whitespace().count();
        if let Some(at) = line.find("Department of ").or_else(|| line.find("DEPARTMENT OF ")) {
            let name = line.get(at..)?.split([',', ':', ';', '(', '\u{2013}']).next()?.trim();
            return is_title(name).then(|| name.to_owned());
        }
        let ends = line.ends_with(" Department") || line.ends_with(" DEPARTMENT") || line.ends_with("विभाग");
        (ends && words <= 8).then(|| line.clone())
    })
}

/// True for a name, whose words but the small ones have capitals; "Department of X has introduced" is a sentence.
fn is_title(name: &str) -> bool {
    let small = ["of", "and", "the", "for", "&", "in"];
    let mut words = name.split_whitespace();
    words.clone().count() <= 10 && words.all(|w| small.contains(&w) || !w.starts_with(char::is_lowercase))
}

/// How much of a document gives posts their work.
pub(crate) struct Work {
    /// Rows of tables that do.
    pub(crate) posts: usize,
    /// Their share of the text, 0 to 1.
    pub(crate) share: f64,
}

/// Looks for tables of posts and their work.
pub(crate) fn work_in(document: &Document) -> Work {
    let (mut posts, mut inside, mut all) = (0, 0_usize, 0_usize);
    for block in document.pages.iter().filter(|p| p.verdict.is_readable()).flat_map(|p| &p.blocks) {
        all += block.text.len();
        if let BlockKind::Table(table) = &block.kind
            && let Some(layout) = columns::Layout::of(table)
        {
            posts += table.rows.len() - layout.body.min(table.rows.len());
            inside += block.text.len();
        }
    }
    Work { posts, share: inside as f64 / all.max(1) as f64 }
}

#[cfg(test)]
mod tests {
    use super::is_title;

    #[test]
    fn a_sentence_about_a_department_does_not_name_it() {
        assert!(is_title("Department of Drinking Water and Sanitation"));
        assert!(!is_title("Department of Fisheries has introduced a Scheme"));
    }
}
