//! plan.xlsx: one sheet a question, headers frozen, identifiers as text.

use cbp_core::{CapacityBuildingPlan, Coverage, Evidence};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::ReportError;
use crate::csv_files::mode;

/// Longest text that a sheet's cell can hold.
const CELL_CHARACTERS: usize = 32_767;

enum Value {
    Text(String),
    Number(f64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number((number * 1000.0).round() / 1000.0)
    }
}

struct Style {
    head: Format,
    body: Format,
}

fn sheet<'a>(
    book: &'a mut Workbook,
    style: &Style,
    name: &str,
    columns: &[(&str, f64)],
) -> Result<&'a mut Worksheet, XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    for (i, (title, width)) in columns.iter().enumerate() {
        sheet.write_with_format(0, i as u16, *title, &style.head)?;
        sheet.set_column_width(i as u16, *width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_landscape();
    sheet.set_paper_size(9); // A4
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    Ok(sheet)
}

fn write_row(sheet: &mut Worksheet, style: &Style, row: u32, values: Vec<Value>) -> Result<(), XlsxError> {
    for (column, value) in values.into_iter().enumerate() {
        let column = column as u16;
        match value {
            Value::Text(text) => {
                let fits: String = text.chars().take(CELL_CHARACTERS).collect();
                sheet.write_string_with_format(row, column, fits, &style.body)?;
            }
            Value::Number(number) => {
                sheet.write_number_with_format(row, column, number, &style.body)?;
            }
        }
    }
    Ok(())
}

fn source(evidence: &[Evidence]) -> String {
    evidence
        .iter()
        .map(|e| format!("{}, p. {}: \u{201c}{}\u{201d}", e.document, e.page, e.quote))
        .collect::<Vec<_>>()
        .join("\n")
}

fn coverage(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Full => "Covered",
        Coverage::Partial => "Partly covered",
        Coverage::None => "Not covered",
    }
}

/// The plan as a workbook: Designations, Work allocation, Competencies, Courses, Gaps, Calendar, Knowledge, Sources.
///
/// # Errors
/// A sheet that would exceed the format's limits.
pub fn xlsx(plan: &CapacityBuildingPlan) -> Result<Vec<u8>, ReportError> {
    let mut book = Workbook::new();
    // A fixed date: the same plan gives the same bytes.
    let properties = DocProperties::new()
        .set_title(format!("Capacity Building Plan: {}", plan.department.name))
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    book.set_properties(&properties);
    let style = Style {
        head: Format::new()
            .set_bold()
            .set_text_wrap()
            .set_background_color("#DCE6F2")
            .set_align(FormatAlign::Top),
        body: Format::new().set_text_wrap().set_align(FormatAlign::Top),
    };
    posts(&mut book, &style, plan)?;
    needs(&mut book, &style, plan)?;
    gaps_and_calendar(&mut book, &style, plan)?;
    sources(&mut book, &style, plan)?;
    Ok(book.save_to_buffer()?)
}

fn posts(book: &mut Workbook, style: &Style, plan: &CapacityBuildingPlan) -> Result<(), ReportError> {
    let columns = [
        ("S. No.", 7.0),
        ("Id", 8.0),
        ("Designation", 32.0),
        ("As written", 24.0),
        ("Wing", 24.0),
        ("Group", 12.0),
        ("Posts", 8.0),
        ("Roles", 8.0),
        ("Activities", 10.0),
        ("Competencies", 13.0),
        ("Course hours", 12.0),
        ("Covered share", 13.0),
        ("Source", 40.0),
    ];
    let out = sheet(book, style, "Designations", &columns)?;
    for (i, d) in plan.designations.iter().enumerate() {
        let activities: usize = d.roles.iter().map(|r| r.activities.len()).sum();
        let values: Vec<Value> = vec![
            d.sort_order.into(),
            d.id.as_str().into(),
            d.name.as_str().into(),
            d.written.as_str().into(),
            d.wing.as_str().into(),
            d.group.map(|g| g.to_string()).unwrap_or_default().into(),
            d.headcount.map_or_else(|| "".into(), Value::from),
            (d.roles.len() as u32).into(),
            (activities as u32).into(),
            (d.requirements.len() as u32).into(),
            d.selection.hours.into(),
            d.selection.covered.into(),
            source(&d.evidence).into(),
        ];
        write_row(out, style, i as u32 + 1, values)?;
    }
    let columns = [
        ("S. No.", 7.0),
        ("Group", 10.0),
        ("Designation", 30.0),
        ("Role", 40.0),
        ("Activity", 70.0),
        ("Document", 24.0),
        ("Page", 7.0),
    ];
    let out = sheet(book, style, "Work allocation", &columns)?;
    let mut row = 1;
    for d in &plan.designations {
        for role in &d.roles {
            for activity in &role.activities {
                let place = activity.evidence.first();
                let values: Vec<Value> = vec![
                    d.sort_order.into(),
                    d.group.map(|g| g.to_string()).unwrap_or_default().into(),
                    d.name.as_str().into(),
                    role.title.as_str().into(),
                    activity.text.as_str().into(),
                    place.map(|e| e.document.as_str()).unwrap_or_default().into(),
                    place.map_or_else(|| "".into(), |e| e.page.into()),
                ];
                write_row(out, style, row, values)?;
                row += 1;
            }
        }
    }
    Ok(())
}

