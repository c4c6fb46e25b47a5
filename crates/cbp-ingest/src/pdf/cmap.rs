//! Character maps: `ToUnicode` (code to text) and the encodings of composite fonts (bytes to CID).

use std::collections::BTreeMap;

use super::lex::{Lexer, Token};

/// Code to text, as a `ToUnicode` stream gives it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ToUnicode {
    pub(crate) map: BTreeMap<u32, String>,
    /// True where the map was cut at its budget.
    pub(crate) cut: bool,
}

/// The encoding of a composite font.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CodeMap {
    /// Code space ranges: length in bytes, first, last.
    spaces: Vec<(usize, u32, u32)>,
    /// Sorted by code: first, last, CID of the first. Empty means that the CID is the code.
    cids: Vec<(u32, u32, u32)>,
    /// True for writing from top to bottom.
    pub(crate) vertical: bool,
    /// True where codes are UTF-16 and need no other map.
    pub(crate) is_utf16: bool,
}

impl CodeMap {
    /// Two-byte codes that are CIDs.
    pub(crate) fn identity(vertical: bool) -> Self {
        Self { spaces: vec![(2, 0, 0xFFFF)], cids: Vec::new(), vertical, is_utf16: false }
    }

    /// A predefined map by name, or `None` where cbp does not carry it (the CJK maps).
    pub(crate) fn predefined(name: &[u8]) -> Option<Self> {
        let vertical = name.ends_with(b"-V");
        if name.starts_with(b"Identity") {
            return Some(Self::identity(vertical));
        }
        let text = String::from_utf8_lossy(name);
        if text.contains("UCS2") || text.contains("UTF16") {
            return Some(Self { is_utf16: true, ..Self::identity(vertical) });
        }
        None
    }

    /// The next code of `bytes` and its length.
    pub(crate) fn next_code(&self, bytes: &[u8]) -> Option<(u32, usize)> {
        if bytes.is_empty() {
            return None;
        }
        let mut code = 0u32;
        for (i, &b) in bytes.iter().take(4).enumerate() {
            code = code << 8 | u32::from(b);
            if self.spaces.iter().any(|&(len, lo, hi)| len == i + 1 && in_space(code, lo, hi, len)) {
                return Some((code, i + 1));
            }
        }
        // No range fits: take as many bytes as the shortest code has.
        let len = self.spaces.iter().map(|s| s.0).min().unwrap_or(1).clamp(1, bytes.len());
        let code = bytes.iter().take(len).fold(0u32, |code, &b| code << 8 | u32::from(b));
        Some((code, len))
    }

    /// The CID of a code.
    pub(crate) fn cid(&self, code: u32) -> u32 {
        if self.cids.is_empty() {
            return code;
        }
        let at = self.cids.partition_point(|&(first, _, _)| first <= code);
        match at.checked_sub(1).and_then(|i| self.cids.get(i)) {
            Some(&(first, last, cid)) if code <= last => cid.saturating_add(code - first),
            _ => 0,
        }
    }
}

/// Each byte of a code must be within the range's bytes, not only the number as a whole.
fn in_space(code: u32, lo: u32, hi: u32, len: usize) -> bool {
    (0..len).all(|i| {
        let shift = 8 * i as u32;
        let byte = |v: u32| v >> shift & 0xFF;
        (byte(lo)..=byte(hi)).contains(&byte(code))
    })
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |value, &b| value << 8 | u32::from(b))
}

