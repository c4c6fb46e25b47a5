//! Structure elements of tagged files, left out while loading: text is drawn, not tagged, and a tagged file can have
//! more elements than all its other objects together.

use std::fmt::Write as _;

use lopdf::{Object, ObjectId, Stream};

/// Object streams that inflate beyond this many bytes stay as they are; the object layer has its own limit.
const LARGEST: usize = 16 << 20;

/// A filter for loading: blanks the structure elements of an object stream before the object layer parses them.
///
/// They become null, not nothing, so that what refers to them is not taken for damage.
#[expect(clippy::unnecessary_wraps, reason = "the shape of lopdf's filters")]
pub(super) fn without_structure(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    if let Object::Stream(stream) = object {
        if stream.dict.has_type(b"ObjStm")
            && let Some((index, body)) = without_elements(stream)
        {
            stream.dict.set("First", index.len() as i64);
            stream.dict.remove(b"DecodeParms");
            stream.set_plain_content([index, body].concat());
        }
        // A stream is never in an object stream: it stays where it is, and what is returned is not looked at.
        return Some((id, Object::Null));
    }
    Some((id, object.clone()))
}

/// Index and body of an object stream with its structure elements pointed at a null behind the others; `None` where it
/// has none, or is not as the standard says.
fn without_elements(stream: &Stream) -> Option<(Vec<u8>, Vec<u8>)> {
    let content = stream.get_plain_content_with_limit(LARGEST).ok()?;
    let first = usize::try_from(stream.dict.get(b"First").and_then(Object::as_i64).ok()?).ok()?;
    let (index, body) = content.split_at_checked(first)?;
    let numbers: Vec<usize> = std::str::from_utf8(index)
        .ok()?
        .split_ascii_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let (pairs, []) = numbers.as_chunks::<2>() else { return None };
    let ends = pairs.iter().skip(1).map(|pair| pair[1]).chain([body.len()]);
    let (mut out, mut blanked) = (String::with_capacity(index.len()), false);
    for ([number, start], end) in pairs.iter().zip(ends) {
        let element = is_element(body.get(*start..end)?);
        blanked |= element;
        let start = if element { body.len() } else { *start };
        let _ = write!(out, "{number} {start} ");
    }
    blanked.then(|| (out.into_bytes(), [body, b" null"].concat()))
}

/// True for a dictionary with `/Type /StructElem`.
fn is_element(object: &[u8]) -> bool {
    const NAME: &[u8] = b"/StructElem";
    object.starts_with(b"<<")
        && object.windows(NAME.len()).enumerate().any(|(at, name)| {
            name == NAME && object.get(..at).is_some_and(|before| before.trim_ascii_end().ends_with(b"/Type"))
        })
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    /// An object stream of these objects, numbered from 1.
    fn packed(objects: &[&str]) -> Object {
        let (mut index, mut body) = (String::new(), String::new());
        for (number, object) in (1..).zip(objects) {
            let _ = write!(index, "{number} {} ", body.len());
            body.push_str(object);
            body.push('\n');
        }
        let first = index.len() as i64;
        let dict = dictionary! { "Type" => "ObjStm", "N" => objects.len() as i64, "First" => first };
        let mut stream = Stream::new(dict, (index + &body).into_bytes());
        stream.compress().expect("compresses");
        stream.into()
    }

    fn unpacked(object: &Object) -> Vec<(ObjectId, Object)> {
        let stream = object.as_stream().expect("a stream");
        lopdf::ObjectStream::new(stream).expect("reads").objects.into_iter().collect()
    }

    #[test]
    fn elements_become_null_and_all_else_stays() {
        let objects = [
            "<</Type /StructElem /S /P /K [0 (a /Page)]>>",
            "<</Type/Page/Parent 9 0 R>>",
            "[1 0 R]",
            "<</S/P/Type/StructElem>>",
            "<</Type/StructTreeRoot/RoleMap<</Note/StructElem>>>>",
            "(/Type/StructElem)",
        ];
        let mut object = packed(&objects);
        let before = unpacked(&object);
        assert!(without_structure((9, 0), &mut object).is_some());
        let after = unpacked(&object);
        for ((id, was), (same, is)) in before.into_iter().zip(after) {
            assert_eq!(id, same);
            assert_eq!(is, if matches!(id.0, 1 | 4) { Object::Null } else { was });
        }
    }

    #[test]
    fn a_stream_that_lies_about_its_objects_is_left_alone() {
        for (first, content) in
            [(4, "1 9 <</Type/StructElem>>"), (4, "1 x <</Type/StructElem>>"), (90, "1 0 ")]
        {
            let dict = dictionary! { "Type" => "ObjStm", "N" => 1, "First" => first };
            let mut object: Object = Stream::new(dict, content.as_bytes().to_vec()).into();
            let before = object.clone();
            assert!(without_structure((9, 0), &mut object).is_some());
            assert_eq!(object, before);
        }
    }
}
