//! A FRAC dictionary in the columns of the Annexure.

use cbp_core::{Designation, FracDictionary, Group};

/// Header of the Annexure.
const HEADER: [&str; 5] = ["S. No.", "Group or Grade", "Designation", "Roles", "Activities"];

/// The dictionary as CSV in the Annexure's own columns, one record for each designation.
///
/// A record with only its first field filled names the wing of those that follow, as the Annexure does. Roles are
/// numbered 1, 2 …, and activities 1.1, 1.2, 2.1 … after their role, so that [`crate::frac_dictionary`] reads the same
/// dictionary back.
pub fn annexure_csv(frac: &FracDictionary) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut wings: Vec<&str> = Vec::new();
    for post in &frac.designations {
        if !wings.contains(&post.wing.as_str()) {
            wings.push(&post.wing);
        }
    }
    // Posts without a wing come first, or they would fall to the wing above them.
    wings.sort_by_key(|w| !w.is_empty());
    // Writing to memory does not fail.
    let mut put = |record: [&str; 5]| drop(writer.write_record(record));
    put(HEADER);
    let mut number = 0;
    for wing in wings {
        if !wing.is_empty() {
            put([wing, "", "", "", ""]);
        }
        for post in frac.designations.iter().filter(|d| d.wing == wing) {
            number += 1;
            put([
                &number.to_string(),
                group(post.group),
                &designation(post),
                &roles(post),
                &activities(post),
            ]);
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn group(group: Option<Group>) -> &'static str {
    match group {
        Some(Group::A) => "Group A",
        Some(Group::B) => "Group B",
        Some(Group::C) => "Group C",
        Some(Group::D) => "Group D",
        Some(Group::Contractual) => "Contractual",
        None => "",
    }
}

fn designation(post: &Designation) -> String {
    post.headcount
        .filter(|n| *n != 1)
        .map_or_else(|| post.name.clone(), |n| format!("{} ({n} posts)", post.name))
}

fn roles(post: &Designation) -> String {
    let lines = post.roles.iter().enumerate().map(|(i, role)| format!("{}. {}", i + 1, role.title));
    lines.collect::<Vec<_>>().join("\n")
}

fn activities(post: &Designation) -> String {
    let mut lines = Vec::new();
    for (i, role) in post.roles.iter().enumerate() {
        lines.extend(
            role.activities.iter().enumerate().map(|(k, a)| format!("{}.{} {}", i + 1, k + 1, a.text)),
        );
    }
    lines.join("\n")
}
