//! When which designation takes which course.

use std::collections::BTreeMap;

use cbp_core::{CalendarEntry, Catalogue, DesignationPlan, Mode};

/// Spreads every course set over the four quarters, in the order in which its courses should be taken and with about
/// the same hours in each. A course that is not taken alone on a screen is given once: every designation that
/// takes it joins the quarter of the first, so that one class can be called together.
pub(super) fn calendar(posts: &[DesignationPlan], catalogue: &Catalogue) -> Vec<CalendarEntry> {
    let modes: BTreeMap<&str, Mode> = catalogue.courses.iter().map(|c| (c.id.as_str(), c.mode)).collect();
    let mut classes: BTreeMap<&str, u8> = BTreeMap::new();
    let mut entries = Vec::new();
    for post in posts {
        let quarter_hours = post.selection.hours / 4.0;
        let mut before = 0.0;
        for course in &post.selection.courses {
            // The quarter in which the middle of the course falls when the hours are taken evenly.
            let middle = before + course.hours / 2.0;
            before += course.hours;
            let even = if quarter_hours > 0.0 {
                (middle / quarter_hours).floor().clamp(0.0, 3.0) as u8 + 1
            } else {
                1
            };
            let mode = modes.get(course.course.as_str()).copied().unwrap_or_default();
            let quarter =
                if mode == Mode::Online { even } else { *classes.entry(&course.course).or_insert(even) };
            entries.push(CalendarEntry {
                quarter,
                designation: post.id.clone(),
                course: course.course.clone(),
                name: course.name.clone(),
                mode,
                hours: course.hours,
                headcount: post.headcount.unwrap_or(1),
            });
        }
    }
    entries.sort_by_key(|entry| entry.quarter);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use cbp_core::{Course, SelectedCourse, Selection};

    fn post(id: &str, courses: &[&str]) -> DesignationPlan {
        let selected = |course: &&str| SelectedCourse {
            course: (*course).into(),
            name: (*course).into(),
            hours: 10.0,
            requirements: Vec::new(),
            gain: 0.1,
        };
        let courses: Vec<SelectedCourse> = courses.iter().map(selected).collect();
        let hours = courses.len() as f64 * 10.0;
        DesignationPlan {
            id: id.into(),
            selection: Selection { courses, hours, ..Selection::default() },
            ..DesignationPlan::default()
        }
    }

    #[test]
    fn hours_are_even_and_a_class_meets_once() {
        let course = |id: &str, mode| Course { id: id.into(), mode, ..Course::default() };
        let catalogue = Catalogue {
            courses: vec![
                course("a", Mode::Online),
                course("b", Mode::Online),
                course("c", Mode::Online),
                course("class", Mode::Offline),
            ],
            ..Catalogue::default()
        };
        let plan =
            calendar(&[post("d1", &["a", "b", "c", "class"]), post("d2", &["class", "a"])], &catalogue);
        let quarter = |post: &str, course: &str| {
            plan.iter().find(|e| e.designation == post && e.course == course).map(|e| e.quarter)
        };
        assert_eq!(["a", "b", "c", "class"].map(|c| quarter("d1", c)), [Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!(quarter("d2", "class"), Some(4));
        assert_eq!(plan.len(), 6);
        assert!(plan.windows(2).all(|pair| pair[0].quarter <= pair[1].quarter));
    }

    #[test]
    fn courses_without_hours_go_first() {
        let mut idle = post("d1", &["a"]);
        idle.selection.hours = 0.0;
        idle.selection.courses[0].hours = 0.0;
        assert_eq!(calendar(&[idle], &Catalogue::default())[0].quarter, 1);
    }
}
