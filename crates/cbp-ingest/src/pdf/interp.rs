//! The content interpreter: operators to placed glyphs, rules and boxes.

use std::collections::BTreeMap;
use std::sync::Arc;

use lopdf::{Dictionary, Object, ObjectId};

use super::file::{PdfFile, StreamFault};
use super::font::Font;
use super::geometry::{Glyph, PageGeometry};
use super::lex::{Lexer, Token};
use super::matrix::{IDENTITY, Matrix, apply, apply_vector, is_sane, multiply};
use super::paths::Path;
use crate::BBox;

/// Operands that one operator may have; a longer list is cut (arrays of `TJ` count one by one).
const OPERANDS: usize = 100_000;
/// Deepest nesting of saved graphics states.
const SAVED: usize = 4_096;

/// Graphics state as far as text and rules need it.
#[derive(Clone)]
struct State {
    ctm: Matrix,
    font: Option<u16>,
    size: f64,
    char_space: f64,
    word_space: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
    mode: u8,
    /// True while the fill colour is white: such a box is not seen.
    white: bool,
    white_stroke: bool,
}

/// A marked-content level.
struct Mark {
    hidden: bool,
    /// Replacement text, not yet placed.
    actual: Option<String>,
    /// True inside a span whose text is replaced.
    replaced: bool,
}

/// Reads one page.
pub(crate) struct Interpreter<'f> {
    file: &'f PdfFile,
    out: PageGeometry,
    fonts: BTreeMap<usize, u16>,
    state: State,
    saved: Vec<State>,
    text_matrix: Matrix,
    line_matrix: Matrix,
    path: Path,
    marks: Vec<Mark>,
    operators: usize,
    stopped: bool,
    page: (f32, f32),
}

/// Where an operand list keeps its strings.
struct Operands<'t, 'd> {
    tokens: &'t [Token<'d>],
    lexer: &'t Lexer<'d>,
}

impl Operands<'_, '_> {
    fn numbers<const N: usize>(&self) -> Option<[f64; N]> {
        let mut out = [0.0; N];
        let from = self.tokens.len().checked_sub(N)?;
        for (slot, token) in out.iter_mut().zip(self.tokens.get(from..)?) {
            let Token::Number(n) = token else { return None };
            *slot = *n;
        }
        Some(out)
    }

    fn number(&self) -> Option<f64> {
        self.numbers::<1>().map(|[n]| n)
    }

    fn name(&self) -> Option<&[u8]> {
        self.tokens.iter().rev().find_map(|t| if let Token::Name(n) = t { Some(*n) } else { None })
    }

    fn string(&self) -> Option<&[u8]> {
        self.tokens.iter().rev().find_map(|t| self.lexer.bytes(*t))
    }

    /// White in grey, RGB or CMYK.
    fn is_white(&self) -> bool {
        let numbers: Vec<f64> = self
            .tokens
            .iter()
            .filter_map(|t| if let Token::Number(n) = t { Some(*n) } else { None })
            .collect();
        match numbers.len() {
            1 | 3 => numbers.iter().all(|&v| v >= 0.995),
            4 => numbers.iter().all(|&v| v <= 0.005),
            _ => false,
        }
    }
}

impl<'f> Interpreter<'f> {
    /// Interprets a page's content and its visible annotations' text is left out, as readers do.
    pub(crate) fn read(file: &'f PdfFile, page_id: ObjectId) -> PageGeometry {
        let empty = Dictionary::new();
        let page = file.doc.objects.get(&page_id).and_then(|o| file.as_dict(o)).unwrap_or(&empty);
        let (base, width, height) = page_matrix(file, page);
        let out = PageGeometry { width, height, ..PageGeometry::default() };
        let mut this = Self {
            file,
            out,
            fonts: BTreeMap::new(),
            state: State {
                ctm: base,
                font: None,
                size: 1.0,
                char_space: 0.0,
                word_space: 0.0,
                stretch: 1.0,
                leading: 0.0,
                rise: 0.0,
                mode: 0,
                white: false,
                white_stroke: false,
            },
            saved: Vec::new(),
            text_matrix: IDENTITY,
            line_matrix: IDENTITY,
            path: Path::default(),
            marks: Vec::new(),
            operators: 0,
            stopped: false,
            page: (width, height),
        };
        let content = this.page_content(page);
        let resources = file.as_dict(file.inherited(page, b"Resources")).unwrap_or(&empty);
        this.run(&content, resources, &mut Vec::new());
        this.out.drop_overprinted();
        this.out
    }