fn needs(book: &mut Workbook, style: &Style, plan: &CapacityBuildingPlan) -> Result<(), ReportError> {
    let columns = [
        ("Requirement id", 14.0),
        ("Designation", 30.0),
        ("Type", 12.0),
        ("Competency id", 12.0),
        ("Theme", 26.0),
        ("Sub-theme", 34.0),
        ("Level", 13.0),
        ("Confidence", 11.0),
        ("Share of work", 11.0),
        ("Coverage", 14.0),
        ("Why this level", 48.0),
        ("Evidence", 60.0),
    ];
    let out = sheet(book, style, "Competencies", &columns)?;
    let all = || plan.designations.iter().flat_map(|d| d.requirements.iter().map(move |r| (d, r)));
    for (i, (d, need)) in all().enumerate() {
        let values: Vec<Value> = vec![
            need.id.as_str().into(),
            d.name.as_str().into(),
            need.competency.kind.to_string().into(),
            need.competency.id.clone().unwrap_or_default().into(),
            need.competency.theme.as_str().into(),
            need.competency.sub_theme.as_str().into(),
            need.level.name.as_str().into(),
            need.confidence.into(),
            need.weight.into(),
            coverage(need.coverage).into(),
            need.level_rationale.as_str().into(),
            source(&need.evidence).into(),
        ];
        write_row(out, style, i as u32 + 1, values)?;
    }
    let columns = [
        ("Requirement id", 14.0),
        ("Designation", 30.0),
        ("Competency", 34.0),
        ("Rank", 7.0),
        ("Course id", 26.0),
        ("Course", 44.0),
        ("Provider", 28.0),
        ("Language", 11.0),
        ("Mode", 10.0),
        ("Hours", 8.0),
        ("Score", 8.0),
        ("Signals", 44.0),
        ("Decision", 22.0),
    ];
    let out = sheet(book, style, "Courses", &columns)?;
    let mut row = 1;
    for (d, need) in all() {
        for (rank, course) in need.courses.iter().enumerate() {
            let signals: Vec<String> = course
                .parts
                .iter()
                .map(|p| format!("{} {:.2} × {:.2}", p.signal, p.value, p.weight))
                .collect();
            let chosen = d.selection.courses.iter().any(|c| c.course == course.course);
            let decision = match &course.discarded {
                Some(reason) => reason.clone(),
                None if chosen => "selected".to_owned(),
                None => "alternative".to_owned(),
            };
            let values: Vec<Value> = vec![
                need.id.as_str().into(),
                d.name.as_str().into(),
                need.competency.sub_theme.as_str().into(),
                (rank as u32 + 1).into(),
                course.course.as_str().into(),
                course.name.as_str().into(),
                course.provider.as_str().into(),
                course.language.as_str().into(),
                mode(course.mode).into(),
                course.hours.map_or_else(|| "".into(), Value::from),
                course.score.into(),
                signals.join("; ").into(),
                decision.into(),
            ];
            write_row(out, style, row, values)?;
            row += 1;
        }
    }
    Ok(())
}

