//! The forms in which offices give posts their work, each as a small table.

// A test may panic: that is how it fails.
#![allow(clippy::unwrap_used, clippy::panic)]

use cbp_core::{Designation, FracDictionary, Group};
use cbp_ingest::{
    Block, BlockKind, Cell, DepartmentFile, Document, DocumentKind, Format, Page, Row, Table, frac_dictionary,
};

/// A table of cells as text; `^` is a place that the cell above covers, `<` one that the cell to the left covers.
fn table(rows: &[&[&str]]) -> Table {
    let columns = rows.iter().map(|r| r.len()).max().unwrap_or(0);
    let cell = |t: &&str| match *t {
        "^" | "<" => Cell { covered: true, ..Cell::default() },
        text => Cell { text: text.to_owned(), ..Cell::default() },
    };
    let mut table = Table { columns, header_rows: 1, rows: Vec::new() };
    for row in rows {
        let mut cells: Vec<Cell> = row.iter().map(cell).collect();
        for i in 0..cells.len() {
            let covered = row[i + 1..].iter().take_while(|t| **t == "<").count();
            if !cells[i].covered {
                cells[i].col_span = covered + 1;
            }
        }
        table.rows.push(Row { page: 1, cells });
    }
    table
}

fn read(format: Format, blocks: Vec<Block>) -> FracDictionary {
    let page = Page { number: 1, blocks, ..Page::default() };
    let document = Document {
        name: "order.pdf".to_owned(),
        format,
        sha256: String::new(),
        pages: vec![page],
        warnings: Vec::new(),
    };
    let frac = frac_dictionary(&[(document, DocumentKind::WorkAllocation)], &DepartmentFile::default());
    assert!(frac.rows.balances(), "{:?}", frac.rows);
    frac
}

fn of(rows: &[&[&str]]) -> FracDictionary {
    read(Format::Pdf, vec![Block { kind: BlockKind::Table(table(rows)), text: String::new(), bbox: None }])
}

fn post<'a>(frac: &'a FracDictionary, name: &str) -> &'a Designation {
    let names: Vec<&str> = frac.designations.iter().map(|d| d.name.as_str()).collect();
    frac.designations
        .iter()
        .find(|d| d.name == name)
        .unwrap_or_else(|| panic!("{name} is not among {names:?}"))
}

fn roles(post: &Designation) -> Vec<(&str, Vec<&str>)> {
    post.roles
        .iter()
        .map(|r| (r.title.as_str(), r.activities.iter().map(|a| a.text.as_str()).collect()))
        .collect()
}

#[test]
fn powers_and_duties_under_a_header_of_two_rows() {
    let frac = of(&[
        &["Sl. No.", "Designation", "Powers", "<", "Duties"],
        &["^", "^", "Administrative", "Financial", "^"],
        &[
            "1",
            "Joint Director (Admn.)",
            "Sanctions leave of Group C staff",
            "Up to Rs. 50,000",
            "Supervises three sections",
        ],
        &["2", "Office Supdt.", "-", "-", "1. Checks notes\n2. Keeps the register\nof receipts"],
    ]);
    let director = post(&frac, "Joint Director (Administration)");
    assert_eq!(
        roles(director),
        [
            ("Powers Administrative", vec!["Sanctions leave of Group C staff"]),
            ("Powers Financial", vec!["Up to Rs. 50,000"]),
            ("Duties", vec!["Supervises three sections"]),
        ]
    );
    let office = post(&frac, "Office Superintendent");
    assert_eq!(roles(office), [("Duties", vec!["Checks notes", "Keeps the register of receipts"])]);
}

#[test]
fn groups_and_wings_as_heading_rows_and_counts_in_a_column() {
    let frac = of(&[
        &["क्र.", "पदनाम", "पद संख्या", "आवंटित कार्य"],
        &["लेखा शाखा", "<", "<", "<"],
        &["1", "लेखा अधिकारी", "२", "(क) बजट तैयार करना\n(ख) देयकों का परीक्षण करना"],
        &["2", "लेखापाल", "5", "रोकड़ बही लिखना"],
        &["तृतीय श्रेणी", "<", "<", "<"],
        &["3", "लिपिक", "10", "पत्र टंकित करना"],
    ]);
    assert_eq!(frac.rows.read, 3);
    let officer = post(&frac, "लेखा अधिकारी");
    assert_eq!(
        (officer.headcount, officer.wing.as_str(), officer.activities().count()),
        (Some(2), "लेखा शाखा", 2)
    );
    assert_eq!(post(&frac, "लिपिक").group, Some(Group::C));
}