    fn damage(&mut self, message: String) {
        if self.out.damage.len() < 20 && !self.out.damage.contains(&message) {
            self.out.damage.push(message);
        }
    }

    /// All content streams of a page, joined.
    fn page_content(&mut self, page: &Dictionary) -> Vec<u8> {
        let mut content = Vec::new();
        let parts = match self.file.get(page, b"Contents") {
            Object::Array(list) => list.iter().map(|o| self.file.resolve(o)).collect(),
            other => vec![other],
        };
        for part in parts {
            match part {
                Object::Stream(stream) => match self.file.data(stream) {
                    Ok(data) if content.len() as u64 <= self.file.limits.stream_bytes => {
                        content.extend_from_slice(&data);
                        content.push(b'\n');
                    }
                    Ok(_) | Err(StreamFault::TooLarge) => {
                        let limit = self.file.limits.stream_bytes;
                        self.damage(format!(
                            "its content inflates beyond {limit} bytes and was left out; raise the limit if trusted"
                        ));
                    }
                    Err(StreamFault::Unreadable) => {
                        self.damage("a part of its content cannot be decoded; ask for a fresh copy".into());
                    }
                },
                Object::Null => {
                    if page.has(b"Contents") {
                        self.damage(
                            "a part of its content is missing from the file; ask for a fresh copy".into(),
                        );
                    }
                }
                _ => self.damage("a part of its content is no stream; ask for a fresh copy".into()),
            }
            if self.file.is_spent() {
                break;
            }
        }
        content
    }

    fn run(&mut self, content: &[u8], resources: &'f Dictionary, forms: &mut Vec<usize>) {
        let mut lexer = Lexer::new(content);
        let mut tokens: Vec<Token<'_>> = Vec::new();
        while let Some(token) = lexer.next_token() {
            let Token::Keyword(word) = token else {
                if tokens.len() < OPERANDS {
                    tokens.push(token);
                }
                continue;
            };
            if matches!(word, b"true" | b"false" | b"null") {
                continue;
            }
            self.operators += 1;
            if self.operators > self.file.limits.operators {
                self.damage(format!(
                    "it has more than {} operators; the rest was left out",
                    self.file.limits.operators
                ));
                self.stopped = true;
            }
            if self.operators.is_multiple_of(4_096) && self.file.is_spent() {
                self.stopped = true;
            }
            if self.stopped {
                return;
            }
            if word == b"ID" {
                let length = inline_length(&tokens);
                lexer.skip_inline_image(length);
                self.add_image();
            } else {
                self.operator(word, &Operands { tokens: &tokens, lexer: &lexer }, resources, forms);
            }
            tokens.clear();
            lexer.forget();
        }
    }

    fn operator(
        &mut self,
        word: &[u8],
        ops: &Operands<'_, '_>,
        resources: &'f Dictionary,
        forms: &mut Vec<usize>,
    ) {
        match word {
            b"q" => {
                if self.saved.len() < SAVED {
                    self.saved.push(self.state.clone());
                }
            }
            b"Q" => {
                if let Some(state) = self.saved.pop() {
                    self.state = state;
                }
            }
            b"cm" => {
                if let Some(m) = ops.numbers::<6>() {
                    let ctm = multiply(&m, &self.state.ctm);
                    if is_sane(&ctm) {
                        self.state.ctm = ctm;
                    }
                }
            }
            b"g" | b"rg" | b"k" | b"sc" | b"scn" => self.state.white = ops.is_white(),
            b"G" | b"RG" | b"K" | b"SC" | b"SCN" => self.state.white_stroke = ops.is_white(),
            b"gs" => self.graphics_state(ops, resources),
            b"Do" => {
                if let Some(name) = ops.name() {
                    self.x_object(name, resources, forms);
                }
            }
            b"BDC" | b"BMC" => self.begin_mark(word == b"BDC", ops, resources),
            b"EMC" => {
                self.marks.pop();
            }
            _ if self.path_operator(word, ops) => {}
            _ => self.text_operator(word, ops, resources),
        }
    }

