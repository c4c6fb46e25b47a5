//! JSON Schema of the plan.

use crate::CapacityBuildingPlan;

/// JSON Schema (draft 2020-12) of `plan.json`. A test keeps `docs/plan.schema.json` in step with it.
pub fn plan_schema() -> serde_json::Value {
    schemars::schema_for!(CapacityBuildingPlan).to_value()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_schema_is_in_step() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/plan.schema.json");
        let fresh = serde_json::to_string_pretty(&super::plan_schema()).unwrap() + "\n";
        if std::env::var_os("CBP_BLESS").is_some() {
            std::fs::write(path, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            committed == fresh,
            "docs/plan.schema.json is out of step; run CBP_BLESS=1 cargo test -p cbp-core"
        );
    }
}