fn gaps_and_calendar(
    book: &mut Workbook,
    style: &Style,
    plan: &CapacityBuildingPlan,
) -> Result<(), ReportError> {
    let columns = [
        ("Type", 12.0),
        ("Competency id", 12.0),
        ("Theme", 26.0),
        ("Sub-theme", 36.0),
        ("Level", 13.0),
        ("Gap", 10.0),
        ("Level shortfall", 10.0),
        ("Designations", 40.0),
        ("Posts", 8.0),
        ("Mode", 10.0),
        ("Route", 28.0),
        ("Nearest course", 26.0),
        ("Reason", 48.0),
        ("Evidence", 50.0),
    ];
    let out = sheet(book, style, "Gaps", &columns)?;
    let name =
        |id: &str| plan.designations.iter().find(|d| d.id == id).map_or(id, |d| d.name.as_str()).to_owned();
    for (i, gap) in plan.gaps.iter().enumerate() {
        let posts: Vec<String> = gap.designations.iter().map(|id| name(id)).collect();
        let values: Vec<Value> = vec![
            gap.competency.kind.to_string().into(),
            gap.competency.id.clone().unwrap_or_default().into(),
            gap.competency.theme.as_str().into(),
            gap.competency.sub_theme.as_str().into(),
            gap.level.name.as_str().into(),
            if gap.kind == cbp_core::GapKind::None { "No course" } else { "Partial" }.into(),
            u32::from(gap.level_shortfall).into(),
            posts.join("; ").into(),
            gap.headcount.into(),
            mode(gap.mode).into(),
            gap.route.to_string().into(),
            gap.nearest_course.clone().unwrap_or_default().into(),
            gap.reason.as_str().into(),
            source(&gap.evidence).into(),
        ];
        write_row(out, style, i as u32 + 1, values)?;
    }
    let columns = [
        ("Quarter", 9.0),
        ("Designation", 32.0),
        ("Course id", 26.0),
        ("Course", 48.0),
        ("Mode", 10.0),
        ("Hours a person", 10.0),
        ("Posts", 8.0),
    ];
    let out = sheet(book, style, "Calendar", &columns)?;
    for (i, entry) in plan.calendar.iter().enumerate() {
        let values: Vec<Value> = vec![
            format!("Q{}", entry.quarter).into(),
            name(&entry.designation).into(),
            entry.course.as_str().into(),
            entry.name.as_str().into(),
            mode(entry.mode).into(),
            entry.hours.into(),
            entry.headcount.into(),
        ];
        write_row(out, style, i as u32 + 1, values)?;
    }
    Ok(())
}

fn sources(book: &mut Workbook, style: &Style, plan: &CapacityBuildingPlan) -> Result<(), ReportError> {
    let columns = [
        ("Kind", 12.0),
        ("Name", 44.0),
        ("Abbreviation", 14.0),
        ("Year", 8.0),
        ("Summary", 60.0),
        ("Source", 50.0),
    ];
    let out = sheet(book, style, "Knowledge", &columns)?;
    for (i, item) in plan.knowledge.iter().enumerate() {
        let values: Vec<Value> = vec![
            format!("{:?}", item.kind).into(),
            item.name.as_str().into(),
            item.abbreviation.clone().unwrap_or_default().into(),
            item.year.map_or_else(|| "".into(), |y| u32::from(y).into()),
            item.summary.as_str().into(),
            source(&item.evidence).into(),
        ];
        write_row(out, style, i as u32 + 1, values)?;
    }
    let columns =
        [("What", 16.0), ("File", 40.0), ("Kind or message", 60.0), ("Pages", 8.0), ("SHA-256", 68.0)];
    let out = sheet(book, style, "Sources and warnings", &columns)?;
    let mut row = 1;
    for input in &plan.provenance.inputs {
        let values: Vec<Value> = vec![
            "Input".into(),
            input.name.as_str().into(),
            format!("{} ({:.0} % sure)", input.kind, input.confidence * 100.0).into(),
            input.pages.into(),
            input.sha256.as_str().into(),
        ];
        write_row(out, style, row, values)?;
        row += 1;
    }
    for warning in &plan.warnings {
        let what = if warning.input_lost { "Not read" } else { "Note" };
        let values: Vec<Value> = vec![
            what.into(),
            warning.document.clone().unwrap_or_default().into(),
            warning.message.as_str().into(),
            warning.page.map_or_else(|| "".into(), Value::from),
            "".into(),
        ];
        write_row(out, style, row, values)?;
        row += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_plan_gives_the_same_workbook() {
        let plan = CapacityBuildingPlan::default();
        assert_eq!(xlsx(&plan).unwrap(), xlsx(&plan).unwrap());
    }
}
