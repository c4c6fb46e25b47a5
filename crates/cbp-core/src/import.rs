//! Taxonomies and catalogues in other people's shapes: CSV taxonomies, raw iGOT course records.

use serde::Deserialize;
use serde_json::Value;

use crate::catalogue::{Catalogue, Course, CourseTag, Mode, Source};
use crate::{Competency, CompetencyModel, CompetencyType, CoreError, ProficiencyScale, ScaleLevel, Warning};

#[derive(Deserialize)]
struct CsvEntry {
    id: String,
    #[serde(alias = "sub_theme", alias = "label", alias = "preferredLabel", alias = "title")]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default, alias = "type")]
    kind: String,
    #[serde(default)]
    theme: String,
    #[serde(default, alias = "altLabels")]
    aliases: String,
}

impl CompetencyModel {
    /// Reads a taxonomy from CSV with a header line: `id`, `name`, and optionally `description`, `type`, `theme`,
    /// `aliases` (separated by `|`), and any columns `level_1`, `level_2` … with level texts.
    ///
    /// # Errors
    /// A record that cannot be read, and every broken invariant of [`CompetencyModel`].
    pub fn from_csv(what: &str, csv_text: &str) -> Result<Self, CoreError> {
        let fault = |e: csv::Error| CoreError::Csv { what: what.into(), detail: e.to_string() };
        let mut reader = csv::Reader::from_reader(csv_text.trim_start_matches('\u{feff}').as_bytes());
        let headers = reader.headers().map_err(fault)?.clone();
        let level_columns: Vec<usize> =
            (1..=9).map_while(|n| headers.iter().position(|h| h.trim() == format!("level_{n}"))).collect();
        let mut competencies = Vec::new();
        for record in reader.records() {
            let record = record.map_err(fault)?;
            let entry: CsvEntry = record.deserialize(Some(&headers)).map_err(fault)?;
            let kind = match entry.kind.trim().to_lowercase().as_str() {
                "behavioural" | "behavioral" => Some(CompetencyType::Behavioural),
                "functional" => Some(CompetencyType::Functional),
                "domain" => Some(CompetencyType::Domain),
                _ => None,
            };
            competencies.push(Competency {
                id: entry.id.trim().to_owned(),
                kind,
                theme: entry.theme.trim().to_owned(),
                theme_hi: None,
                sub_theme: entry.name.trim().to_owned(),
                sub_theme_hi: None,
                group: None,
                aliases: split(&entry.aliases),
                description: entry.description.trim().to_owned(),
                levels: level_columns.iter().filter_map(|&i| record.get(i)).map(str::to_owned).collect(),
            });
        }
        let levels = (1..=level_columns.len())
            .map(|n| ScaleLevel { rank: n as u8, name: format!("Level {n}"), ..ScaleLevel::default() })
            .collect();
        let scale =
            ProficiencyScale { id: format!("levels-{}", level_columns.len()), name: "Levels".into(), levels };
        Self {
            format: Self::FORMAT.into(),
            version: Self::VERSION,
            id: what.into(),
            name: what.into(),
            scale,
            competencies,
            ..Self::default()
        }
        .validated(what)
    }

    /// Reads JSON or CSV, whichever the text is.
    ///
    /// # Errors
    /// As [`CompetencyModel::from_json`] and [`CompetencyModel::from_csv`].
    pub fn from_text(what: &str, text: &str) -> Result<Self, CoreError> {
        let start = text.trim_start_matches('\u{feff}').trim_start();
        if start.starts_with('{') { Self::from_json(what, text) } else { Self::from_csv(what, text) }
    }
}

