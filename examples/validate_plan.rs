//! Checks a plan.json against the schema, and what a schema cannot say: no row lost, evidence everywhere, parts that
//! add up.
//!
//! ```sh
//! cargo run -p cbp-examples --example validate_plan -- out/plan.json
//! ```

use std::error::Error;

use cbp_core::{CapacityBuildingPlan, plan_schema};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give a plan.json")?;
    let text = std::fs::read_to_string(&path)?;
    let value = serde_json::from_str(&text)?;
    let schema = jsonschema::validator_for(&plan_schema())?;
    let faults: Vec<String> =
        schema.iter_errors(&value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    if !faults.is_empty() {
        return Err(format!("{path} does not follow the schema:\n{}", faults.join("\n")).into());
    }

    let plan: CapacityBuildingPlan = serde_json::from_str(&text)?;
    if !plan.rows.balances() || plan.rows.designations as usize != plan.designations.len() {
        return Err(format!("{path}: rows are missing: {:?}", plan.rows).into());
    }
    for need in plan.designations.iter().flat_map(|post| &post.requirements) {
        if need.evidence.is_empty() || need.evidence.iter().any(|piece| piece.quote.trim().is_empty()) {
            return Err(format!("{path}: requirement {} has no evidence", need.id).into());
        }
        for course in &need.courses {
            let sum: f64 = course.parts.iter().map(|part| part.contribution).sum();
            if (sum - course.score).abs() > 1e-6 {
                return Err(format!(
                    "{path}: {}: the parts of {} add up to {sum}, not {}",
                    need.id, course.course, course.score
                )
                .into());
            }
        }
    }
    println!("{path}: {} designations, valid", plan.designations.len());
    Ok(())
}
