//! plan.html: one self-contained page, readable on a phone and on A4 paper.

use cbp_core::{CapacityBuildingPlan, Coverage, Evidence, GapKind, Group, Requirement};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

use crate::ReportError;
use crate::csv_files::mode;
use crate::overview::{LevelCount, Overview, TypeCount, overview};

const TEMPLATE: &str = include_str!("../templates/plan.html");
const STYLE: &str = include_str!("../templates/plan.css");

/// Courses shown for each requirement; the workbook has them all.
const COURSES_SHOWN: usize = 3;
/// Pieces of evidence shown for each requirement.
const EVIDENCE_SHOWN: usize = 4;
/// Bars in the chart of gaps.
const GAPS_CHARTED: usize = 10;

#[derive(Serialize)]
struct Bar {
    label: String,
    total: usize,
    parts: Vec<Segment>,
}

#[derive(Serialize)]
struct Segment {
    class: String,
    label: String,
    value: usize,
    /// Left edge and width in percent of the chart.
    x: f64,
    width: f64,
}

/// Class, label and value of a part of a bar.
type Share = (String, String, usize);

/// Stacked horizontal bars; `most` fills the width.
fn bars(rows: Vec<(String, Vec<Share>)>) -> Vec<Bar> {
    let total = |parts: &[Share]| parts.iter().map(|p| p.2).sum::<usize>();
    let most = rows.iter().map(|r| total(&r.1)).max().unwrap_or(0).max(1) as f64;
    rows.into_iter()
        .map(|(label, parts)| {
            let sum = total(&parts);
            let mut x = 0.0;
            let parts = parts
                .into_iter()
                .filter(|p| p.2 > 0)
                .map(|(class, label, value)| {
                    let width = value as f64 / most * 100.0;
                    let segment = Segment { class, label, value, x, width };
                    x += width;
                    segment
                })
                .collect();
            Bar { label, total: sum, parts }
        })
        .collect()
}

/// The colour of a level; scales of more than five levels share the last.
fn level_class(rank: u8) -> String {
    format!("l{}", rank.saturating_sub(1).min(4))
}

/// Class and name of every level that occurs, for the legend.
fn level_legend(counts: &[TypeCount]) -> Vec<(String, String)> {
    let levels = counts.first().map(|t| t.levels.as_slice()).unwrap_or_default();
    levels.iter().map(|l| (level_class(l.rank), l.name.clone())).collect()
}

fn level_bars(counts: &[TypeCount]) -> Vec<Bar> {
    let row = |t: &TypeCount| {
        let part = |l: &LevelCount| (level_class(l.rank), l.name.clone(), l.requirements);
        (t.name.clone(), t.levels.iter().map(part).collect())
    };
    bars(counts.iter().map(row).collect())
}

fn coverage_bars(counts: &[TypeCount]) -> Vec<Bar> {
    let row = |t: &TypeCount| {
        let parts = vec![
            ("ok".to_owned(), "Covered".to_owned(), t.covered),
            ("part".to_owned(), "Partly covered".to_owned(), t.partly),
            ("gap".to_owned(), "Not covered".to_owned(), t.total - t.covered - t.partly),
        ];
        (t.name.clone(), parts)
    };
    bars(counts.iter().map(row).collect())
}

fn gap_bars(plan: &CapacityBuildingPlan) -> Vec<Bar> {
    let mut gaps: Vec<_> = plan.gaps.iter().collect();
    gaps.sort_by(|a, b| b.headcount.cmp(&a.headcount).then_with(|| a.competency.cmp(&b.competency)));
    let row = |g: &&cbp_core::Gap| {
        let class = if g.kind == GapKind::None { "gap" } else { "part" };
        let what = format!("{} ({})", g.competency.sub_theme, g.level.name);
        (what, vec![(class.to_owned(), "posts".to_owned(), g.headcount as usize)])
    };
    bars(gaps.iter().take(GAPS_CHARTED).map(row).collect())
}

fn evidence(list: &[Evidence]) -> Vec<Value> {
    list.iter()
        .take(EVIDENCE_SHOWN)
        .map(|e| context! { document => e.document.clone(), page => e.page, quote => e.quote.clone() })
        .collect()
}