fn utf16(bytes: &[u8]) -> String {
    if let [one] = bytes {
        return char::from(*one).to_string();
    }
    let units = bytes.chunks_exact(2).map(|c| u16::from_be_bytes([c[0], c[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A token that owns its bytes, for the few lists of a map.
enum Item {
    Bytes(Vec<u8>),
    Number(f64),
    List(Vec<Vec<u8>>),
}

/// Walks a map's `begin… end…` sections and hands each section's items over.
fn sections(data: &[u8], mut section: impl FnMut(&[u8], &[Item]) -> bool) -> Option<bool> {
    let mut lexer = Lexer::new(data);
    let mut items: Vec<Item> = Vec::new();
    let mut list: Option<Vec<Vec<u8>>> = None;
    let mut vertical = None;
    let mut wmode = false;
    while let Some(token) = lexer.next_token() {
        match token {
            Token::ArrayStart => list = Some(Vec::new()),
            Token::ArrayEnd => items.extend(list.take().map(Item::List)),
            Token::Text(_) | Token::Decoded(..) => {
                let bytes = lexer.bytes(token).unwrap_or_default().to_vec();
                match &mut list {
                    Some(list) => list.push(bytes),
                    None => items.push(Item::Bytes(bytes)),
                }
            }
            Token::Number(n) => {
                if wmode {
                    vertical = Some((n - 1.0).abs() < 0.5);
                    wmode = false;
                }
                items.push(Item::Number(n));
            }
            Token::Name(name) => wmode = name == b"WMode",
            Token::Keyword(word) => {
                if word.starts_with(b"begin") {
                    items.clear();
                } else if let Some(kind) = word.strip_prefix(b"end")
                    && !section(kind, &items)
                {
                    break;
                }
                if word.starts_with(b"end") || word == b"def" {
                    items.clear();
                    list = None;
                    lexer.forget();
                }
            }
            Token::DictStart | Token::DictEnd => {}
        }
    }
    vertical
}

/// Reads a `ToUnicode` stream; at most `limit` entries are kept.
pub(crate) fn parse_to_unicode(data: &[u8], limit: usize) -> ToUnicode {
    let mut out = ToUnicode::default();
    sections(data, |kind, items| {
        match kind {
            b"bfchar" => {
                for pair in items.chunks_exact(2) {
                    if let [Item::Bytes(code), Item::Bytes(text)] = pair {
                        out.map.insert(number(code), utf16(text));
                    }
                }
            }
            b"bfrange" => {
                for triple in items.chunks_exact(3) {
                    let [Item::Bytes(first), Item::Bytes(last), target] = triple else { continue };
                    bf_range(&mut out, number(first), number(last), target, limit);
                }
            }
            _ => {}
        }
        out.cut |= out.map.len() > limit;
        !out.cut
    });
    out
}

fn bf_range(out: &mut ToUnicode, first: u32, last: u32, target: &Item, limit: usize) {
    match target {
        Item::List(texts) => {
            for (code, text) in (first..=last).zip(texts) {
                out.map.insert(code, utf16(text));
            }
        }
        Item::Bytes(bytes) => {
            let mut units: Vec<u16> = match bytes.as_slice() {
                [one] => vec![u16::from(*one)],
                _ => bytes.chunks_exact(2).map(|c| u16::from_be_bytes([c[0], c[1]])).collect(),
            };
            let Some(base) = units.last().copied() else { return };
            for (step, code) in (first..=last).enumerate() {
                if out.map.len() > limit {
                    out.cut = true;
                    return;
                }
                if let Some(unit) = units.last_mut() {
                    *unit = base.wrapping_add(step as u16);
                }
                let text = char::decode_utf16(units.iter().copied());
                out.map.insert(code, text.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect());
                if step >= 0xFFFF {
                    return;
                }
            }
        }
        Item::Number(_) => {}
    }
}

/// Reads an embedded encoding of a composite font; at most `limit` ranges are kept.
pub(crate) fn parse_code_map(data: &[u8], limit: usize) -> CodeMap {
    let mut spaces = Vec::new();
    let mut cids = Vec::new();
    let vertical = sections(data, |kind, items| {
        match kind {
            b"codespacerange" => {
                for pair in items.chunks_exact(2) {
                    if let [Item::Bytes(lo), Item::Bytes(hi)] = pair
                        && (1..=4).contains(&lo.len())
                    {
                        spaces.push((lo.len(), number(lo), number(hi)));
                    }
                }
            }
            b"cidchar" => {
                for pair in items.chunks_exact(2) {
                    if let [Item::Bytes(code), Item::Number(cid)] = pair {
                        cids.push((number(code), number(code), *cid as u32));
                    }
                }
            }
            b"cidrange" => {
                for triple in items.chunks_exact(3) {
                    if let [Item::Bytes(lo), Item::Bytes(hi), Item::Number(cid)] = triple {
                        cids.push((number(lo), number(hi), *cid as u32));
                    }
                }
            }
            _ => {}
        }
        cids.len() <= limit && spaces.len() <= 1000
    });
    if spaces.is_empty() {
        spaces.push((2, 0, 0xFFFF));
    }
    cids.sort_unstable();
    CodeMap { spaces, cids, vertical: vertical.unwrap_or(false), is_utf16: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_characters_ranges_and_lists() {
        let cmap = b"1 beginbfchar <0003> <0020> endbfchar 2 beginbfrange <0010> <0012> <0041>
            <0020> <0021> [<00660069> <D83DDE00>] endbfrange";
        let map = parse_to_unicode(cmap, 100).map;
        let text: String = map.values().map(String::as_str).collect();
        assert_eq!(text, " ABCfi\u{1F600}");
        assert_eq!(map.get(&0x12).map(String::as_str), Some("C"));
    }

    #[test]
    fn stops_at_its_budget() {
        let map = parse_to_unicode(b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange", 50);
        assert!(map.cut && map.map.len() <= 52);
    }

    #[test]
    fn mixed_code_lengths_follow_the_code_space() {
        let map = parse_code_map(
            b"2 begincodespacerange <00> <80> <8140> <9FFC> endcodespacerange
              1 begincidrange <8140> <8150> 500 endcidrange 1 begincidchar <20> 7 endcidchar /WMode 1 def",
            100,
        );
        assert_eq!(map.next_code(b"\x20\x81\x41"), Some((0x20, 1)));
        assert_eq!(map.next_code(b"\x81\x41"), Some((0x8141, 2)));
        assert_eq!((map.cid(0x20), map.cid(0x8141), map.vertical), (7, 501, true));
    }
}
