//! What a page draws through names: forms, pictures, graphics states, marked content, and its annotations.

use lopdf::{Dictionary, Object, Stream};

use super::interp::{Interpreter, Mark, SAVED};
use super::lex::Token;
use super::matrix::{IDENTITY, Matrix, apply, is_sane, multiply};
use super::operands::Operands;
use crate::BBox;

/// Most annotations of a page.
const ANNOTATIONS: usize = 10_000;
/// Flag of a text field that holds a password.
const PASSWORD: u32 = 1 << 13;
/// Flag of a choice field that opens as a menu.
const MENU: u32 = 1 << 17;
/// Most choices that a list shows.
const LINES: usize = 1_000;
/// Flags of an annotation that is not to be seen: hidden, no view.
const UNSEEN: u32 = 2 | 32;

impl<'f> Interpreter<'f> {
    pub(super) fn graphics_state(&mut self, ops: &Operands<'_, '_>, resources: &'f Dictionary) {
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

    pub(super) fn is_hidden(&self) -> bool {
        self.marks.iter().any(|m| m.hidden)
    }

    pub(super) fn begin_mark(
        &mut self,
        with_properties: bool,
        ops: &Operands<'_, '_>,
        resources: &'f Dictionary,
    ) {
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

    pub(super) fn x_object(&mut self, name: &[u8], resources: &'f Dictionary, forms: &mut Vec<usize>) {
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
        self.form(stream, resources, forms);
    }

    /// Draws a form: its own matrix, then the current one.
    fn form(&mut self, stream: &'f Stream, resources: &'f Dictionary, forms: &mut Vec<usize>) {
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

    /// Draws what the annotations of a page look like, fitted into their places.
    pub(super) fn annotations(&mut self, page: &'f Dictionary) {
        let Ok(list) = self.file.get(page, b"Annots").as_array() else { return };
        let form = self.file.doc.catalog().ok().and_then(|c| self.file.dict(c, b"AcroForm"));
        let redraw =
            form.is_some_and(|f| matches!(self.file.get(f, b"NeedAppearances"), Object::Boolean(true)));
        for item in list.iter().take(ANNOTATIONS) {
            if self.stopped {
                return;
            }
            let Some(annotation) = self.file.as_dict(item) else { continue };
            let flags = self.file.number(annotation, b"F").unwrap_or(0.0) as u32;
            let layer = annotation.get(b"OC").is_ok_and(|layer| self.file.is_hidden_layer(layer));
            if flags & UNSEEN != 0 || layer || self.file.name(annotation, b"Subtype") == Some(b"Popup") {
                continue;
            }
            let looks = self.file.dict(annotation, b"AP");
            let Some(looks) = looks.filter(|_| !(redraw && self.is_choice(annotation))) else {
                self.field_value(annotation);
                continue;
            };
            let stream = match self.file.get(looks, b"N") {
                Object::Stream(stream) => stream,
                Object::Dictionary(states) => {
                    let value = || self.file.inherited(annotation, b"V").as_name().ok();
                    let state = self.file.name(annotation, b"AS").or_else(value).unwrap_or(b"Off");
                    let Object::Stream(stream) = self.file.get(states, state) else { continue };
                    stream
                }
                _ => continue,
            };
            self.fitted_form(stream, &self.file.numbers(annotation, b"Rect"));
        }
    }

    /// Writes the value of a text or choice field that does not say how it looks, as viewers do.
    fn field_value(&mut self, field: &'f Dictionary) {
        let own = |key: &[u8]| self.file.inherited(field, key);
        let flags = self.file.as_number(own(b"Ff")).unwrap_or(0.0) as u32;
        let place = <[f64; 4]>::try_from(self.file.numbers(field, b"Rect"));
        let choice = self.is_choice(field);
        let text = choice || matches!(own(b"FT").as_name(), Ok(b"Tx")) && flags & PASSWORD == 0;
        // A list that is no menu shows all its choices.
        let value = match own(b"Opt").as_array() {
            Ok(choices) if choice && flags & MENU == 0 => {
                let shown = choices.iter().take(LINES).filter_map(|c| self.shown_choice(c));
                shown.collect::<Vec<_>>().join("\n")
            }
            _ => own(b"V").as_str().map(text_string).unwrap_or_default(),
        };
        if let Ok([a, b, c, d]) = place
            && text
        {
            self.write_plain(&value, [a.min(c), b.min(d), a.max(c), b.max(d)]);
        }
    }

    fn is_choice(&self, field: &'f Dictionary) -> bool {
        matches!(self.file.inherited(field, b"FT").as_name(), Ok(b"Ch"))
    }

    /// A choice as its list shows it: a string, or the second of a pair.
    fn shown_choice(&self, choice: &'f Object) -> Option<String> {
        let choice = self.file.resolve(choice);
        let shown =
            choice.as_array().ok().and_then(|pair| pair.get(1)).map_or(choice, |o| self.file.resolve(o));
        shown.as_str().ok().map(text_string)
    }

    /// Draws a form so that its box, after its matrix, fills a rectangle.
    fn fitted_form(&mut self, stream: &'f Stream, place: &[f64]) {
        let (&[a, b, c, d], Ok([x0, y0, x1, y1])) =
            (place, <[f64; 4]>::try_from(self.file.numbers(&stream.dict, b"BBox")))
        else {
            return;
        };
        let matrix: Matrix = self.file.numbers(&stream.dict, b"Matrix").try_into().unwrap_or(IDENTITY);
        let corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| apply(&matrix, x, y));
        let low = corners.iter().fold((f64::MAX, f64::MAX), |m, c| (m.0.min(c.0), m.1.min(c.1)));
        let high = corners.iter().fold((f64::MIN, f64::MIN), |m, c| (m.0.max(c.0), m.1.max(c.1)));
        let scale = |space: f64, own: f64| if own.abs() > 1e-6 { space / own } else { 1.0 };
        let (sx, sy) = (scale((c - a).abs(), high.0 - low.0), scale((d - b).abs(), high.1 - low.1));
        let fit = [sx, 0.0, 0.0, sy, a.min(c) - low.0 * sx, b.min(d) - low.1 * sy];
        let before = self.state.ctm;
        let ctm = multiply(&fit, &before);
        if is_sane(&ctm) {
            self.state.ctm = ctm;
            self.form(stream, &stream.dict, &mut Vec::new());
            self.state.ctm = before;
        }
    }

    /// A picture fills the unit square.
    pub(super) fn add_image(&mut self) {
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
