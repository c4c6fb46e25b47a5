//! Text operators: codes of a font to placed glyphs.

use std::sync::Arc;

use super::font::Font;
use super::geometry::Glyph;
use super::interp::Interpreter;
use super::lex::Token;
use super::matrix::{IDENTITY, apply, apply_vector, is_sane, multiply};
use super::operands::Operands;
use lopdf::Dictionary;

impl<'f> Interpreter<'f> {
    pub(super) fn text_operator(&mut self, word: &[u8], ops: &Operands<'_, '_>, resources: &'f Dictionary) {
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

    /// The font of text that is shown without one.
    fn unknown_font(&mut self) -> u16 {
        *self.fonts.entry(0).or_insert_with(|| {
            self.out.fonts.push(Arc::new(Font::unknown()));
            (self.out.fonts.len() - 1) as u16
        })
    }

    /// Writes text into a box from its top, half an em a letter, for want of a font that says more.
    pub(super) fn write_plain(&mut self, text: &str, [left, bottom, _, top]: [f64; 4]) {
        let lines: Vec<&str> = text.split(['\r', '\n']).filter(|l| !l.is_empty()).collect();
        let rows = lines.len().max(1) as f64;
        let size = ((top - bottom) / rows * 0.75).clamp(4.0, 12.0);
        let font = self.unknown_font();
        let (state, place) = (self.state.clone(), (self.text_matrix, self.line_matrix));
        (self.state.font, self.state.size) = (Some(font), size);
        let blank = Font::unknown();
        for (row, line) in lines.into_iter().enumerate() {
            let base = top - size * (1.0 + 1.2 * row as f64);
            for (column, letter) in line.chars().enumerate() {
                let x = left + size * 0.5 * column as f64;
                self.text_matrix = [1.0, 0.0, 0.0, 1.0, x, base];
                self.place(&blank, 0, 0, 0.5, Some(letter.encode_utf8(&mut [0; 4])));
            }
        }
        self.state = state;
        (self.text_matrix, self.line_matrix) = place;
    }

    fn show(&mut self, bytes: &[u8]) {
        if self.state.font.is_none() {
            self.state.font = Some(self.unknown_font());
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
}
