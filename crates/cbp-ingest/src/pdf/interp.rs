//! The content interpreter: operators to placed glyphs, rules and boxes.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object, ObjectId};

use super::file::{PdfFile, StreamFault};
use super::geometry::PageGeometry;
use super::lex::{Lexer, Token};
use super::matrix::{IDENTITY, Matrix, is_sane, multiply};
use super::operands::Operands;
use super::paths::Path;

/// Operands that one operator may have; a longer list is cut (arrays of `TJ` count one by one).
const OPERANDS: usize = 100_000;
/// Deepest nesting of saved graphics states.
pub(super) const SAVED: usize = 4_096;

/// Graphics state as far as text and rules need it.
#[derive(Clone)]
pub(super) struct State {
    pub(super) ctm: Matrix,
    pub(super) font: Option<u16>,
    pub(super) size: f64,
    pub(super) char_space: f64,
    pub(super) word_space: f64,
    pub(super) stretch: f64,
    pub(super) leading: f64,
    pub(super) rise: f64,
    pub(super) mode: u8,
    /// True while the fill colour is white: such a box is not seen.
    pub(super) white: bool,
    pub(super) white_stroke: bool,
}

impl State {
    fn new(ctm: Matrix) -> Self {
        Self {
            ctm,
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
        }
    }
}

/// A marked-content level.
pub(super) struct Mark {
    pub(super) hidden: bool,
    /// Replacement text, not yet placed.
    pub(super) actual: Option<String>,
    /// True inside a span whose text is replaced.
    pub(super) replaced: bool,
}

/// Reads one page.
pub(crate) struct Interpreter<'f> {
    pub(super) file: &'f PdfFile,
    pub(super) out: PageGeometry,
    pub(super) fonts: BTreeMap<usize, u16>,
    pub(super) state: State,
    pub(super) saved: Vec<State>,
    pub(super) text_matrix: Matrix,
    pub(super) line_matrix: Matrix,
    pub(super) path: Path,
    pub(super) marks: Vec<Mark>,
    pub(super) operators: usize,
    pub(super) stopped: bool,
    pub(super) page: (f32, f32),
}

impl<'f> Interpreter<'f> {
    /// Interprets a page's content, then what its annotations (form fields, stamps) show.
    pub(crate) fn read(file: &'f PdfFile, page_id: ObjectId) -> PageGeometry {
        let empty = Dictionary::new();
        let page = file.doc.objects.get(&page_id).and_then(|o| file.as_dict(o)).unwrap_or(&empty);
        let (base, width, height) = page_matrix(file, page);
        let out = PageGeometry { width, height, ..PageGeometry::default() };
        let mut this = Self {
            file,
            out,
            fonts: BTreeMap::new(),
            state: State::new(base),
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
        this.state = State::new(base);
        this.annotations(page);
        this.out.drop_overprinted();
        this.out
    }

    pub(super) fn damage(&mut self, message: String) {
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

    pub(super) fn run(&mut self, content: &[u8], resources: &'f Dictionary, forms: &mut Vec<usize>) {
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
}

fn inline_length(tokens: &[Token<'_>]) -> Option<usize> {
    let at = tokens.iter().position(|t| matches!(t, Token::Name(b"L" | b"Length")))?;
    match tokens.get(at + 1)? {
        Token::Number(n) if *n >= 0.0 => Some(*n as usize),
        _ => None,
    }
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