    fn path_operator(&mut self, word: &[u8], ops: &Operands<'_, '_>) -> bool {
        let ctm = self.state.ctm;
        match word {
            b"m" => {
                if let Some([x, y]) = ops.numbers() {
                    self.path.move_to(&ctm, x, y);
                }
            }
            b"l" => {
                if let Some([x, y]) = ops.numbers() {
                    self.path.line_to(&ctm, x, y);
                }
            }
            b"c" | b"v" | b"y" => {
                if let Some([x, y]) = ops.numbers() {
                    self.path.curve_to(&ctm, x, y);
                }
            }
            b"h" => self.path.close(),
            b"re" => {
                if let Some([x, y, w, h]) = ops.numbers() {
                    self.path.rectangle(&ctm, x, y, w, h);
                }
            }
            b"n" => self.path.clear(),
            b"S" => self.paint(true, false),
            b"s" => {
                self.path.close();
                self.paint(true, false);
            }
            b"f" | b"F" | b"f*" => self.paint(false, true),
            b"B" | b"B*" => self.paint(true, true),
            b"b" | b"b*" => {
                self.path.close();
                self.paint(true, true);
            }
            _ => return false,
        }
        true
    }

    fn paint(&mut self, stroke: bool, fill: bool) {
        let stroke = stroke && !self.state.white_stroke;
        let fill = fill && !self.state.white;
        if (stroke || fill) && !self.is_hidden() {
            self.path.paint(&mut self.out.drawing, stroke, fill);
        } else {
            self.path.clear();
        }
    }

    fn text_operator(&mut self, word: &[u8], ops: &Operands<'_, '_>, resources: &'f Dictionary) {
        match word {
            b"BT" => {
                self.text_matrix = IDENTITY;
                self.line_matrix = IDENTITY;
            }
            b"Tf" => {
                if let Some(size) = ops.number() {
                    self.state.size = size;
                }
                if let Some(name) = ops.name() {
                    self.state.font = self.font(name, resources);
                }
            }
            b"Tc" => self.state.char_space = ops.number().unwrap_or(0.0),
            b"Tw" => self.state.word_space = ops.number().unwrap_or(0.0),
            b"Tz" => self.state.stretch = ops.number().unwrap_or(100.0) / 100.0,
            b"TL" => self.state.leading = ops.number().unwrap_or(0.0),
            b"Ts" => self.state.rise = ops.number().unwrap_or(0.0),
            b"Tr" => self.state.mode = ops.number().unwrap_or(0.0).clamp(0.0, 7.0) as u8,
            b"Td" | b"TD" => {
                if let Some([x, y]) = ops.numbers() {
                    if word == b"TD" {
                        self.state.leading = -y;
                    }
                    self.next_line(x, y);
                }
            }
            b"Tm" => {
                if let Some(m) = ops.numbers::<6>() {
                    self.text_matrix = m;
                    self.line_matrix = m;
                }
            }
            b"T*" => self.next_line(0.0, -self.state.leading),
            b"Tj" => {
                if let Some(text) = ops.string() {
                    self.show(text);
                }
            }
            b"'" | b"\"" => {
                if word == b"\""
                    && let [Token::Number(w), Token::Number(c), ..] = ops.tokens
                {
                    self.state.word_space = *w;
                    self.state.char_space = *c;
                }
                self.next_line(0.0, -self.state.leading);
                if let Some(text) = ops.string() {
                    self.show(text);
                }
            }
            b"TJ" => {
                for token in ops.tokens {
                    if let Token::Number(n) = token {
                        self.adjust(*n);
                    } else if let Some(text) = ops.lexer.bytes(*token) {
                        self.show(text);
                    }
                }
            }
            _ => {}
        }
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.line_matrix = multiply(&[1.0, 0.0, 0.0, 1.0, x, y], &self.line_matrix);
        self.text_matrix = self.line_matrix;
    }

