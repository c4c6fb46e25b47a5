//! Objects that a file refers to and that were not loaded, though its index or its bytes have them.

use std::collections::BTreeSet;

use lopdf::xref::XrefEntry;
use lopdf::{Document, Object, ObjectId};

/// Most missing objects that are looked for.
const MISSING: usize = 10_000;

/// How many objects are lost: something refers to them, they were not loaded, and the index lists them or their head
/// stands in the file. What only dangles (writers leave such references behind) is no loss.
pub(crate) fn lost_objects(document: &Document, bytes: &[u8]) -> usize {
    let missing = missing(document);
    if missing.is_empty() {
        return 0;
    }
    let heads = heads(bytes, &missing);
    let listed = |id: &ObjectId| {
        matches!(
            document.reference_table.get(id.0),
            Some(XrefEntry::Normal { .. } | XrefEntry::Compressed { .. })
        )
    };
    missing.iter().filter(|id| listed(id) || heads.contains(id)).count()
}

/// Ids that loaded objects refer to and that have no object.
fn missing(document: &Document) -> BTreeSet<ObjectId> {
    let mut out = BTreeSet::new();
    let mut open: Vec<&Object> = Vec::new();
    for object in document.objects.values() {
        open.push(object);
        while let Some(object) = open.pop() {
            match object {
                Object::Reference(id) if !document.objects.contains_key(id) => {
                    out.insert(*id);
                }
                Object::Array(items) => open.extend(items),
                Object::Dictionary(dict) => open.extend(dict.iter().map(|(_, value)| value)),
                Object::Stream(stream) => open.extend(stream.dict.iter().map(|(_, value)| value)),
                _ => {}
            }
            if out.len() >= MISSING {
                return out;
            }
        }
    }
    out
}

/// Which of the objects have a head such as `12 0 obj` in the file.
fn heads(bytes: &[u8], wanted: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    let ends = bytes.windows(3).enumerate().filter(|(_, w)| *w == b"obj").map(|(at, _)| at);
    ends.filter_map(|at| head_before(bytes.get(..at)?)).filter(|id| wanted.contains(id)).collect()
}

/// The two numbers at the end of some bytes.
fn head_before(bytes: &[u8]) -> Option<ObjectId> {
    let start = bytes.len().saturating_sub(24);
    let mut words = bytes.get(start..)?.rsplit(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    let mut number = || std::str::from_utf8(words.next()?).ok()?.parse::<u32>().ok();
    let generation = number()?;
    Some((number()?, u16::try_from(generation).ok()?))
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    #[test]
    fn an_object_counts_as_lost_only_where_the_file_has_it() {
        let mut document = Document::with_version("1.4");
        document.objects.insert((1, 0), dictionary! { "Length" => Object::Reference((5, 0)) }.into());
        assert_eq!(lost_objects(&document, b"1 0 obj << >> endobj"), 0);
        assert_eq!(lost_objects(&document, b"endobj\n\n5 0 obj\n44\nendobj"), 1);
        document.objects.insert((5, 0), Object::Integer(44));
        assert_eq!(lost_objects(&document, b"endobj\n\n5 0 obj\n44\nendobj"), 0);
    }
}
