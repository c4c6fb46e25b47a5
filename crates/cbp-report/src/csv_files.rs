//! gaps.csv and calendar.csv: UTF-8 with a byte-order mark, so that a spreadsheet program shows Hindi right.

use cbp_core::{CapacityBuildingPlan, GapKind, Mode};

use crate::ReportError;

/// A cell that a spreadsheet would take for a formula gets an apostrophe before it.
pub(crate) fn cell(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.starts_with(['=', '+', '-', '@']) { format!("'{flat}") } else { flat }
}

pub(crate) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Online => "Online",
        Mode::Offline => "Offline",
        Mode::Blended => "Blended",
    }
}

fn finish(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, ReportError> {
    let body = writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))?;
    Ok([b"\xef\xbb\xbf".as_slice(), &body].concat())
}

/// The gaps, one a line.
///
/// # Errors
/// Only if memory cannot be had.
pub fn gaps_csv(plan: &CapacityBuildingPlan) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "Type",
        "Competency id",
        "Theme",
        "Sub-theme",
        "Level",
        "Gap",
        "Level shortfall",
        "Designations",
        "Headcount",
        "Mode",
        "Route",
        "Nearest course",
        "Reason",
        "Document",
        "Page",
        "Quote",
    ])?;
    for gap in &plan.gaps {
        let names: Vec<&str> = plan
            .designations
            .iter()
            .filter(|d| gap.designations.contains(&d.id))
            .map(|d| d.name.as_str())
            .collect();
        let evidence = gap.evidence.first();
        let kind = match gap.kind {
            GapKind::None => "No course",
            GapKind::Partial => "Partial",
        };
        writer.write_record([
            gap.competency.kind.to_string(),
            gap.competency.id.clone().unwrap_or_default(),
            cell(&gap.competency.theme),
            cell(&gap.competency.sub_theme),
            cell(&gap.level.name),
            kind.to_owned(),
            gap.level_shortfall.to_string(),
            cell(&names.join("; ")),
            gap.headcount.to_string(),
            mode(gap.mode).to_owned(),
            gap.route.to_string(),
            cell(gap.nearest_course.as_deref().unwrap_or_default()),
            cell(&gap.reason),
            cell(evidence.map(|e| e.document.as_str()).unwrap_or_default()),
            evidence.map(|e| e.page.to_string()).unwrap_or_default(),
            cell(evidence.map(|e| e.quote.as_str()).unwrap_or_default()),
        ])?;
    }
    finish(writer)
}

/// The training calendar, one designation's course a line.
///
/// # Errors
/// Only if memory cannot be had.
pub fn calendar_csv(plan: &CapacityBuildingPlan) -> Result<Vec<u8>, ReportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "Quarter",
        "Designation id",
        "Designation",
        "Wing",
        "Course id",
        "Course",
        "Mode",
        "Hours a person",
        "Posts",
        "Person-hours",
    ])?;
    for entry in &plan.calendar {
        let post = plan.designations.iter().find(|d| d.id == entry.designation);
        writer.write_record([
            format!("Q{}", entry.quarter),
            entry.designation.clone(),
            cell(post.map(|d| d.name.as_str()).unwrap_or_default()),
            cell(post.map(|d| d.wing.as_str()).unwrap_or_default()),
            entry.course.clone(),
            cell(&entry.name),
            mode(entry.mode).to_owned(),
            format!("{:.1}", entry.hours),
            entry.headcount.to_string(),
            format!("{:.1}", entry.hours * f64::from(entry.headcount)),
        ])?;
    }
    finish(writer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell(" a\n b "), "a b");
    }

    #[test]
    fn an_empty_plan_gives_headers_only() {
        let bytes = gaps_csv(&CapacityBuildingPlan::default()).unwrap();
        assert!(bytes.starts_with(b"\xef\xbb\xbfType,"));
        assert_eq!(bytes.split(|b| *b == b'\n').count(), 2);
    }
}
