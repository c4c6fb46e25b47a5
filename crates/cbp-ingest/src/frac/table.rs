//! Posts from a table: the Annexure (S. No. | Group or Grade | Designation | Roles | Activities) and its kin.

use cbp_core::{Activity, Designation, Evidence, Group, Role, Warning};

use super::columns::{Column, Layout};
use super::expand::expand;
use super::group::{group_cell, group_phrase};
use super::headcount::{number, split_headcount};
use super::name::post_name;
use super::rank::names_post;
use super::wing::{is_wing, wing_name};
use super::{Harvest, align};
use crate::prose::{Item, Locator, Place, collapse, fold, marker, split_items};
use crate::{Cell, Row, Table};

/// The table that is being read, and where it stands.
pub(crate) struct Source<'a> {
    pub(crate) table: &'a Table,
    pub(crate) page: u32,
    pub(crate) block: u32,
    /// False where each line of a cell is a paragraph of its own.
    pub(crate) wrapped: bool,
    /// Wing that the headings before the table name.
    pub(crate) wing: String,
    /// Wings that `department.toml` names.
    pub(crate) wings: &'a [String],
}

/// Reads all posts of the table into the harvest.
pub(crate) fn read_table(
    source: &Source<'_>,
    layout: &Layout,
    locator: &mut Locator<'_>,
    harvest: &mut Harvest,
) {
    let mut reader = Reader {
        source,
        layout,
        locator,
        harvest,
        wing: source.wing.clone(),
        group: None,
        fixed_group: None,
        open: None,
    };
    for (index, row) in source.table.rows.iter().enumerate().skip(layout.body) {
        reader.row(index, row);
    }
    reader.close();
}

struct Reader<'a, 'b, 'd> {
    source: &'a Source<'a>,
    layout: &'a Layout,
    locator: &'b mut Locator<'d>,
    harvest: &'b mut Harvest,
    wing: String,
    /// Group of the rows above, filled down.
    group: Option<Group>,
    /// Group that a heading row gives to the rows below it.
    fixed_group: Option<Group>,
    open: Option<Open>,
}

/// The post whose rows are being read.
struct Open {
    post: Designation,
    page: u32,
    /// Posts of the same cell, which share the work: the staff of a section.
    others: Vec<Designation>,
}

