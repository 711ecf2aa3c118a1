//! Following the operators of a page that show text.

use std::ops::Range;
use std::rc::Rc;

use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Array, Dict, Name, Number, Object, Stream};
use hayro_syntax::page::{Page, Resources};

use super::OPERATIONS;
use super::font::{Font, Fonts};

/// What a page shows: pieces of text at their places, in the order in which they are drawn.
#[derive(Default)]
pub(super) struct Shown {
    pub text: String,
    pub pieces: Vec<Piece>,
    pub images: usize,
    /// Codes of which the font does not tell what they show.
    pub unknown: usize,
    /// How many operations were followed for this page and those before.
    pub operations: usize,
}

/// Text on one line without a wide gap.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// Within [`Shown::text`].
    pub text: Range<usize>,
    pub left: f64,
    pub right: f64,
    pub baseline: f64,
    pub size: f64,
    /// Whether it does not run from left to right.
    pub turned: bool,
}

impl Shown {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.pieces.clear();
        self.images = 0;
        self.unknown = 0;
    }
}

/// The most pieces of a page: a page of text has some hundred.
const PIECES: usize = 200_000;

/// Forms within forms.
const DEPTH: usize = 8;

/// Gaps in units of the font's size: what is nearer is the same word, what is farther a new piece.
const WORD: f64 = 0.15;
const PIECE: f64 = 1.0;

/// A transformation of the plane.
#[derive(Debug, Clone, Copy)]
struct Matrix([f64; 6]);

impl Matrix {
    const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    fn of(numbers: [&Number; 6]) -> Self {
        Self(numbers.map(Number::as_f64))
    }

    /// First this, then the other.
    fn then(self, other: Self) -> Self {
        let ([a, b, c, d, e, f], [p, q, r, s, t, u]) = (self.0, other.0);
        Self([
            a * p + b * r,
            a * q + b * s,
            c * p + d * r,
            c * q + d * s,
            e * p + f * r + t,
            e * q + f * s + u,
        ])
    }

    fn apply(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    fn moved(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }
}

/// The graphics state, as far as text goes.
#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    char_spacing: f64,
    word_spacing: f64,
    scale: f64,
    leading: f64,
    rise: f64,
}

/// Gathers what a page shows.
pub(super) fn show(page: &Page<'_>, fonts: &mut Fonts, shown: &mut Shown) {
    let Some(content) = page.page_stream() else {
        return;
    };
    let state = State {
        matrix: Matrix(page.initial_transform(false).as_coeffs()),
        font: None,
        size: 0.0,
        char_spacing: 0.0,
        word_spacing: 0.0,
        scale: 1.0,
        leading: 0.0,
        rise: 0.0,
    };
    let mut reader = Reader { fonts, shown };
    reader.content(content, page.resources(), state, 0);
}

struct Reader<'r> {
    fonts: &'r mut Fonts,
    shown: &'r mut Shown,
}

