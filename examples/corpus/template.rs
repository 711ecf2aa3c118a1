//! Sentence templates: text with choices `[a|b]`, slots `{name}`, and a mark `<…>` around the words that a label quotes.

use crate::rng::Rng;

/// A parsed template.
pub struct Template(Vec<Piece>);

enum Piece {
    Text(String),
    /// A slot by its name; with `true` its first letter becomes a capital.
    Slot(String, bool),
    Number(u32, u32),
    Choice(Vec<Template>),
    Mark,
    EndMark,
}

/// What fills the slots.
pub trait Fill {
    /// Appends what the slot `name` stands for.
    fn fill(&mut self, name: &str, rng: &mut Rng, out: &mut String);
}

impl Template {
    /// Parses a template; an error in it is an error in the program's own data.
    pub fn parse(text: &str) -> Self {
        let mut chars = text.chars().peekable();
        let template = Self::sequence(&mut chars, text);
        assert!(chars.next().is_none(), "unbalanced brackets: {text}");
        template
    }

    fn sequence(chars: &mut std::iter::Peekable<std::str::Chars>, whole: &str) -> Self {
        let mut pieces = Vec::new();
        let mut text = String::new();
        while let Some(&c) = chars.peek() {
            if c == '|' || c == ']' {
                break;
            }
            chars.next();
            if !"[{<>".contains(c) {
                text.push(c);
                continue;
            }
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(match c {
                '<' => Piece::Mark,
                '>' => Piece::EndMark,
                '{' => Self::slot(&chars.by_ref().take_while(|c| *c != '}').collect::<String>()),
                _ => {
                    let mut choices = Vec::new();
                    loop {
                        choices.push(Self::sequence(chars, whole));
                        match chars.next() {
                            Some('|') => {}
                            Some(']') => break,
                            _ => panic!("unbalanced brackets: {whole}"),
                        }
                    }
                    Piece::Choice(choices)
                }
            });
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Template(pieces)
    }

    fn slot(name: &str) -> Piece {
        if let Some((low, high)) = name.strip_prefix("n:").and_then(|n| n.split_once('-')) {
            let number = |n: &str| n.parse().expect("a number in a slot");
            return Piece::Number(number(low), number(high));
        }
        let capital = name.starts_with(char::is_uppercase);
        Piece::Slot(name.to_lowercase(), capital)
    }

    /// Whether one of the slots has this (lower-case) name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|piece| match piece {
            Piece::Slot(slot, _) => slot == name,
            Piece::Choice(choices) => choices.iter().any(|c| c.has(name)),
            _ => false,
        })
    }

    /// Appends the text, filled, and gives the place of its marked words in `out`, which is all of it without a mark.
    pub fn write(
        &self,
        fill: &mut impl Fill,
        rng: &mut Rng,
        out: &mut String,
    ) -> std::ops::Range<usize> {
        let mut mark = out.len()..usize::MAX;
        self.expand(fill, rng, out, &mut mark);
        mark.end = mark.end.min(out.len());
        mark
    }

    fn expand(
        &self,
        fill: &mut impl Fill,
        rng: &mut Rng,
        out: &mut String,
        mark: &mut std::ops::Range<usize>,
    ) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Number(low, high) => push_number(out, rng.range(*low, *high)),
                Piece::Choice(choices) => rng.pick(choices).expand(fill, rng, out, mark),
                Piece::Mark => mark.start = out.len(),
                Piece::EndMark => mark.end = out.len(),
                Piece::Slot(name, capital) => {
                    let start = out.len();
                    fill.fill(name, rng, out);
                    if *capital {
                        capitalize(out, start);
                    }
                }
            }
        }
    }
}

/// Makes the ASCII letter at `start` a capital.
pub fn capitalize(text: &mut String, start: usize) {
    if let Some(first) = text.as_bytes().get(start).map(u8::to_ascii_uppercase)
        && first.is_ascii()
    {
        text.replace_range(start..=start, (first as char).encode_utf8(&mut [0; 4]));
    }
}

/// Appends a number.
pub fn push_number(out: &mut String, number: u32) {
    use std::fmt::Write;
    let _ = write!(out, "{number}");
}
