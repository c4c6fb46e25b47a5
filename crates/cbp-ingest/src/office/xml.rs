//! XML as a stream of starts, ends and texts, with a limit on depth.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::{IngestError, Limits};

/// A step through the file.
pub(crate) enum Item<'a> {
    Start(BytesStart<'a>),
    End,
    Text(Cow<'a, str>),
    Eof,
}

/// A reader of one XML part.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    name: &'a str,
    depth: usize,
    deepest: usize,
}

impl<'a> Xml<'a> {
    pub(crate) fn new(name: &'a str, text: &'a str, limits: &Limits) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, name, depth: 0, deepest: limits.xml_depth }
    }

    /// Elements that are open.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    pub(crate) fn next(&mut self) -> Result<Item<'a>, IngestError> {
        loop {
            let event = self.reader.read_event().map_err(|e| self.damaged(&e))?;
            return Ok(match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > self.deepest {
                        return Err(IngestError::Limit {
                            name: self.name.to_owned(),
                            what: "the nesting of XML elements",
                            limit: self.deepest as u64,
                        });
                    }
                    Item::Start(start)
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Item::End
                }
                Event::Text(text) => {
                    Item::Text(text.xml_content(XmlVersion::Implicit1_0).into_owned().into())
                }
                Event::CData(text) => Item::Text(text.into_inner()),
                Event::GeneralRef(entity) => {
                    let known = match entity.resolve_char_ref() {
                        Ok(Some(c)) => Some(c.to_string()),
                        _ => quick_xml::escape::resolve_xml_entity(&entity).map(str::to_owned),
                    };
                    // An entity that the file defines itself is never expanded.
                    Item::Text(known.unwrap_or_default().into())
                }
                Event::Eof if self.depth > 0 => return Err(self.damaged(&"it ends too early")),
                Event::Eof => Item::Eof,
                _ => continue,
            });
        }
    }

    /// Goes past the end of the element that was started last.
    pub(crate) fn skip(&mut self) -> Result<(), IngestError> {
        let floor = self.depth;
        while self.depth >= floor {
            if matches!(self.next()?, Item::Eof) {
                break;
            }
        }
        Ok(())
    }

    fn damaged(&self, detail: &dyn std::fmt::Display) -> IngestError {
        IngestError::Damaged { name: self.name.to_owned(), format: "Office file", detail: detail.to_string() }
    }
}

/// An attribute by its local name, unescaped.
pub(crate) fn attribute(start: &BytesStart<'_>, local: &str) -> Option<String> {
    start
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|a| a.key.local_name().as_ref() == local)
        .map(|a| quick_xml::escape::unescape(&a.value).map_or_else(|_| a.value.to_string(), Cow::into_owned))
}

/// `w:val` of a switch: absent means on.
pub(crate) fn is_on(start: &BytesStart<'_>) -> bool {
    !matches!(attribute(start, "val").as_deref(), Some("0" | "false" | "off" | "none"))
}
