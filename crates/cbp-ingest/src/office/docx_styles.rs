//! What a Word file says beside its text: paragraph styles and list numbering.

use std::collections::BTreeMap;

use super::xml::{Item, Xml, attribute, is_on};
use crate::{IngestError, Limits};

/// What matters here of a paragraph or run style.
#[derive(Debug, Clone, Default)]
pub(crate) struct Style {
    name: String,
    based_on: Option<String>,
    pub(crate) outline: Option<u8>,
    pub(crate) list: Option<(String, usize)>,
    pub(crate) font: Option<String>,
    pub(crate) bold: Option<bool>,
}

/// The styles of a document, by id.
#[derive(Debug, Default)]
pub(crate) struct Styles {
    by_id: BTreeMap<String, Style>,
    default_font: Option<String>,
}

impl Styles {
    pub(crate) fn parse(name: &str, text: &str, limits: &Limits) -> Result<Self, IngestError> {
        let mut styles = Self::default();
        let mut xml = Xml::new(name, text, limits);
        let mut open: Option<(String, Style)> = None;
        loop {
            let start = match xml.next()? {
                Item::Start(start) => start,
                Item::Eof => break,
                _ => continue,
            };
            let value = attribute(&start, "val");
            match start.local_name().into_inner() {
                "style" => {
                    styles.by_id.extend(open.take());
                    open = attribute(&start, "styleId").map(|id| (id, Style::default()));
                }
                "rFonts" => {
                    let font = attribute(&start, "ascii");
                    match &mut open {
                        Some((_, style)) => style.font = font,
                        None => styles.default_font = font,
                    }
                }
                local => {
                    let Some((_, style)) = &mut open else { continue };
                    match local {
                        "name" => style.name = value.unwrap_or_default(),
                        "basedOn" => style.based_on = value,
                        "outlineLvl" => style.outline = value.and_then(|v| v.parse().ok()),
                        "b" => style.bold = Some(is_on(&start)),
                        "numId" => {
                            let level = style.list.take().map_or(0, |(_, level)| level);
                            style.list = value.map(|v| (v, level));
                        }
                        "ilvl" => {
                            let level = value.and_then(|v| v.parse().ok()).unwrap_or(0);
                            style.list.get_or_insert_default().1 = level;
                        }
                        _ => {}
                    }
                }
            }
        }
        styles.by_id.extend(open);
        Ok(styles)
    }

    /// A style with what it inherits.
    pub(crate) fn resolve(&self, id: Option<&str>) -> Style {
        let mut out = Style { font: None, ..Style::default() };
        let mut next = id;
        // A chain of styles that goes in a circle ends here.
        for _ in 0..12 {
            let Some(style) = next.and_then(|id| self.by_id.get(id)) else { break };
            let name = style.name.to_lowercase();
            if out.outline.is_none() {
                out.outline = style.outline.or_else(|| match name.as_str() {
                    "title" => Some(0),
                    "subtitle" => Some(1),
                    _ => name.strip_prefix("heading ")?.parse::<u8>().ok().map(|n| n.saturating_sub(1)),
                });
            }
            out.list = out.list.or_else(|| style.list.clone());
            out.font = out.font.or_else(|| style.font.clone());
            out.bold = out.bold.or(style.bold);
            next = style.based_on.as_deref();
        }
        out.font = out.font.or_else(|| self.default_font.clone());
        out
    }
}

#[derive(Debug, Clone, Default)]
struct Level {
    format: String,
    text: String,
    start: u32,
}

/// List numbering: definitions, and how far each list has counted.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    levels: BTreeMap<String, Vec<Level>>,
    lists: BTreeMap<String, String>,
    counts: BTreeMap<String, Vec<u32>>,
}

