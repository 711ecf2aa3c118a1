//! The text of an HTML page, with its blocks as lines.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use memchr::memchr;

/// The text that a reader of the page sees: blocks begin on lines of their own, paragraphs have an empty line
/// between them, cells of a row two blanks, and items of a numbered list their numbers.
pub(super) fn text(html: &str) -> String {
    let tokenizer = Tokenizer::new(Page::default(), TokenizerOpts::default());
    let feed = |part: &str| {
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from_slice(part));
        // It would stop at scripts only to have them run.
        while !queue.is_empty() {
            let _ = tokenizer.feed(&queue);
        }
    };
    let mut at = 0;
    // Where that began which is not ended yet.
    let mut open = None;
    while at < html.len() {
        let end = part_end(html, at);
        let before = tokenizer.sink.tokens.get();
        feed(&html[at..end]);
        open = match tokenizer.sink.tokens.get() == before {
            true => open.or(Some(at)),
            false => None,
        };
        at = end;
        if open.is_some_and(|begin| at - begin > TAG && is_tag(&html[begin..])) {
            feed(CLOSE);
            at = memchr(b'>', &html.as_bytes()[at..]).map_or(html.len(), |n| at + n + 1);
            open = None;
        }
    }
    tokenizer.end();
    let mut text = tokenizer.sink.writer.into_inner().text;
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// A tag with more bytes is closed, and the rest of it passed over: the tokenizer compares each attribute with
/// all those before it, so that a tag of megabytes would take hours.
const TAG: usize = 16 * 1024;

/// Ends a tag, whether within quotes or not.
const CLOSE: &str = "\"'>";

/// The end of the part that begins at `at`: at the next `<`, and not too far.
fn part_end(html: &str, at: usize) -> usize {
    let bytes = html.as_bytes();
    let most = bytes.len().min(at + TAG);
    let end = memchr(b'<', &bytes[at + 1..most]).map_or(most, |n| at + 1 + n);
    (end..bytes.len())
        .find(|end| html.is_char_boundary(*end))
        .unwrap_or(bytes.len())
}

fn is_tag(html: &str) -> bool {
    let bytes = html.as_bytes();
    bytes.first() == Some(&b'<')
        && bytes
            .get(1)
            .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'/')
}

#[derive(Default)]
struct Page {
    writer: RefCell<Writer>,
    /// How many tokens there were.
    tokens: Cell<usize>,
}

#[derive(Default)]
struct Writer {
    text: String,
    /// Line ends due before the next word.
    breaks: usize,
    /// Blanks due before the next word of the line.
    blanks: usize,
    /// Within how many `pre`.
    verbatim: usize,
    /// The element that is passed over, and within how many of that name.
    passed_over: Option<(String, usize)>,
    /// The numbers of the lists that are open; none for those without.
    lists: Vec<Option<usize>>,
}