impl Reader<'_, '_, '_> {
    fn row(&mut self, index: usize, row: &Row) {
        let filled: Vec<usize> = (0..row.cells.len()).filter(|&i| text_of(row, i).is_some()).collect();
        if filled.is_empty() || self.layout.repeats(&row.cells) {
            return;
        }
        if let [only] = filled[..]
            && self.heading(row, only)
        {
            return;
        }
        if let Some(wing) = self.layout.column(Column::Wing)
            && let Some(text) = text_of(row, wing)
        {
            self.wing = wing_name(&text, self.source.wings);
        }
        if let Some(column) = self.layout.column(Column::Group)
            && let Some(text) = text_of(row, column)
        {
            self.group = group_cell(&text).or_else(|| group_phrase(&text));
        }
        let serial = self.layout.column(Column::Serial).and_then(|c| text_of(row, c));
        match self.post_cell(row) {
            Some((column, text)) => {
                if serial.is_none() && self.continues(row, &text) {
                    self.extend_name(index, row, column, &text);
                } else {
                    self.start(index, row, column, &text);
                }
            }
            None if serial.as_deref().is_some_and(|s| s.chars().any(char::is_alphanumeric)) => {
                if filled.len() > 1 {
                    self.unreadable(
                        index,
                        row,
                        "the row has a number and no designation; fill in the designation",
                    );
                }
                return;
            }
            None => {}
        }
        self.work(index, row);
    }

    /// The cell that names the post; the section's own name where the table gives work to sections.
    fn post_cell(&self, row: &Row) -> Option<(usize, String)> {
        let columns = [Column::Post, Column::Person];
        let known: Vec<usize> = columns.iter().flat_map(|c| self.layout.all(*c)).collect();
        if known.is_empty() {
            let wing = self.layout.column(Column::Wing)?;
            return raw(row, wing).map(|t| (wing, t));
        }
        let cells: Vec<(usize, String)> = known.iter().filter_map(|&c| Some((c, raw(row, c)?))).collect();
        cells.iter().find(|(_, t)| names_post(t)).or_else(|| cells.first()).cloned()
    }

    /// A row with one filled cell that is a wing, section or group heading.
    fn heading(&mut self, row: &Row, column: usize) -> bool {
        let Some(cell) = row.cells.get(column) else { return false };
        let text = collapse(&cell.text);
        let kind = self.layout.columns.get(column).copied().flatten();
        let work = matches!(kind, Some(Column::Role | Column::Activity | Column::Duty));
        let spans = cell.col_span > 1 && cell.col_span + 1 >= row.cells.len();
        let bare_number = !text.chars().any(char::is_alphabetic);
        if bare_number || (work && cell.col_span < 2) {
            return false;
        }
        let first = column == 0 && kind != Some(Column::Post);
        if !(spans || first || is_wing(&text, self.source.wings)) {
            return false;
        }
        self.close();
        if let Some(group) = group_phrase(&text)
            && !is_wing(&text, self.source.wings)
        {
            self.fixed_group = Some(group);
        } else {
            self.wing = wing_name(&text, self.source.wings);
            self.fixed_group = group_phrase(&text);
        }
        self.group = None;
        true
    }

    /// True where a designation without a number is the rest of the one above, cut by a page break.
    fn continues(&self, row: &Row, text: &str) -> bool {
        let Some(open) = &self.open else { return false };
        let begins = text.trim_start().chars().next();
        let fragment = begins.is_some_and(|c| c.is_lowercase() || c == '(') && !open.post.name.contains('(');
        self.layout.column(Column::Serial).is_some() && row.page > open.page && fragment
    }

    fn extend_name(&mut self, index: usize, row: &Row, column: usize, text: &str) {
        let evidence = self.quote(index, row, column);
        if let Some(open) = &mut self.open
            && let Some(post) = post_name(&format!("{} {text}", open.post.written))
        {
            open.post.name = post.name;
            open.post.written = post.written;
            open.post.headcount = open.post.headcount.or(post.headcount);
            open.post.evidence.extend(evidence);
        }
    }

    fn start(&mut self, index: usize, row: &Row, column: usize, text: &str) {
        self.close();
        self.harvest.rows.read += 1;
        if let Some((wing, staff)) = staff_of(text, self.source.wings) {
            self.start_section(index, row, &wing, &staff);
            return;
        }
        let Some(post) = post_name(text) else {
            self.harvest.rows.read -= 1;
            self.unreadable(index, row, "the designation cannot be read; write the post's name there");
            return;
        };
        let count = self.layout.column(Column::Count).and_then(|c| text_of(row, c)).and_then(|t| number(&t));
        let group = self.group.or(self.fixed_group);
        let evidence = self.quote(index, row, column);
        self.open = Some(Open {
            post: Designation {
                name: post.name,
                written: post.written,
                wing: self.wing.clone(),
                group,
                headcount: count.or(post.headcount),
                evidence,
                ..Designation::default()
            },
            page: row.page,
            others: Vec::new(),
        });
        let section =
            self.layout.columns.get(column) == Some(&Some(Column::Wing)) || is_wing(text, self.source.wings);
        self.harvest.sections += u32::from(section);
    }

    /// A section with its staff: each post of it has the section's work.
    fn start_section(&mut self, index: usize, row: &Row, wing: &str, staff: &[String]) {
        wing.clone_into(&mut self.wing);
        let mut posts: Vec<Designation> = Vec::new();
        for line in staff {
            let Some(post) = post_name(line) else { continue };
            let evidence = self.locator.quote(self.place(index, row), std::slice::from_ref(line));
            posts.push(Designation {
                name: post.name,
                written: post.written,
                wing: wing.to_owned(),
                group: self.group.or(self.fixed_group).or_else(|| group_phrase(line)),
                headcount: post.headcount,
                evidence,
                ..Designation::default()
            });
        }
        if posts.is_empty() {
            self.harvest.rows.read -= 1;
            self.unreadable(index, row, "no post of the section can be read; write the posts' names there");
            return;
        }
        self.harvest.rows.read += posts.len() as u32 - 1;
        let post = posts.remove(0);
        self.open = Some(Open { post, page: row.page, others: posts });
    }

    fn unreadable(&mut self, index: usize, row: &Row, why: &str) {
        self.close();
        self.harvest.rows.read += 1;
        self.harvest.rows.unreadable += 1;
        let message = format!("row {} of the table: {why}", index + 1);
        self.harvest.warnings.push(Warning::lost(self.harvest.document.clone(), Some(row.page), message));
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        for role in &mut open.post.roles {
            // A table without a header has no title for its work: the section's name, else the post's, is the title.
            if role.title.is_empty() {
                role.title.clone_from(if open.post.wing.is_empty() {
                    &open.post.name
                } else {
                    &open.post.wing
                });
                if role.evidence.is_empty() {
                    role.evidence.clone_from(&open.post.evidence);
                }
            }
        }
        let roles = open.post.roles.clone();
        self.harvest.posts.push(open.post);
        for mut other in open.others {
            other.roles.clone_from(&roles);
            self.harvest.posts.push(other);
        }
    }

    /// Roles and activities of a row, for the post that is open.
    fn work(&mut self, index: usize, row: &Row) {
        if self.open.is_none() {
            return;
        }
        let role_columns = self.layout.all(Column::Role);
        let work_columns: Vec<usize> =
            [Column::Activity, Column::Duty].iter().flat_map(|kind| self.layout.all(*kind)).collect();
        if role_columns.is_empty() {
            let tasks = work_columns.into_iter().map(|c| (c, self.items(row, c)));
            let tasks = tasks.filter(|(_, items)| !items.is_empty()).collect();
            self.duties(index, row, tasks);
        } else {
            let all = |columns: &[usize]| columns.iter().flat_map(|&c| self.items(row, c)).collect();
            self.roles_and_activities(index, row, all(&role_columns), all(&work_columns));
        }
    }

    fn items(&self, row: &Row, column: usize) -> Vec<Item> {
        match row.cells.get(column) {
            Some(cell) if !cell.covered => split_items(&cell.text, self.source.wrapped),
            _ => Vec::new(),
        }
    }

    fn roles_and_activities(&mut self, index: usize, row: &Row, mut roles: Vec<Item>, mut tasks: Vec<Item>) {
        // The rest of a role or task that a page break cut.
        let cut = self.open.as_ref().is_some_and(|o| row.page > o.page);
        if let Some(rest) = roles.first().filter(|r| cut && goes_on(r)).cloned()
            && self.extend_last(index, row, &rest, true)
        {
            roles.remove(0);
        }
        if let Some(rest) = tasks.first().filter(|r| roles.is_empty() && goes_on(r)).cloned()
            && self.extend_last(index, row, &rest, false)
        {
            tasks.remove(0);
        }
        let owner = align::owners(&roles, &tasks);
        let mut new: Vec<Role> = Vec::new();
        for item in &roles {
            let evidence = self.locate(index, row, item);
            new.push(Role { title: item.text(), activities: Vec::new(), evidence });
        }
        let activities: Vec<Activity> = tasks
            .iter()
            .map(|item| Activity { text: item.text(), evidence: self.locate(index, row, item) })
            .collect();
        let header = self.header_role(Column::Activity);
        let Some(open) = &mut self.open else { return };
        open.page = row.page;
        if new.is_empty() && open.post.roles.is_empty() && !activities.is_empty() {
            new.push(header);
        }
        if new.is_empty() {
            if let Some(last) = open.post.roles.last_mut() {
                last.activities.extend(activities);
            }
            return;
        }
        for (activity, owner) in activities.into_iter().zip(owner) {
            if let Some(role) = new.get_mut(owner) {
                role.activities.push(activity);
            }
        }
        open.post.roles.extend(new);
    }

    /// A role titled by the header of its column, where the table has no title for it.
    fn header_role(&mut self, kind: Column) -> Role {
        let column = self.layout.column(kind).or_else(|| self.layout.column(Column::Duty)).unwrap_or(0);
        self.titled_role(column)
    }

    fn titled_role(&mut self, column: usize) -> Role {
        let title = self.layout.titles.get(column).cloned().unwrap_or_default();
        let mut evidence = Vec::new();
        for index in (0..self.layout.body).rev() {
            let Some(row) = self.source.table.rows.get(index) else { continue };
            if row.cells.get(column).is_some_and(|c| !c.covered && !c.text.trim().is_empty()) {
                evidence = self.quote(index, row, column);
                break;
            }
        }
        Role { title, activities: Vec::new(), evidence }
    }

    /// Duties without a column for roles: sub-headings in the cell are roles, else the column's header is.
    fn duties(&mut self, index: usize, row: &Row, tasks: Vec<(usize, Vec<Item>)>) {
        for (column, items) in tasks {
            let mut role = self.titled_role(column);
            if let Some(open) = &mut self.open
                && let Some(at) = open.post.roles.iter().rposition(|r| r.title == role.title)
                && at + 1 == open.post.roles.len()
            {
                role = open.post.roles.remove(at);
            }
            for item in items {
                let evidence = self.locate(index, row, &item);
                let text = item.text();
                let fragment = goes_on(&item) && self.open.as_ref().is_some_and(|o| row.page > o.page);
                if let Some(last) = role.activities.last_mut().filter(|_| fragment) {
                    last.text = format!("{} {text}", last.text);
                    last.evidence.extend(evidence);
                } else if let Some(title) = sub_heading(&text) {
                    self.push_role(role);
                    role = Role { title, activities: Vec::new(), evidence };
                } else {
                    role.activities.push(Activity { text, evidence });
                }
            }
            self.push_role(role);
        }
        if let Some(open) = &mut self.open {
            open.page = row.page;
        }
    }

    fn push_role(&mut self, role: Role) {
        if let Some(open) = &mut self.open
            && (!role.activities.is_empty() || self.layout.titles.iter().all(|t| *t != role.title))
        {
            open.post.roles.push(role);
        }
    }

    /// Joins the rest of a cut text to the last role or activity.
    fn extend_last(&mut self, index: usize, row: &Row, rest: &Item, role: bool) -> bool {
        let evidence = self.locate(index, row, rest);
        let Some(last) = self.open.as_mut().and_then(|o| o.post.roles.last_mut()) else { return false };
        let (text, proof) = if role {
            (&mut last.title, &mut last.evidence)
        } else if let Some(activity) = last.activities.last_mut() {
            (&mut activity.text, &mut activity.evidence)
        } else {
            return false;
        };
        *text = format!("{text} {}", rest.text());
        proof.extend(evidence);
        true
    }

    fn quote(&mut self, index: usize, row: &Row, column: usize) -> Vec<Evidence> {
        let lines: Vec<String> = row
            .cells
            .get(column)
            .map_or_else(Vec::new, |c: &Cell| c.text.lines().map(str::to_owned).collect());
        self.locator.quote(self.place(index, row), &lines)
    }

    fn locate(&mut self, index: usize, row: &Row, item: &Item) -> Vec<Evidence> {
        self.locator.quote(self.place(index, row), &item.lines)
    }

    fn place(&self, index: usize, row: &Row) -> Place {
        let page = if row.page == 0 { self.source.page } else { row.page };
        Place { block_page: self.source.page, block: self.source.block, page, row: Some(index as u32) }
    }
}

