//! The words of a summary.

use crate::vocabulary::runs::Run;

/// A word: letters, digits and the signs inside them.
#[derive(Clone, Copy)]
pub struct Word {
    /// Bytes of the summary.
    pub start: usize,
    pub end: usize,
    /// The hash of its letters and digits up to the first sign.
    pub first: u64,
    /// It has no sign.
    plain: bool,
}

impl Word {
    /// Its text.
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start..self.end]
    }

    /// The hash of a word without signs.
    pub fn alone(&self) -> Option<u64> {
        self.plain.then_some(self.first)
    }
}

/// The words of `text`, which begins at byte `from` of the prose.
pub fn words<'a>(text: &'a str, from: usize, runs: &'a [Run]) -> impl Iterator<Item = Word> + 'a {
    let signs = |at: usize| {
        let tail = text.as_bytes()[at..].iter();
        tail.take_while(|b| matches!(b, b'-' | b'/')).count()
    };
    let mut rest = runs.iter().peekable();
    std::iter::from_fn(move || {
        let run = rest.next()?;
        let start = run.start as usize - from;
        let mut end = run.end as usize - from;
        let joining = signs(end);
        end += joining;
        while let Some(next) = rest.next_if(|next| next.start as usize - from == end) {
            end = next.end as usize - from;
            end += signs(end);
        }
        Some(Word {
            start,
            end,
            first: run.hash,
            plain: joining == 0,
        })
    })
}