fn requirement(need: &Requirement) -> Value {
    let courses: Vec<Value> = need
        .courses
        .iter()
        .filter(|c| c.discarded.is_none())
        .take(COURSES_SHOWN)
        .map(|c| {
            let signals: Vec<String> = c
                .parts
                .iter()
                .map(|p| {
                    format!("{} {:.2} \u{d7} {:.2} = {:.3}", p.signal, p.value, p.weight, p.contribution)
                })
                .collect();
            context! {
                name => c.name.clone(), provider => c.provider.clone(), language => c.language.clone(), mode => mode(c.mode),
                hours => c.hours.map(|h| format!("{h:.1}")), score => format!("{:.0}", c.score * 100.0),
                signals => signals.join("; "),
            }
        })
        .collect();
    let (class, word) = match need.coverage {
        Coverage::Full => ("ok", "Covered"),
        Coverage::Partial => ("part", "Partly"),
        Coverage::None => ("gap", "No course"),
    };
    context! {
        kind => need.competency.kind.to_string(), id => need.competency.id.clone(), theme => need.competency.theme.clone(),
        name => need.competency.sub_theme.clone(), level => need.level.name.clone(), rank => need.level.rank,
        why => need.level_rationale.clone(), confidence => format!("{:.0}", need.confidence * 100.0),
        evidence => evidence(&need.evidence), courses => courses, class => class, coverage => word,
    }
}

/// Digits in groups as India writes them: the last three, then twos (1,04,242). Anything but digits stays as it is.
fn grouped(number: &str) -> String {
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return number.to_owned();
    }
    let digits = number.len();
    let comma_after = |place: usize| {
        let left = digits - 1 - place;
        left >= 3 && left % 2 == 1
    };
    let mut out = String::with_capacity(digits + digits / 2);
    for (place, digit) in number.chars().enumerate() {
        out.push(digit);
        if comma_after(place) {
            out.push(',');
        }
    }
    out
}

