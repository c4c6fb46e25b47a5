//! The tokeniser of content streams and character maps: no allocation for numbers, names and plain strings.

/// A token. Strings with escapes and hexadecimal strings live in the lexer's scratch buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Token<'a> {
    Number(f64),
    Name(&'a [u8]),
    Text(&'a [u8]),
    /// A range of [`Lexer::scratch`].
    Decoded(usize, usize),
    ArrayStart,
    ArrayEnd,
    DictStart,
    DictEnd,
    Keyword(&'a [u8]),
}

/// Reads tokens from bytes. Never fails: what cannot be read is skipped.
pub(crate) struct Lexer<'a> {
    data: &'a [u8],
    at: usize,
    /// Decoded strings since the last [`Lexer::forget`].
    pub(crate) scratch: Vec<u8>,
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\n' | b'\r' | b'\t' | 0 | 12)
}

fn is_delimiter(b: u8) -> bool {
    matches!(b, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn is_regular(b: u8) -> bool {
    !is_space(b) && !is_delimiter(b)
}

fn hex_value(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).map(|d| d as u8)
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, scratch: Vec::new() }
    }

    /// Drops the decoded strings; call it after each operator.
    pub(crate) fn forget(&mut self) {
        self.scratch.clear();
    }

    fn peek(&self) -> Option<u8> {
        self.data.get(self.at).copied()
    }

    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.data.get(self.at..).unwrap_or_default();
        let len = rest.iter().position(|&b| !keep(b)).unwrap_or(rest.len());
        self.at += len;
        rest.get(..len).unwrap_or_default()
    }

    /// The next token, or `None` at the end.
    pub(crate) fn next_token(&mut self) -> Option<Token<'a>> {
        loop {
            let b = self.peek()?;
            match b {
                _ if is_space(b) => self.at += 1,
                b'%' => {
                    self.take_while(|b| b != b'\n' && b != b'\r');
                }
                b'/' => {
                    self.at += 1;
                    return Some(Token::Name(self.take_while(is_regular)));
                }
                b'(' => return Some(self.literal()),
                b'<' => {
                    if self.data.get(self.at + 1) == Some(&b'<') {
                        self.at += 2;
                        return Some(Token::DictStart);
                    }
                    return Some(self.hex());
                }
                b'>' => {
                    let double = self.data.get(self.at + 1) == Some(&b'>');
                    self.at += if double { 2 } else { 1 };
                    if double {
                        return Some(Token::DictEnd);
                    }
                }
                b'[' => {
                    self.at += 1;
                    return Some(Token::ArrayStart);
                }
                b']' => {
                    self.at += 1;
                    return Some(Token::ArrayEnd);
                }
                b')' | b'{' | b'}' => self.at += 1,
                _ => return Some(self.word()),
            }
        }
    }

    fn word(&mut self) -> Token<'a> {
        let start = self.at;
        let first = self.peek().unwrap_or(0);
        if first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.') {
            if let Some(number) = self.number() {
                return Token::Number(number);
            }
            self.at = start;
        }
        Token::Keyword(self.take_while(is_regular))
    }

    /// Reads a number by hand: content streams are mostly numbers. `--5`, `5-3` and `1.2.3` occur in real files.
    fn number(&mut self) -> Option<f64> {
        let mut negative = false;
        let mut digits = false;
        while let Some(sign @ (b'+' | b'-')) = self.peek() {
            negative |= sign == b'-';
            self.at += 1;
        }
        let mut value = 0f64;
        while let Some(d @ b'0'..=b'9') = self.peek() {
            value = value * 10.0 + f64::from(d - b'0');
            digits = true;
            self.at += 1;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            let mut scale = 0.1;
            while let Some(d @ b'0'..=b'9') = self.peek() {
                value += f64::from(d - b'0') * scale;
                scale *= 0.1;
                digits = true;
                self.at += 1;
            }
        }
        if !digits {
            return None;
        }
        // A tail such as `-3` or `.3` is noise after a number; a letter begins an operator (`0g`), except an exponent.
        if matches!(self.peek(), Some(b'-' | b'.')) {
            self.take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'));
        }
        Some(if negative { -value } else { value })
    }

    fn literal(&mut self) -> Token<'a> {
        self.at += 1;
        let start = self.at;
        let plain = self.take_while(|b| !matches!(b, b'(' | b')' | b'\\' | b'\r'));
        if self.peek() == Some(b')') {
            self.at += 1;
            return Token::Text(plain);
        }
        let from = self.scratch.len();
        self.at = start;
        let mut depth = 1u32;
        while let Some(b) = self.peek() {
            self.at += 1;
            match b {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escape();
                    continue;
                }
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.at += 1;
                    }
                    self.scratch.push(b'\n');
                    continue;
                }
                _ => {}
            }
            self.scratch.push(b);
        }
        Token::Decoded(from, self.scratch.len())
    }

    fn escape(&mut self) {
        let Some(b) = self.peek() else { return };
        self.at += 1;
        match b {
            b'n' => self.scratch.push(b'\n'),
            b'r' => self.scratch.push(b'\r'),
            b't' => self.scratch.push(b'\t'),
            b'b' => self.scratch.push(8),
            b'f' => self.scratch.push(12),
            b'\n' => {}
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'0'..=b'7' => {
                let mut value = u32::from(b - b'0');
                for _ in 0..2 {
                    let Some(d @ b'0'..=b'7') = self.peek() else { break };
                    value = value * 8 + u32::from(d - b'0');
                    self.at += 1;
                }
                self.scratch.push(value as u8);
            }
            other => self.scratch.push(other),
        }
    }

    fn hex(&mut self) -> Token<'a> {
        self.at += 1;
        let from = self.scratch.len();
        let mut high = None;
        while let Some(b) = self.peek() {
            self.at += 1;
            if b == b'>' {
                break;
            }
            let Some(v) = hex_value(b) else { continue };
            match high.take() {
                Some(h) => self.scratch.push(h << 4 | v),
                None => high = Some(v),
            }
        }
        if let Some(h) = high {
            self.scratch.push(h << 4);
        }
        Token::Decoded(from, self.scratch.len())
    }

    /// The bytes of a string token.
    pub(crate) fn bytes(&self, token: Token<'a>) -> Option<&[u8]> {
        match token {
            Token::Text(text) => Some(text),
            Token::Decoded(from, to) => self.scratch.get(from..to),
            _ => None,
        }
    }

    /// Skips the data of an inline image; call it after `ID`. `length` is trusted only where `EI` follows it.
    pub(crate) fn skip_inline_image(&mut self, length: Option<usize>) {
        self.at += 1;
        if let Some(end) = length.and_then(|n| self.at.checked_add(n)) {
            let tail = self.data.get(end..).unwrap_or_default();
            let spaces = tail.iter().take_while(|&&b| is_space(b)).count();
            if tail.get(spaces..).is_some_and(|t| t.starts_with(b"EI")) {
                self.at = end + spaces + 2;
                return;
            }
        }
        while self.at < self.data.len() {
            let rest = self.data.get(self.at..).unwrap_or_default();
            let Some(found) = rest.windows(2).position(|w| w == b"EI") else { break };
            let before = found.checked_sub(1).and_then(|i| rest.get(i)).copied();
            let after = rest.get(found + 2..).unwrap_or_default();
            // Binary data can hold ` EI `; real content that follows is printable.
            let printable =
                after.iter().take(12).all(|&b| is_space(b) && b != 0 || b.is_ascii_graphic() || b == b' ');
            self.at += found + 2;
            if before.is_none_or(is_space) && after.first().is_none_or(|&b| is_space(b)) && printable {
                return;
            }
        }
        self.at = self.data.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(data: &[u8]) -> Vec<String> {
        let mut lexer = Lexer::new(data);
        let mut out = Vec::new();
        while let Some(token) = lexer.next_token() {
            out.push(match lexer.bytes(token) {
                Some(bytes) => format!("({})", String::from_utf8_lossy(bytes)),
                None => match token {
                    Token::Number(n) => format!("{n}"),
                    Token::Name(n) => format!("/{}", String::from_utf8_lossy(n)),
                    Token::Keyword(k) => String::from_utf8_lossy(k).into_owned(),
                    other => format!("{other:?}"),
                },
            });
        }
        out
    }

    #[test]
    fn reads_numbers_as_real_files_write_them() {
        assert_eq!(all(b"1 -2 .5 -.25 --3 4. 7-1 0g"), ["1", "-2", "0.5", "-0.25", "-3", "4", "7", "0", "g"]);
    }

    #[test]
    fn reads_strings_with_escapes_and_nesting() {
        assert_eq!(all(br"(a(b)c) (\101\)\n) <4142 4> (open"), ["(a(b)c)", "(A)\n)", "(AB@)", "(open)"]);
    }

    #[test]
    fn skips_inline_image_data_that_contains_the_end_mark() {
        let data = b"ID \x01 EI \x00\xff\x02\xfe EI Q";
        let mut lexer = Lexer::new(data);
        assert_eq!(lexer.next_token(), Some(Token::Keyword(b"ID")));
        lexer.skip_inline_image(None);
        assert_eq!(lexer.next_token(), Some(Token::Keyword(b"Q")));
    }
}