impl TokenSink for Page {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if !matches!(token, Token::ParseError(_)) {
            self.tokens.set(self.tokens.get() + 1);
        }
        let mut writer = self.writer.borrow_mut();
        match token {
            Token::CharacterTokens(text) => writer.characters(&text),
            Token::TagToken(tag) => return writer.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Writer {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        let start = tag.kind == TagKind::StartTag;
        if let Some((passed_over, depth)) = &mut self.passed_over {
            if name == passed_over && !tag.self_closing {
                *depth = if start { *depth + 1 } else { *depth - 1 };
            }
            if *depth == 0 {
                self.passed_over = None;
            }
            return TokenSinkResult::Continue;
        }
        match name {
            "script" | "style" | "title" | "iframe" | "textarea" | "noscript" | "template"
            | "svg" | "select" | "nav"
                if start && !tag.self_closing =>
            {
                self.passed_over = Some((name.to_owned(), 1));
                match name {
                    "script" => return TokenSinkResult::RawData(ScriptData),
                    "style" | "iframe" => return TokenSinkResult::RawData(Rawtext),
                    "title" | "textarea" => return TokenSinkResult::RawData(Rcdata),
                    _ => {}
                }
            }
            "br" => self.breaks += 1,
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "table" | "hr" => {
                self.break_lines(2);
            }
            "pre" => {
                self.break_lines(2);
                self.verbatim = match start {
                    true => self.verbatim + 1,
                    false => self.verbatim.saturating_sub(1),
                };
            }
            "ul" | "ol" => {
                self.break_lines(if self.lists.is_empty() { 2 } else { 1 });
                if start {
                    self.lists.push((name == "ol").then(|| first_number(tag)));
                } else {
                    self.lists.pop();
                    self.break_lines(if self.lists.is_empty() { 2 } else { 1 });
                }
            }
            "li" => {
                self.break_lines(1);
                if start && let Some(list) = self.lists.last_mut() {
                    let mark = match list {
                        Some(number) => {
                            *number += 1;
                            format!("{}. ", *number - 1)
                        }
                        None => "- ".to_owned(),
                    };
                    self.characters(&mark);
                }
            }
            "td" | "th" if start => self.blanks = 2,
            "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "address"
            | "tr" | "dl" | "dt" | "dd" | "form" | "fieldset" | "figure" | "caption" | "body"
            | "center" => self.break_lines(1),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn break_lines(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
    }

    fn characters(&mut self, text: &str) {
        if self.passed_over.is_some() {
            return;
        }
        for c in text.chars() {
            let blank = c.is_ascii_whitespace() || c == '\u{a0}';
            match c {
                '\n' if self.verbatim > 0 => self.breaks += 1,
                _ if blank && self.verbatim > 0 => self.blanks += 1,
                _ if blank => self.blanks = self.blanks.max(1),
                _ => self.visible(c),
            }
        }
    }

    /// Writes a character, after the white space that is due.
    fn visible(&mut self, c: char) {
        let (breaks, blanks) = (self.breaks, self.blanks);
        (self.breaks, self.blanks) = (0, 0);
        if breaks > 0 && !self.text.is_empty() {
            self.text.extend(std::iter::repeat_n('\n', breaks));
        }
        let begins = self.text.is_empty() || self.text.ends_with('\n');
        if !begins || self.verbatim > 0 {
            self.text.extend(std::iter::repeat_n(' ', blanks));
        }
        self.text.push(c);
    }
}

/// The number of a list's first item.
fn first_number(tag: &Tag) -> usize {
    let start = tag.attrs.iter().find(|a| &*a.name.local == "start");
    start.and_then(|a| a.value.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn blocks_are_lines_and_the_rest_flows() {
        let html = "<!DOCTYPE html><html><head><title>Letter</title><style>p { x: \"<p>\" }</style></head>\
            <body><h1>CLINICAL <b>CASE</b>\n SUMMARY</h1><p>The patient&nbsp;is a 46-year-old\n male &amp; \
            took 1 &lt; 2.</p><p>Second<br>line</p><script>if (a < b) { '<p>no</p>' }</script></body></html>";
        assert_eq!(
            text(html),
            "CLINICAL CASE SUMMARY\n\nThe patient is a 46-year-old male & took 1 < 2.\n\nSecond\nline\n"
        );
    }

    #[test]
    fn rows_and_lists_keep_their_form() {
        let html = "<table><tr><td>Case Number:<td>CM15-0012345</tr><tr><th>Priority:</th><td> STANDARD</td></tr>\
            </table><ol><li>Norco<ul><li>a</ul><li>MRI</ol><ol start=4><li>x</ol>";
        assert_eq!(
            text(html),
            "Case Number:  CM15-0012345\nPriority:  STANDARD\n\n1. Norco\n- a\n2. MRI\n\n4. x\n"
        );
    }

    #[test]
    fn preformatted_text_stays() {
        assert_eq!(text("<pre>a\n  b\n\nc</pre>d"), "a\n  b\n\nc\n\nd\n");
    }

    #[test]
    fn a_tag_without_end_is_closed() {
        let long = "x".repeat(3 * super::TAG);
        assert_eq!(text(&format!("<img src=\"{long}\">a")), "a\n");
        assert_eq!(text(&format!("<img src='{long}'>a")), "a\n");
        assert_eq!(text(&format!("<!-- {long} <p>b</p> -->a")), "a\n");
        assert_eq!(text(&format!("<b {long} é {long}>a")), "a\n");
        assert_eq!(text(&format!("{long}<br>é")), format!("{long}\né\n"));
        let script = format!("<script>if (a<b) {{ '{long}' }}</script>a");
        assert_eq!(text(&script), "a\n");
    }

    #[test]
    fn broken_pages_are_read_as_far_as_they_go() {
        assert_eq!(
            text("<p>a<div>b</p></ul></li>c &bogus; <"),
            "a\nb\n\nc &bogus; <\n"
        );
        assert_eq!(text("<script>never closed <p>x"), "");
        assert_eq!(text(""), "");
    }
}