impl Numbering {
    pub(crate) fn parse(name: &str, text: &str, limits: &Limits) -> Result<Self, IngestError> {
        let mut numbering = Self::default();
        let mut xml = Xml::new(name, text, limits);
        let (mut definition, mut list) = (String::new(), None);
        loop {
            let start = match xml.next()? {
                Item::Start(start) => start,
                Item::Eof => break,
                _ => continue,
            };
            let value = || attribute(&start, "val");
            let level = |n: &mut Self| n.levels.get_mut(&definition).and_then(|l| l.last_mut()).is_some();
            match start.local_name().into_inner() {
                "abstractNum" => definition = attribute(&start, "abstractNumId").unwrap_or_default(),
                "num" => {
                    definition.clear();
                    list = attribute(&start, "numId");
                }
                "abstractNumId" => {
                    if let (Some(list), Some(value)) = (list.take(), value()) {
                        numbering.lists.insert(list, value);
                    }
                }
                "lvl" if list.is_none() => {
                    let levels = numbering.levels.entry(definition.clone()).or_default();
                    levels.push(Level { start: 1, ..Level::default() });
                }
                local @ ("numFmt" | "lvlText" | "start") if list.is_none() && level(&mut numbering) => {
                    let Some(last) = numbering.levels.get_mut(&definition).and_then(|l| l.last_mut()) else {
                        continue;
                    };
                    let value = value().unwrap_or_default();
                    match local {
                        "numFmt" => last.format = value,
                        "lvlText" => last.text = value,
                        _ => last.start = value.parse().unwrap_or(1),
                    }
                }
                _ => {}
            }
        }
        Ok(numbering)
    }

    /// The mark of the next item of a list; `None` where the list is not defined or has no marks.
    pub(crate) fn next_mark(&mut self, list: &str, level: usize) -> Option<String> {
        let definition = self.lists.get(list)?;
        let levels = self.levels.get(definition)?;
        let own = levels.get(level)?;
        if own.format == "none" {
            return None;
        }
        if own.format == "bullet" {
            return Some("•".to_owned());
        }
        // Lists of one definition go on counting together.
        let counts = self.counts.entry(definition.clone()).or_default();
        counts.truncate(level + 1);
        while counts.len() < level + 1 {
            let start = levels.get(counts.len()).map_or(1, |l| l.start);
            counts.push(if counts.len() < level { start } else { start.saturating_sub(1) });
        }
        if let Some(count) = counts.last_mut() {
            *count = count.saturating_add(1);
        }
        let mut mark = own.text.clone();
        for (n, (count, definition)) in counts.iter().zip(levels).enumerate() {
            mark = mark.replace(&format!("%{}", n + 1), &spell(*count, &definition.format));
        }
        (!mark.trim().is_empty()).then(|| mark.trim().to_owned())
    }
}

fn spell(n: u32, format: &str) -> String {
    match format {
        "lowerLetter" | "upperLetter" => {
            let letter = char::from(b'a' + ((n.max(1) - 1) % 26) as u8);
            let text = letter.to_string().repeat(((n.max(1) - 1) / 26 + 1).min(4) as usize);
            if format == "upperLetter" { text.to_uppercase() } else { text }
        }
        "lowerRoman" => roman(n),
        "upperRoman" => roman(n).to_uppercase(),
        "hindiNumbers" => {
            n.to_string().chars().map(|c| char::from_u32(c as u32 - 0x30 + 0x966).unwrap_or(c)).collect()
        }
        _ => n.to_string(),
    }
}

fn roman(n: u32) -> String {
    const PARTS: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let (mut rest, mut out) = (n % 4000, String::new());
    for (value, letters) in PARTS {
        while rest >= value {
            out.push_str(letters);
            rest -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_count_by_level_and_restart_below_a_new_item() {
        let text = r#"<w:numbering xmlns:w="w">
            <w:abstractNum w:abstractNumId="3">
              <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
              <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="(%1.%2)"/></w:lvl>
            </w:abstractNum>
            <w:num w:numId="7"><w:abstractNumId w:val="3"/></w:num></w:numbering>"#;
        let mut numbering = Numbering::parse("x", text, &Limits::default()).unwrap();
        let marks: Vec<_> = [0, 1, 1, 0, 1].iter().filter_map(|l| numbering.next_mark("7", *l)).collect();
        assert_eq!(marks, ["1.", "(1.i)", "(1.ii)", "2.", "(2.i)"]);
        assert_eq!(numbering.next_mark("8", 0), None);
    }

    #[test]
    fn numbers_are_spelled_as_asked() {
        assert_eq!([1, 4, 9, 14, 40].map(roman), ["i", "iv", "ix", "xiv", "xl"]);
        assert_eq!([1, 26, 27].map(|n| spell(n, "upperLetter")), ["A", "Z", "AA"]);
        assert_eq!(spell(12, "hindiNumbers"), "१२");
    }
}
