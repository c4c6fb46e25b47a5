//! The plan in the shape that the present iGOT tool stores role mappings in.

use cbp_core::{CapacityBuildingPlan, CompetencyType, Mode};
use serde_json::{Value, json};

/// One role mapping for each designation, in the field names of the platform's role-mapping record.
pub fn role_mappings(plan: &CapacityBuildingPlan) -> Value {
    let mappings: Vec<Value> = plan
        .designations
        .iter()
        .map(|post| {
            let competencies: Vec<Value> = post
                .requirements
                .iter()
                .map(|need| {
                    let mode = need.courses.first().map_or(Mode::Online, |c| c.mode);
                    json!({
                        "type": platform_type(need.competency.kind),
                        "theme": need.competency.theme,
                        "sub_theme": need.competency.sub_theme,
                        "competency_id": need.competency.id,
                        "proficiency_level": need.level.name,
                        "proficiency_rationale": need.level_rationale,
                        "delivery_mode": if mode == Mode::Online { "Online" } else { "Offline" },
                    })
                })
                .collect();
            json!({
                "org_type": "state",
                "department_name": plan.department.name,
                "sector_name": plan.department.sector,
                "status": "COMPLETED",
                "designation_name": post.name,
                "wing_division_section": post.wing,
                "role_responsibilities": post.roles.iter().map(|r| &r.title).collect::<Vec<_>>(),
                "activities": post.roles.iter().flat_map(|r| &r.activities).map(|a| &a.text).collect::<Vec<_>>(),
                "sort_order": post.sort_order,
                "competencies": competencies,
                "source": ["Work Allocation Order"],
                "designation_approval": {"status": "pending"},
            })
        })
        .collect();
    Value::Array(mappings)
}

/// The platform spells one type the American way.
fn platform_type(kind: CompetencyType) -> &'static str {
    match kind {
        CompetencyType::Behavioural => "Behavioral",
        CompetencyType::Functional => "Functional",
        CompetencyType::Domain => "Domain",
    }
}