fn split(list: &str) -> Vec<String> {
    list.split(['|', '\n']).map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

/// A broken record costs itself and a warning, not the catalogue.
pub(crate) fn igot_records(what: &str, json: &str) -> Result<(Catalogue, Vec<Warning>), CoreError> {
    let value: Value =
        serde_json::from_str(json.trim_start_matches('\u{feff}')).map_err(|e| CoreError::json(what, &e))?;
    let records = [
        value.as_array(),
        value.get("courses").and_then(Value::as_array),
        value.get("content").and_then(Value::as_array),
        value.pointer("/result/content").and_then(Value::as_array),
    ]
    .into_iter()
    .flatten()
    .next()
    .ok_or_else(|| CoreError::Format {
        what: what.into(),
        expected: Catalogue::FORMAT,
        found: "an object without a list of courses".into(),
    })?;
    let mut courses = Vec::with_capacity(records.len());
    let mut warnings = Vec::new();
    for (position, record) in records.iter().enumerate() {
        match igot_course(record) {
            Ok(course) => courses.push(course),
            Err(missing) => warnings.push(Warning::lost(
                what,
                None,
                format!("course record {} has no {missing} and was left out; complete it", position + 1),
            )),
        }
    }
    Ok((Catalogue { format: Catalogue::FORMAT.into(), version: Catalogue::VERSION, courses }, warnings))
}

fn igot_course(record: &Value) -> Result<Course, &'static str> {
    let text = |keys: &[&str]| {
        keys.iter()
            .find_map(|k| record.get(*k).and_then(Value::as_str))
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
    };
    let number = |keys: &[&str]| {
        keys.iter().find_map(|k| {
            let v = record.get(*k)?;
            v.as_f64().or_else(|| v.as_str()?.trim().parse().ok()).filter(|n| n.is_finite() && *n >= 0.0)
        })
    };
    let strings = |key: &str| -> Vec<String> {
        match record.get(key) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(one)) => vec![one.clone()],
            _ => Vec::new(),
        }
    };
    let id = text(&["identifier", "id", "do_id"]).ok_or("id")?;
    let name = text(&["name", "title", "course"]).ok_or("name")?;
    let language = strings("language")
        .into_iter()
        .next()
        .or_else(|| text(&["lang", "script_language"]))
        .unwrap_or_default();
    let language = language_name(&language);
    let tags = ["competencies_v6", "competencies_v5", "competencies"]
        .iter()
        .filter_map(|key| record.get(*key))
        .find_map(|v| match v {
            Value::Array(list) if !list.is_empty() => Some(list.clone()),
            Value::String(s) => serde_json::from_str::<Vec<Value>>(s).ok().filter(|l| !l.is_empty()),
            _ => None,
        })
        .unwrap_or_default();
    let mode = match text(&["learningMode", "mode", "courseType"]).unwrap_or_default().to_lowercase().as_str()
    {
        m if m.contains("blend") => Mode::Blended,
        m if m.contains("offline") || m.contains("class") || m.contains("instructor") => Mode::Offline,
        _ => Mode::Online,
    };
    let written_source = text(&["source"]).unwrap_or_default();
    let source = match written_source.to_lowercase().as_str() {
        "igot" => Some(Source::Igot),
        "ati" => Some(Source::Ati),
        "swayam" => Some(Source::Swayam),
        "own" => Some(Source::Own),
        _ => None,
    };
    // On the platform's own records `source` names the provider.
    let named_by_source = || Some(written_source.clone()).filter(|s| source.is_none() && !s.is_empty());
    Ok(Course {
        source: source.unwrap_or(if id.starts_with("do_") { Source::Igot } else { Source::Own }),
        id,
        name,
        description: text(&["description", "desc", "purpose"]).unwrap_or_default(),
        provider: text(&["provider", "organisation"])
            .or_else(|| strings("organisation").into_iter().next())
            .or_else(named_by_source)
            .unwrap_or_default(),
        duration_seconds: number(&["duration_seconds", "duration_sec", "duration"]).map(|n| n as u64),
        language,
        mode,
        level: text(&["difficultyLevel", "level", "proficiency_level"]),
        competencies: tags.iter().filter_map(igot_tag).collect(),
        url: text(&["url", "public_link"]),
        rating: number(&["avgRating", "rating"]).filter(|r| *r <= 5.0),
        completions: number(&["completions", "completed_count"]).map(|n| n as u64),
        year: number(&["year"])
            .map(|y| y as u16)
            .or_else(|| text(&["lastPublishedOn", "createdOn"]).and_then(|d| d.get(..4)?.parse().ok())),
        keywords: strings("keywords"),
        audience: strings("audience"),
    })
}

/// English name of a language given by its ISO 639-1 code; anything else stays as it is.
fn language_name(written: &str) -> String {
    let name = match written.trim().to_lowercase().as_str() {
        "as" => "Assamese",
        "bn" => "Bengali",
        "en" => "English",
        "gu" => "Gujarati",
        "hi" => "Hindi",
        "kn" => "Kannada",
        "ml" => "Malayalam",
        "mr" => "Marathi",
        "or" => "Odia",
        "pa" => "Punjabi",
        "ta" => "Tamil",
        "te" => "Telugu",
        "ur" => "Urdu",
        _ => written.trim(),
    };
    name.to_owned()
}

fn igot_tag(tag: &Value) -> Option<CourseTag> {
    let text = |keys: &[&str]| {
        keys.iter()
            .find_map(|k| tag.get(*k).and_then(Value::as_str))
            .map(str::trim)
            .unwrap_or_default()
            .to_owned()
    };
    let kind = text(&["competencyAreaName", "competencyArea", "area", "type"]).to_lowercase();
    let kind = if kind.starts_with("beh") {
        CompetencyType::Behavioural
    } else if kind.starts_with("fun") {
        CompetencyType::Functional
    } else {
        CompetencyType::Domain
    };
    let theme = text(&["competencyThemeName", "competencyTheme", "theme"]);
    let sub_theme = text(&["competencySubThemeName", "competencySubTheme", "sub_theme"]);
    let id = Some(text(&["competency_id", "id"])).filter(|s| !s.is_empty());
    (!sub_theme.is_empty() || id.is_some()).then_some(CourseTag { kind, id, theme, sub_theme })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_with_levels() {
        let csv = "id,name,description,level_1,level_2\nS1,Filing,Keeps papers,files,designs filing\n";
        let model = CompetencyModel::from_text("t.csv", csv).unwrap();
        assert_eq!(model.scale.levels.len(), 2);
        assert_eq!(model.competencies[0].levels[1], "designs filing");
    }

    #[test]
    fn a_broken_course_costs_itself_only() {
        let json = r#"{"courses":[{"identifier":"do_1","name":"A","duration":"60",
            "competencies_v5":[{"competencyAreaName":"Functional","competencyThemeName":"T","competencySubThemeName":"S"}]},
            {"identifier":"do_2"}]}"#;
        let (catalogue, warnings) = igot_records("c.json", json).unwrap();
        assert_eq!((catalogue.courses.len(), warnings.len()), (1, 1));
        assert_eq!(catalogue.courses[0].duration_seconds, Some(60));
        assert_eq!(catalogue.courses[0].competencies[0].kind, CompetencyType::Functional);
        assert!(warnings[0].input_lost);
    }
}