/// The plan as one HTML page with everything in it.
///
/// # Errors
/// Only by a fault of the template.
pub fn html(plan: &CapacityBuildingPlan) -> Result<String, ReportError> {
    let counts: Overview = overview(plan);
    let designations: Vec<Value> = plan
        .designations
        .iter()
        .map(|d| {
            let manager = d.reports_to.as_ref().and_then(|id| plan.designations.iter().find(|p| &p.id == id));
            context! {
                id => d.id.clone(), name => d.name.clone(), written => d.written.clone(), wing => d.wing.clone(),
                group => d.group.map(|g| g.to_string()), group_in_words => d.group.map(Group::in_words), headcount => d.headcount,
                reports_to => manager.map(|m| m.name.clone()), roles => Value::from(Serde(&d.roles)),
                activities => d.roles.iter().map(|r| r.activities.len()).sum::<usize>(),
                requirements => d.requirements.iter().map(requirement).collect::<Vec<_>>(),
                courses => Value::from(Serde(&d.selection.courses)),
                hours => format!("{:.1}", d.selection.hours), budget => format!("{:.0}", d.selection.budget_hours),
                covered => format!("{:.0}", d.selection.covered * 100.0), evidence => evidence(&d.evidence),
            }
        })
        .collect();
    let name =
        |id: &String| plan.designations.iter().find(|d| &d.id == id).map_or(id.clone(), |d| d.name.clone());
    let gaps: Vec<Value> = plan
        .gaps
        .iter()
        .map(|g| {
            context! {
                kind => g.competency.kind.to_string(), id => g.competency.id.clone(), theme => g.competency.theme.clone(),
                name => g.competency.sub_theme.clone(), level => g.level.name.clone(), headcount => g.headcount,
                class => if g.kind == GapKind::None { "gap" } else { "part" },
                word => if g.kind == GapKind::None { "No course" } else { "Partial" },
                shortfall => g.level_shortfall, mode => mode(g.mode), route => g.route.to_string(),
                reason => g.reason.clone(), designations => g.designations.iter().map(name).collect::<Vec<_>>(),
                evidence => evidence(&g.evidence),
            }
        })
        .collect();
    let quarters: Vec<Value> = (1..=4u8)
        .map(|q| {
            let entries: Vec<_> = plan.calendar.iter().filter(|e| e.quarter == q).collect();
            let hours: f64 = entries.iter().map(|e| e.hours * f64::from(e.headcount)).sum();
            let offline = entries.iter().filter(|e| e.mode != cbp_core::Mode::Online).count();
            context! { quarter => q, entries => entries.len(), person_hours => format!("{hours:.0}"), offline => offline }
        })
        .collect();
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("grouped", |number: &Value| grouped(&number.to_string()));
    environment.add_template("plan.html", TEMPLATE)?;
    Ok(environment.get_template("plan.html")?.render(context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        department => plan.department.name.clone(),
        parent => plan.department.parent.clone(),
        status => format!("{:?}", plan.status),
        counts => Value::from(Serde(&counts)),
        person_hours => format!("{:.0}", counts.person_hours),
        rows => Value::from(Serde(plan.rows)),
        balances => plan.rows.balances(),
        level_legend => level_legend(&counts.by_type_and_level),
        level_bars => Value::from(Serde(level_bars(&counts.by_type_and_level))),
        coverage_bars => Value::from(Serde(coverage_bars(&counts.by_type_and_level))),
        gap_bars => Value::from(Serde(gap_bars(plan))),
        designations => designations,
        gaps => gaps,
        quarters => quarters,
        knowledge => Value::from(Serde(&plan.knowledge)),
        merges => Value::from(Serde(&plan.merges)),
        warnings => plan.warnings.iter().map(|w| context! { text => w.to_string(), lost => w.input_lost }).collect::<Vec<_>>(),
        provenance => Value::from(Serde(&plan.provenance)),
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cbp_core::{CompetencyRef, CompetencyType, DesignationPlan, Level};

    fn plan() -> CapacityBuildingPlan {
        let need = Requirement {
            id: "d001-r01".into(),
            competency: CompetencyRef {
                kind: CompetencyType::Domain,
                id: None,
                theme: "Law".into(),
                sub_theme: "Right to Information".into(),
            },
            level: Level { scale: "kcm-3".into(), rank: 2, name: "Tactical".into() },
            level_rationale: "says \"examine\"".into(),
            confidence: 0.8,
            weight: 0.5,
            knowledge: None,
            evidence: vec![Evidence::new("order.pdf", 3, "सूचना का अधिकार <b>")],
            courses: Vec::new(),
            coverage: Coverage::None,
        };
        let post = DesignationPlan {
            id: "d001".into(),
            name: "Section Officer".into(),
            requirements: vec![need],
            ..DesignationPlan::default()
        };
        CapacityBuildingPlan { designations: vec![post], ..CapacityBuildingPlan::default() }
    }

    #[test]
    fn text_from_documents_is_escaped_and_hindi_kept() {
        let page = html(&plan()).unwrap();
        assert!(page.contains("सूचना का अधिकार &lt;b&gt;"));
        assert!(page.contains("Section Officer"));
        assert!(!page.contains("http://") || !page.contains("<script src"));
    }

    #[test]
    fn digits_are_grouped_as_in_india() {
        let cases = [
            ("7", "7"),
            ("999", "999"),
            ("1000", "1,000"),
            ("104242", "1,04,242"),
            ("20000000", "2,00,00,000"),
        ];
        for (plain, expected) in cases {
            assert_eq!(grouped(plain), expected);
        }
        assert_eq!(grouped("-5"), "-5");
    }

    #[test]
    fn bars_share_the_scale_of_the_longest() {
        let rows = vec![
            ("a".to_owned(), vec![("x".to_owned(), "x".to_owned(), 4), ("y".to_owned(), "y".to_owned(), 4)]),
            ("b".to_owned(), vec![("x".to_owned(), "x".to_owned(), 2)]),
        ];
        let bars = bars(rows);
        assert!((bars[0].parts[1].x - 50.0).abs() < 1e-9);
        assert!((bars[1].parts[0].width - 25.0).abs() < 1e-9);
    }
}