#[test]
fn a_post_named_again_is_joined_and_a_nameless_row_is_reported() {
    let frac = of(&[
        &["S. No.", "Group", "Designation", "Roles", "Activities"],
        &["1", "A", "Under Secretary (2 posts)", "Establishment", "1. Rosters\n2. Leave"],
        &["2", "", "Under Secretry", "Litigation", "1. Replies to courts"],
        &["3", "B", "", "Budget", "1. Estimates"],
        &["4", "B", "SO", "Section", "1. Files"],
    ]);
    assert_eq!(
        (frac.rows.read, frac.rows.designations, frac.rows.merged, frac.rows.unreadable),
        (4, 2, 1, 1)
    );
    let merged = post(&frac, "Under Secretary");
    assert_eq!(merged.roles.len(), 2);
    assert_eq!(frac.merges.len(), 1);
    assert_eq!(frac.merges[0].into, merged.id);
    assert_eq!(frac.merges[0].written, ["Under Secretary (2 posts)", "Under Secretry"]);
    assert!(frac.warnings.iter().any(|w| w.input_lost && w.page == Some(1)), "{:?}", frac.warnings);
    assert_eq!(post(&frac, "Section Officer").group, Some(Group::B));
}

#[test]
fn several_roles_in_one_cell_take_their_activities() {
    let frac = of(&[
        &["S. No.", "Grade", "Designation", "Roles", "Activities"],
        &["1", "A", "Director", "1. Planning\n2. Audit", "1. Annual plan\n2. Review\n1. Audit replies"],
        &[
            "2",
            "A",
            "Deputy Director",
            "1. Stores\n2. Transport",
            "1.1 Buys stationery\n2.1 Books cars\n2.2 Checks log books",
        ],
    ]);
    assert_eq!(
        roles(post(&frac, "Director")),
        [("Planning", vec!["Annual plan", "Review"]), ("Audit", vec!["Audit replies"])]
    );
    assert_eq!(
        roles(post(&frac, "Deputy Director")),
        [("Stores", vec!["Buys stationery"]), ("Transport", vec!["Books cars", "Checks log books"])]
    );
}

#[test]
fn sections_with_their_staff_share_the_work() {
    let frac = of(&[
        &["Sl.No", "Name of the Section", "Subjects dealt with"],
        &["1", "Accounts Section\nStaff:\nAccounts Officer\nSr. Accountant", "1. Pay bills\n2. Budget"],
        &["2", "Dispatch Section", "Receipt and issue of letters of the whole office"],
    ]);
    assert_eq!(frac.rows.read, 3);
    let accountant = post(&frac, "Senior Accountant");
    assert_eq!((accountant.wing.as_str(), accountant.activities().count()), ("Accounts Section", 2));
    assert!(frac.warnings.iter().any(|w| w.message.contains("name no post")), "{:?}", frac.warnings);
}

#[test]
fn a_row_that_a_page_break_cut_is_one_row() {
    let mut cut = table(&[
        &["S. No.", "Group", "Designation", "Roles", "Activities"],
        &["1", "A", "Chief Engineer", "Works", "1. Approves estimates of roads and\n"],
        &["", "", "", "", "bridges above one crore\n2. Reviews divisions"],
    ]);
    cut.rows[2].page = 2;
    let frac =
        read(Format::Pdf, vec![Block { kind: BlockKind::Table(cut), text: String::new(), bbox: None }]);
    assert_eq!(frac.rows.read, 1);
    assert_eq!(
        roles(post(&frac, "Chief Engineer")),
        [("Works", vec!["Approves estimates of roads and bridges above one crore", "Reviews divisions"])]
    );
}

#[test]
fn office_files_need_no_marks() {
    let rows: &[&[&str]] = &[
        &["S. No.", "Designation", "Duties"],
        &["1", "Stenographer", "Takes dictation\nKeeps the diary"],
        &["2", "Shri A. Rao, Section Officer", "Supervises the section; checks drafts of letters"],
    ];
    let block = Block { kind: BlockKind::Table(table(rows)), text: String::new(), bbox: None };
    let frac = read(Format::Docx, vec![block]);
    assert_eq!(post(&frac, "Stenographer").activities().count(), 2);
    assert_eq!(post(&frac, "Section Officer").activities().count(), 2);
}