    fn current_font(&self) -> Option<Arc<Font>> {
        self.state.font.and_then(|i| self.out.fonts.get(usize::from(i))).map(Arc::clone)
    }

    /// A number within `TJ`: thousandths of the font size, against the writing direction.
    fn adjust(&mut self, thousandths: f64) {
        let shift = -thousandths / 1000.0 * self.state.size;
        let vertical = self.current_font().is_some_and(|f| f.vertical);
        let (x, y) = if vertical { (0.0, shift) } else { (shift * self.state.stretch, 0.0) };
        self.text_matrix = multiply(&[1.0, 0.0, 0.0, 1.0, x, y], &self.text_matrix);
    }

    fn font(&mut self, name: &[u8], resources: &'f Dictionary) -> Option<u16> {
        let dict = self.file.dict(resources, b"Font").and_then(|fonts| self.file.dict(fonts, name));
        let (key, font) = if let Some(dict) = dict {
            let key = std::ptr::from_ref(dict) as usize;
            if let Some(&index) = self.fonts.get(&key) {
                return Some(index);
            }
            (key, self.file.fonts.get(self.file, dict))
        } else {
            let name = String::from_utf8_lossy(name).into_owned();
            self.damage(format!("the font {name} is missing from the file; its text may be wrong"));
            (0, Arc::new(Font::unknown()))
        };
        let index = u16::try_from(self.out.fonts.len()).ok()?;
        self.out.fonts.push(font);
        self.fonts.insert(key, index);
        Some(index)
    }

    fn show(&mut self, bytes: &[u8]) {
        if self.state.font.is_none() {
            self.fonts.entry(0).or_insert_with(|| {
                self.out.fonts.push(Arc::new(Font::unknown()));
                (self.out.fonts.len() - 1) as u16
            });
            self.state.font = self.fonts.get(&0).copied();
        }
        let Some(font) = self.current_font() else { return };
        let hidden = self.is_hidden();
        let replaced = self.marks.iter().any(|m| m.replaced);
        font.show(bytes, |shown| {
            let state = &self.state;
            let spacing = state.char_space + if shown.is_space_code { state.word_space } else { 0.0 };
            let advance = if font.vertical {
                (0.0, -(shown.advance * state.size) + spacing)
            } else {
                ((shown.advance * state.size + spacing) * state.stretch, 0.0)
            };
            let text = if replaced { self.marks.iter_mut().find_map(|m| m.actual.take()) } else { None };
            let text = text.as_deref().or(if replaced { Some("") } else { shown.text });
            if !hidden {
                self.place(&font, shown.code, shown.gid, shown.advance, text);
            }
            self.text_matrix = multiply(&[1.0, 0.0, 0.0, 1.0, advance.0, advance.1], &self.text_matrix);
        });
    }

    fn place(&mut self, font: &Font, code: u32, gid: u32, advance: f64, text: Option<&str>) {
        let state = &self.state;
        if self.out.glyphs.len() >= self.file.limits.glyphs {
            self.damage(format!(
                "it has more than {} glyphs; the rest was left out",
                self.file.limits.glyphs
            ));
            self.stopped = true;
            return;
        }
        let m = multiply(&self.text_matrix, &state.ctm);
        if !is_sane(&m) {
            return;
        }
        let (x, y) = apply(&m, 0.0, state.rise);
        let (dx, dy) = if font.vertical {
            apply_vector(&m, 0.0, -advance * state.size)
        } else {
            apply_vector(&m, advance * state.size * state.stretch, 0.0)
        };
        // Off the page altogether: printers' marks and hidden scraps.
        let slack = 1.0;
        let outside =
            |v: f64, d: f64, max: f32| v.max(v + d) < -slack || v.min(v + d) > f64::from(max) + slack;
        if outside(x, dx, self.page.0) || outside(y, dy, self.page.1) {
            return;
        }
        let Some(text) = text else {
            self.out.unmapped += 1;
            return;
        };
        let up = apply_vector(&m, 0.0, state.size);
        let mut size = up.0.hypot(up.1);
        if font.is_type3 {
            size *= 1.0;
        }
        let along = if dx == 0.0 && dy == 0.0 { apply_vector(&m, 1.0, 0.0) } else { (dx, dy) };
        let turn = match (along.0.abs() >= along.1.abs(), along.0 >= 0.0, along.1 >= 0.0) {
            (true, true, _) => 0,
            (true, false, _) => 2,
            (false, _, true) => 1,
            (false, _, false) => 3,
        };
        self.out.repaired += usize::from(font.is_repaired(code));
        let start = self.out.pool.len() as u32;
        self.out.pool.push_str(text);
        self.out.glyphs.push(Glyph {
            code,
            gid,
            font: state.font.unwrap_or(0),
            turn,
            invisible: state.mode == 3,
            x: x as f32,
            y: y as f32,
            dx: dx as f32,
            dy: dy as f32,
            size: size as f32,
            text: (start, text.len().min(usize::from(u16::MAX)) as u16),
        });
    }