impl Reader<'_> {
    /// Follows a content stream.
    fn content(&mut self, content: &[u8], resources: &Resources<'_>, state: State, depth: usize) {
        let mut state = state;
        let mut saved: Vec<State> = Vec::new();
        let (mut line, mut text) = (Matrix::IDENTITY, Matrix::IDENTITY);
        let mut named: Vec<(Vec<u8>, Rc<Font>)> = Vec::new();
        let mut operations = TypedIter::new(content);
        while let Some(operation) = operations.next() {
            self.shown.operations += 1;
            if self.shown.pieces.len() > PIECES || self.shown.operations > OPERATIONS {
                return;
            }
            match operation {
                Op::SaveState(_) if saved.len() < 256 => saved.push(state.clone()),
                Op::RestoreState(_) => state = saved.pop().unwrap_or(state),
                Op::Transform(m) => {
                    let matrix = Matrix::of([&m.0, &m.1, &m.2, &m.3, &m.4, &m.5]);
                    state.matrix = matrix.then(state.matrix);
                }
                Op::BeginText(_) => (line, text) = (Matrix::IDENTITY, Matrix::IDENTITY),
                Op::TextFont(font) => {
                    state.size = font.1.as_f64();
                    let known = named.iter().find(|(name, _)| name[..] == font.0[..]);
                    state.font = match known {
                        Some((_, font)) => Some(Rc::clone(font)),
                        None => resources.get_font(font.0).map(|dict| {
                            let found = self.fonts.get(&dict);
                            named.push((font.0.to_vec(), Rc::clone(&found)));
                            found
                        }),
                    };
                }
                Op::CharacterSpacing(n) => state.char_spacing = n.0.as_f64(),
                Op::WordSpacing(n) => state.word_spacing = n.0.as_f64(),
                Op::HorizontalScaling(n) => state.scale = n.0.as_f64() / 100.0,
                Op::TextLeading(n) => state.leading = n.0.as_f64(),
                Op::TextRise(n) => state.rise = n.0.as_f64(),
                Op::NextLine(by) => {
                    line = Matrix::moved(by.0.as_f64(), by.1.as_f64()).then(line);
                    text = line;
                }
                Op::NextLineAndSetLeading(by) => {
                    state.leading = -by.1.as_f64();
                    line = Matrix::moved(by.0.as_f64(), by.1.as_f64()).then(line);
                    text = line;
                }
                Op::SetTextMatrix(m) => {
                    line = Matrix::of([&m.0, &m.1, &m.2, &m.3, &m.4, &m.5]);
                    text = line;
                }
                Op::NextLineUsingLeading(_) => {
                    line = Matrix::moved(0.0, -state.leading).then(line);
                    text = line;
                }
                Op::ShowText(string) => self.string(string.0, &state, &mut text),
                Op::NextLineAndShowText(string) => {
                    line = Matrix::moved(0.0, -state.leading).then(line);
                    text = line;
                    self.string(string.0, &state, &mut text);
                }
                Op::ShowTextWithParameters(show) => {
                    state.word_spacing = show.0.as_f64();
                    state.char_spacing = show.1.as_f64();
                    line = Matrix::moved(0.0, -state.leading).then(line);
                    text = line;
                    self.string(show.2, &state, &mut text);
                }
                Op::ShowTexts(strings) => self.strings(strings.0, &state, &mut text),
                Op::InlineImage(_) => self.shown.images += 1,
                Op::XObject(name) => {
                    if let Some(object) = resources.get_x_object(name.0) {
                        self.object(&object, resources, &state, depth);
                    }
                }
                _ => {}
            }
        }
    }

    /// Follows a form, counts an image.
    fn object(&mut self, object: &Stream<'_>, outer: &Resources<'_>, state: &State, depth: usize) {
        let dict = object.dict();
        match dict.get::<Name<'_>>("Subtype").as_deref() {
            Some(b"Image") => self.shown.images += 1,
            Some(b"Form") if depth < DEPTH => {
                let Ok(content) = object.decoded_data() else {
                    return;
                };
                let mut state = state.clone();
                if let Some(matrix) = dict.get::<[f64; 6]>("Matrix") {
                    state.matrix = Matrix(matrix).then(state.matrix);
                }
                match dict.get::<Dict<'_>>("Resources") {
                    Some(own) => self.content(&content, &Resources::new(own), state, depth + 1),
                    None => self.content(&content, outer, state, depth + 1),
                }
            }
            _ => {}
        }
    }

    /// Shows strings with movements between them.
    fn strings(&mut self, strings: &Array<'_>, state: &State, text: &mut Matrix) {
        for item in strings.iter::<Object<'_>>() {
            match item {
                Object::String(string) => self.string(&string, state, text),
                Object::Number(by) => {
                    let by = -by.as_f64() / 1000.0 * state.size * state.scale;
                    *text = Matrix::moved(by, 0.0).then(*text);
                }
                _ => {}
            }
        }
    }

    /// Shows a string and moves behind it.
    fn string(&mut self, string: &[u8], state: &State, text: &mut Matrix) {
        let Some(font) = &state.font else {
            return;
        };
        let matrix = text.then(state.matrix);
        let [a, b, c, d, ..] = matrix.0;
        let (mut x, mut y) = matrix.apply(0.0, state.rise);
        let size = (state.size * c.hypot(d)).abs();
        let turned = a <= 0.0 || b.abs() > 0.3 * a;
        let mut moved = 0.0;
        font.each(string, |code, glyph| {
            let mut width = f64::from(glyph.width) * state.size;
            let mut step = width + state.char_spacing;
            if font.is_blank(code) {
                step += state.word_spacing;
            }
            (width, step) = (width * state.scale, step * state.scale);
            // Along a turned line the way itself counts.
            let (begin, end) = match turned {
                true => (moved, moved + width),
                false => (x, x + width * a),
            };
            let chars = glyph.chars();
            self.shown.unknown += usize::from(chars.is_empty());
            let chars = if chars.is_empty() { "\u{FFFD}" } else { chars };
            self.shown.put(chars, begin..end, y, size, turned);
            x += step * a;
            y += step * b;
            moved += step;
        });
        *text = Matrix::moved(moved, 0.0).then(*text);
    }
}

impl Shown {
    /// Puts down what a code shows.
    fn put(&mut self, chars: &str, x: Range<f64>, baseline: f64, size: f64, turned: bool) {
        let blank = chars == " ";
        if let Some(last) = self.pieces.last_mut() {
            let gap = x.start - last.right;
            let same_line = (baseline - last.baseline).abs() < 0.1 * size || turned && last.turned;
            let near = gap > -0.3 * size && gap < PIECE * size;
            if same_line && near && turned == last.turned {
                let spaced = blank || self.text.ends_with(' ');
                if gap > WORD * size && !spaced {
                    self.text.push(' ');
                }
                self.text.push_str(chars);
                last.text.end = self.text.len();
                last.right = x.end;
                last.size = last.size.max(size);
                return;
            }
        }
        if blank {
            return;
        }
        let begin = self.text.len();
        self.text.push_str(chars);
        self.pieces.push(Piece {
            text: begin..self.text.len(),
            left: x.start,
            right: x.end,
            baseline,
            size,
            turned,
        });
    }
}
