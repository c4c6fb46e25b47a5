//! A set of courses for a designation: together they cover what the post needs, within a budget of hours.
//!
//! Courses that build the same requirement build it with diminishing returns: what is left uncovered shrinks by
//! each course's adequacy. Near-duplicates (courses whose vectors all but agree) count as one: of such a family only
//! the most adequate member counts. That makes coverage monotone and submodular, so a greedy choice is near the best one:
//! by gain and by gain per hour, whichever covers more. The bound says how near: no set within the budget covers more.

use cbp_core::{SelectedCourse, Selection};

use super::{CourseIndex, RankError, cover::Problem};

/// A requirement, and the courses that could build it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// Id of the requirement.
    pub id: String,
    /// Its share of the post's work.
    pub weight: f64,
    /// The courses that build it.
    pub courses: Vec<Candidate>,
}

/// A course that builds a requirement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Place of the course in the catalogue.
    pub course: u32,
    /// How much of the requirement it builds, from 0 to 1.
    pub adequacy: f64,
}

/// What an officer's time allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Hours of all courses together.
    pub hours: f64,
    /// Share of the whole need, 0 to 1, that a course must add to be worth taking; 0 takes all that add anything.
    pub least_gain: f64,
}

/// Chooses courses that cover the requirements within the budget.
///
/// The result depends on nothing but the arguments; ties go to the course with the lower id. Courses come in the
/// order in which to take them: the easier before the harder.
///
/// # Errors
///
/// [`RankError::Setting`] for a budget, weight or adequacy that makes no sense, and for a course that the index
/// does not have.
pub fn select(index: &CourseIndex, wanted: &[Wanted], budget: Budget) -> Result<Selection, RankError> {
    let problem = Problem::new(index, wanted, budget)?;
    let by_gain = problem.greedy(|gain, _| gain);
    let by_rate = problem.greedy(|gain, hours| gain / hours);
    let bound = by_gain.bound.min(by_rate.bound).min(problem.total);
    let best = if by_gain.covered >= by_rate.covered { by_gain } else { by_rate };
    let share = |x: f64| if problem.total > 0.0 { (x / problem.total).min(1.0) } else { 0.0 };
    let mut courses: Vec<(u32, SelectedCourse)> = best
        .chosen
        .iter()
        .map(|&(item, gain)| {
            let item = &problem.items[item];
            let course = index.course(item.course);
            let selected = SelectedCourse {
                course: course.map(|c| c.id.clone()).unwrap_or_default(),
                name: course.map(|c| c.name.clone()).unwrap_or_default(),
                hours: item.hours,
                requirements: item.builds.iter().map(|&(r, _)| wanted[r].id.clone()).collect(),
                gain: share(gain),
            };
            (item.course, selected)
        })
        .collect();
    // Stable: courses of one level stay in the order of their gain.
    courses.sort_by(|(a, _), (b, _)| {
        let level = |course: &u32| index.level_of(*course).unwrap_or(0.5);
        level(a).total_cmp(&level(b))
    });
    let hours = courses.iter().map(|(_, course)| course.hours).sum();
    Ok(Selection {
        courses: courses.into_iter().map(|(_, course)| course).collect(),
        hours,
        budget_hours: budget.hours,
        covered: share(best.covered),
        bound: share(bound.max(best.covered)),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use cbp_core::{Catalogue, Course};
    use ndarray::Array2;
    use proptest::prelude::*;

    fn hours(hours: f64) -> Budget {
        Budget { hours, least_gain: 0.0 }
    }

    /// An index of courses with these hours; a course's vector points along its family's axis.
    fn index(courses: &[(u64, usize)]) -> CourseIndex {
        let catalogue = Catalogue {
            courses: courses
                .iter()
                .enumerate()
                .map(|(i, &(hours, _))| Course {
                    id: format!("c{i:02}"),
                    name: format!("course {i}"),
                    duration_seconds: Some(hours * 3600),
                    ..Course::default()
                })
                .collect(),
            ..Catalogue::default()
        };
        let mut vectors = Array2::zeros((courses.len(), 16));
        for (i, &(_, axis)) in courses.iter().enumerate() {
            vectors[[i, axis % 16]] = 1.0;
        }
        CourseIndex::from_vectors(&catalogue, &vectors, "t").unwrap()
    }

    fn coverage(wanted: &[Wanted], courses: &[(u64, usize)], set: u32) -> f64 {
        wanted
            .iter()
            .map(|one| {
                let mut families: BTreeMap<usize, f64> = BTreeMap::new();
                for candidate in one.courses.iter().filter(|c| set >> c.course & 1 == 1) {
                    let best = families.entry(courses[candidate.course as usize].1).or_insert(0.0);
                    *best = best.max(candidate.adequacy);
                }
                one.weight * (1.0 - families.values().map(|a| 1.0 - a).product::<f64>())
            })
            .sum()
    }

    proptest! {
        #[test]
        fn brute_force_agrees(
            courses in prop::collection::vec((1_u64..9, 0_usize..6), 1..9),
            raw in prop::collection::vec((0.1_f64..1.0, prop::collection::vec(0.0_f64..1.0, 9)), 1..5),
            budget in 0.0_f64..20.0,
        ) {
            let index = index(&courses);
            let wanted: Vec<Wanted> = raw
                .iter()
                .enumerate()
                .map(|(r, (weight, adequacies))| Wanted {
                    id: format!("r{r}"),
                    weight: *weight,
                    courses: (0..courses.len() as u32)
                        .map(|course| Candidate { course, adequacy: adequacies[course as usize] })
                        .collect(),
                })
                .collect();
            let total: f64 = wanted.iter().map(|w| w.weight).sum();
            let best = (0..1_u32 << courses.len())
                .filter(|set| {
                    (0..courses.len()).filter(|i| set >> i & 1 == 1).map(|i| courses[i].0 as f64).sum::<f64>() <= budget
                })
                .map(|set| coverage(&wanted, &courses, set) / total)
                .fold(0.0, f64::max);
            let got = select(&index, &wanted, hours(budget)).unwrap();
            prop_assert!(got.hours <= budget + 1e-9);
            prop_assert!(got.bound >= best - 1e-9, "bound {} best {}", got.bound, best);
            prop_assert!(got.covered <= best + 1e-9 && got.covered >= 0.5 * (1.0 - (-1.0_f64).exp()) * best - 1e-9);
            let set = got.courses.iter().map(|c| 1 << index.place(&c.course).unwrap()).sum::<u32>();
            prop_assert!((coverage(&wanted, &courses, set) / total - got.covered).abs() < 1e-9);
            let gains: f64 = got.courses.iter().map(|c| c.gain).sum();
            prop_assert!((gains - got.covered).abs() < 1e-9);
        }
    }

    #[test]
    fn a_near_duplicate_adds_nothing() {
        let index = index(&[(2, 0), (2, 0), (2, 1)]);
        let of = |course, adequacy| Candidate { course, adequacy };
        let wanted =
            [Wanted { id: "r".into(), weight: 1.0, courses: vec![of(0, 0.6), of(1, 0.6), of(2, 0.3)] }];
        let got = select(&index, &wanted, hours(10.0)).unwrap();
        let ids: Vec<&str> = got.courses.iter().map(|c| c.course.as_str()).collect();
        assert_eq!(ids, ["c00", "c02"]);
        assert!((got.covered - 0.72).abs() < 1e-9);
    }

    #[test]
    fn a_course_that_adds_too_little_is_left_out() {
        let index = index(&[(1, 0), (1, 1)]);
        let wanted = [
            Wanted { id: "r1".into(), weight: 0.97, courses: vec![Candidate { course: 0, adequacy: 1.0 }] },
            Wanted { id: "r2".into(), weight: 0.03, courses: vec![Candidate { course: 1, adequacy: 1.0 }] },
        ];
        let chosen =
            |least_gain| select(&index, &wanted, Budget { hours: 9.0, least_gain }).unwrap().courses.len();
        assert_eq!((chosen(0.0), chosen(0.02), chosen(0.05)), (2, 2, 1));
    }

    #[test]
    fn senseless_input_is_refused() {
        let index = index(&[(2, 0)]);
        for budget in [f64::NAN, f64::INFINITY, -1.0] {
            assert!(matches!(select(&index, &[], hours(budget)), Err(RankError::Setting { .. })));
        }
        let of = |weight, course, adequacy| {
            let courses = vec![Candidate { course, adequacy }];
            select(&index, &[Wanted { id: "r".into(), weight, courses }], hours(5.0))
        };
        assert!(of(f64::NAN, 0, 0.5).is_err() && of(1.0, 7, 0.5).is_err() && of(1.0, 0, 1.5).is_err());
        let empty = select(&index, &[], hours(0.0)).unwrap();
        assert!(empty.courses.is_empty() && empty.covered == 0.0);
    }
}