    fn graphics_state(&mut self, ops: &Operands<'_, '_>, resources: &'f Dictionary) {
        let states = self.file.dict(resources, b"ExtGState");
        let Some(dict) = states.zip(ops.name()).and_then(|(s, name)| self.file.dict(s, name)) else { return };
        if let Ok([font, size]) = self.file.get(dict, b"Font").as_array().map(Vec::as_slice) {
            if let Some(size) = self.file.as_number(size) {
                self.state.size = size;
            }
            if let Some(dict) = self.file.as_dict(font) {
                let font = self.file.fonts.get(self.file, dict);
                let key = std::ptr::from_ref(dict) as usize;
                let next = self.out.fonts.len() as u16;
                let index = *self.fonts.entry(key).or_insert(next);
                if index == next {
                    self.out.fonts.push(font);
                }
                self.state.font = Some(index);
            }
        }
    }

    fn is_hidden(&self) -> bool {
        self.marks.iter().any(|m| m.hidden)
    }

    fn begin_mark(&mut self, with_properties: bool, ops: &Operands<'_, '_>, resources: &'f Dictionary) {
        let mut mark = Mark { hidden: false, actual: None, replaced: false };
        if self.marks.len() >= SAVED {
            return;
        }
        if with_properties {
            let tag = ops.tokens.first();
            let list = self.file.dict(resources, b"Properties");
            if let (Some(Token::Name(tag)), Some(Token::Name(name))) = (tag, ops.tokens.get(1)) {
                let entry = list.and_then(|l| l.get(name).ok());
                if *tag == b"OC" {
                    mark.hidden = entry.is_some_and(|o| self.file.is_hidden_layer(o));
                }
                let actual =
                    entry.and_then(|o| self.file.as_dict(o)).map(|d| self.file.get(d, b"ActualText"));
                mark.actual = actual.and_then(|o| o.as_str().ok()).map(text_string);
            } else if let Some(at) = ops.tokens.iter().position(|t| *t == Token::Name(b"ActualText")) {
                mark.actual = ops.tokens.get(at + 1).and_then(|t| ops.lexer.bytes(*t)).map(text_string);
            }
            mark.replaced = mark.actual.is_some();
        }
        self.marks.push(mark);
    }