/// "Academic Section / Staff Pattern: / Deputy Registrar / Typist": the section and its posts.
fn staff_of(text: &str, wings: &[String]) -> Option<(String, Vec<String>)> {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let first = lines.next()?;
    let bare = marker(first).map_or(first, |(_, rest)| rest);
    if !is_wing(bare, wings) {
        return None;
    }
    let mut staff: Vec<String> = Vec::new();
    for line in lines {
        match staff.last_mut() {
            // "Deputy Registrar /" goes on.
            Some(last) if last.ends_with('/') => *last = format!("{last} {line}"),
            _ if names_post(&expand(line)) => staff.push(line.to_owned()),
            _ => {}
        }
    }
    (!staff.is_empty()).then(|| (wing_name(bare, wings), staff))
}

/// Text of a cell that is not covered, white space collapsed; `None` where it is empty or a dash.
fn text_of(row: &Row, column: usize) -> Option<String> {
    let cell = row.cells.get(column).filter(|c| !c.covered)?;
    let text = collapse(&cell.text);
    text.chars().any(char::is_alphanumeric).then_some(text)
}

/// The same with its line breaks.
fn raw(row: &Row, column: usize) -> Option<String> {
    text_of(row, column)?;
    row.cells.get(column).map(|c| c.text.clone())
}

/// True where an item is the rest of a sentence.
fn goes_on(item: &Item) -> bool {
    item.marker.is_none() && item.lines.first().and_then(|l| l.chars().next()).is_some_and(char::is_lowercase)
}

/// "Financial powers:" is a heading for the items below it.
fn sub_heading(text: &str) -> Option<String> {
    let title = text.trim().strip_suffix(':').or_else(|| text.trim().strip_suffix(":-"))?;
    let title = marker(title).map_or(title, |(_, rest)| rest).trim();
    (title.split_whitespace().count() <= 8 && !title.is_empty()).then(|| title.to_owned())
}

/// True where the headings before a table name a wing, and which.
pub(crate) fn wing_before(text: &str, wings: &[String]) -> Option<String> {
    let line = collapse(text);
    let (bare, _) = split_headcount(&line);
    let known = wings.iter().any(|w| fold(&bare).contains(&fold(w)));
    (known || is_wing(&bare, wings)).then(|| wing_name(&line, wings))
}