    fn x_object(&mut self, name: &[u8], resources: &'f Dictionary, forms: &mut Vec<usize>) {
        let object = self.file.dict(resources, b"XObject").map(|d| self.file.get(d, name));
        let Some(Object::Stream(stream)) = object else { return };
        if let Ok(layer) = stream.dict.get(b"OC")
            && self.file.is_hidden_layer(layer)
        {
            return;
        }
        if self.file.name(&stream.dict, b"Subtype") == Some(b"Image") {
            self.add_image();
            return;
        }
        if self.file.name(&stream.dict, b"Subtype") != Some(b"Form") {
            return;
        }
        let key = std::ptr::from_ref(stream) as usize;
        if forms.contains(&key) {
            self.damage("a form draws itself; it was drawn once".into());
            return;
        }
        if forms.len() >= self.file.limits.form_depth {
            self.damage(format!(
                "forms are nested deeper than {}; the rest was left out",
                self.file.limits.form_depth
            ));
            return;
        }
        let Ok(data) = self.file.data(stream) else {
            return self.damage("a form of it cannot be decoded; ask for a fresh copy".into());
        };
        let matrix = self.file.numbers(&stream.dict, b"Matrix");
        let matrix: Matrix = matrix.try_into().unwrap_or(IDENTITY);
        let before = self.state.clone();
        let (text, line) = (self.text_matrix, self.line_matrix);
        let (depth, marks) = (std::mem::take(&mut self.saved), self.marks.len());
        let ctm = multiply(&matrix, &before.ctm);
        if is_sane(&ctm) {
            self.state.ctm = ctm;
        }
        forms.push(key);
        let own = self.file.dict(&stream.dict, b"Resources").unwrap_or(resources);
        self.run(&data, own, forms);
        forms.pop();
        self.saved = depth;
        self.marks.truncate(marks);
        self.state = before;
        self.text_matrix = text;
        self.line_matrix = line;
        self.path.clear();
    }

    /// A picture fills the unit square.
    fn add_image(&mut self) {
        if self.is_hidden() || self.out.images.len() > 10_000 {
            return;
        }
        let corners =
            [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(|(x, y)| apply(&self.state.ctm, x, y));
        let mut b = BBox { x0: f32::MAX, y0: f32::MAX, x1: f32::MIN, y1: f32::MIN };
        for (x, y) in corners.map(|(x, y)| (x as f32, y as f32)) {
            b = BBox { x0: b.x0.min(x), y0: b.y0.min(y), x1: b.x1.max(x), y1: b.y1.max(y) };
        }
        self.out.images.push(b);
    }
}

fn inline_length(tokens: &[Token<'_>]) -> Option<usize> {
    let at = tokens.iter().position(|t| matches!(t, Token::Name(b"L" | b"Length")))?;
    match tokens.get(at + 1)? {
        Token::Number(n) if *n >= 0.0 => Some(*n as usize),
        _ => None,
    }
}

/// A text string: UTF-16 or UTF-8 with its mark, else `PDFDocEncoding` (its ASCII and Latin part).
fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest.chunks_exact(2).map(|c| u16::from_be_bytes([c[0], c[1]]))),
        [0xFF, 0xFE, rest @ ..] => utf16(rest.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]]))),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|&b| char::from(b)).collect(),
    }
}

fn utf16(units: impl Iterator<Item = u16>) -> String {
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Default user space to page coordinates, with the page's width and height.
fn page_matrix(file: &PdfFile, page: &Dictionary) -> (Matrix, f32, f32) {
    let numbers = |key: &[u8]| -> Option<[f64; 4]> {
        let array = file.inherited(page, key).as_array().ok()?;
        let [a, b, c, d]: [f64; 4] =
            array.iter().filter_map(|o| file.as_number(o)).collect::<Vec<_>>().try_into().ok()?;
        let area = [a.min(c), b.min(d), a.max(c), b.max(d)];
        (area[2] - area[0] > 1.0 && area[3] - area[1] > 1.0 && area.iter().all(|v| v.abs() < 1e6))
            .then_some(area)
    };
    let [x0, y0, x1, y1] = numbers(b"MediaBox").unwrap_or([0.0, 0.0, 612.0, 792.0]);
    let (w, h) = (x1 - x0, y1 - y0);
    let turn = file.as_number(file.inherited(page, b"Rotate")).unwrap_or(0.0);
    let turn = (turn / 90.0).round().rem_euclid(4.0) as i64;
    match turn {
        1 => ([0.0, 1.0, 1.0, 0.0, -y0, -x0], h as f32, w as f32),
        2 => ([-1.0, 0.0, 0.0, 1.0, x1, -y0], w as f32, h as f32),
        3 => ([0.0, -1.0, -1.0, 0.0, y1, x1], h as f32, w as f32),
        _ => ([1.0, 0.0, 0.0, -1.0, -x0, y1], w as f32, h as f32),
    }
}
