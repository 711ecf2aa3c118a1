//! The disputed requests: where each is headed, what was decided, and the paragraphs under it.

use super::labels::{self, Label};
use super::layout::{Form, Part, Sections};
use super::model::Outcome;
use super::outcome;
use super::phrases::Phrases;
use super::prose::Prose;
use super::words::{find_words, list_number, match_words, strip_markup};
use std::ops::Range;
use std::sync::LazyLock;

/// One request as the letter sets it out; all ranges are bytes of the prose.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The request itself, without list number, outcome and mark-up.
    pub request: Range<usize>,
    pub outcome: Option<(Outcome, Range<usize>)>,
    pub claims_administrator: Option<Range<usize>>,
    pub reviewer: Option<Range<usize>>,
    pub rationale: Option<Range<usize>>,
}

/// A heading whose paragraphs are still to come.
struct Heading {
    request: Range<usize>,
    outcome: Option<(Outcome, Range<usize>)>,
}

/// Headings that follow each other directly, and the one set of paragraphs that belongs to each of them.
#[derive(Default)]
struct Group {
    headings: Vec<Heading>,
    claims_administrator: Option<Range<usize>>,
    reviewer: Option<Range<usize>>,
    rationale: Option<Range<usize>>,
}

/// Finds the decisions of a letter.
pub fn read(prose: &Prose, sections: &Sections) -> Vec<Block> {
    let text = prose.text.as_str();
    let mut blocks = match sections.layout.form {
        Form::OneIssue => one_issue(text, sections),
        Form::Regarding => regarding(prose, sections),
        Form::Labelled => sections
            .bodies(Part::Decisions)
            .flat_map(|body| labelled(prose, body))
            .collect(),
    };
    for block in &mut blocks {
        if block.outcome.is_none()
            && let Some(rationale) = &block.rationale
        {
            block.outcome = outcome::closing(prose, rationale);
        }
    }
    blocks
}

fn one_issue(text: &str, sections: &Sections) -> Vec<Block> {
    let rationale = sections.first(Part::Rationale);
    let heading_outcome = rationale.and_then(|s| outcome::necessity(text, &s.heading));
    let requests = sections
        .first(Part::Issue)
        .map(|s| requests_of(text, &s.body))
        .unwrap_or_default();
    requests
        .into_iter()
        .map(|request| Block {
            request,
            outcome: heading_outcome.clone(),
            claims_administrator: None,
            reviewer: sections
                .first(Part::Guidelines)
                .and_then(|s| trimmed(text, &s.body)),
            rationale: rationale.and_then(|s| trimmed(text, &s.body)),
        })
        .collect()
}

/// The requests of an issue: its numbered lines, or the whole of it.
fn requests_of(text: &str, body: &Range<usize>) -> Vec<Range<usize>> {
    let lines: Vec<_> = lines(text, body).collect();
    if lines.len() > 1 && lines.iter().all(|l| list_number(&text[l.clone()]) > 0) {
        return lines.into_iter().filter_map(|l| request(text, l)).collect();
    }
    request(text, body.clone()).into_iter().collect()
}

fn regarding(prose: &Prose, sections: &Sections) -> Vec<Block> {
    let text = prose.text.as_str();
    let listed: Vec<Heading> = sections
        .bodies(Part::Cover)
        .flat_map(|body| determinations(text, body))
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut open = None;
    for body in sections.bodies(Part::Decisions) {
        for event in events(prose, body) {
            if let Event::Line(line) = &event
                && let Some(request) = regarded(text, line)
            {
                // Where the cover says something else, the list before the paragraphs counts.
                let mut listed = listed.iter().rev();
                let outcome = listed
                    .find(|l| same_words(&text[l.request.clone()], &text[request.clone()]))
                    .and_then(|l| l.outcome.clone());
                begin(&mut groups, Heading { request, outcome });
                open = None;
                continue;
            }
            if let Some(group) = groups.last_mut() {
                fill(text, group, event, &mut open);
            }
        }
    }
    if groups.is_empty() {
        // The letter breaks off before its decisions: what it announced is all it says. The list
        // stands twice, on the cover and before the credentials.
        for heading in listed {
            let known = groups
                .iter()
                .flat_map(|g| &g.headings)
                .any(|h| same_words(&text[h.request.clone()], &text[heading.request.clone()]));
            if !known {
                groups.push(Group {
                    headings: vec![heading],
                    ..Group::default()
                });
            }
        }
    }
    blocks(prose, groups)
}

/// "1) MAXIMUS Federal Services, Inc. has determined the request for X is not medically necessary …"
fn determinations(text: &str, body: Range<usize>) -> Vec<Heading> {
    lines(text, &body)
        .filter_map(|line| {
            let (_, end) = find_words(
                &text[..line.end],
                line.start,
                "has determined the request for",
            )
            .or_else(|| {
                find_words(
                    &text[..line.end],
                    line.start,
                    "has determined that the request for",
                )
            })
            .or_else(|| find_words(&text[..line.end], line.start, "has determined the"))?;
            let (outcome, verdict, cut) = outcome::statement(text, &(end..line.end))?;
            Some(Heading {
                request: request(text, end..cut)?,
                outcome: Some((outcome, verdict)),
            })
        })
        .collect()
}

/// The request of a line "1) Regarding the request for X:".
fn regarded(text: &str, line: &Range<usize>) -> Option<Range<usize>> {
    let start = line.start + strip_markup(&text[line.clone()]).start;
    let start = start + list_number(&text[start..line.end]);
    let end = match_words(&text[..line.end], start, "regarding the request for")
        .or_else(|| {
            match_words(&text[..line.end], start, "regarding the")
                .filter(|_| find_words(&text[..line.end], start, "request for").is_some())
        })
        .or_else(|| match_words(&text[..line.end], start, "regarding request for"))?;
    request(text, end..line.end)
}

fn same_words(a: &str, b: &str) -> bool {
    let words = |s: &str| {
        s.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    words(a) == words(b)
}

#[derive(Debug, Clone)]
enum Event {
    /// A label, the bytes of its paragraph's first line, and whether it is part of that line's sentence.
    Label(Label, Range<usize>, bool),
    Line(Range<usize>),
}

/// The lines of `body`, and the labelled paragraphs among them.
fn events(prose: &Prose, body: Range<usize>) -> Vec<Event> {
    let text = prose.text.as_str();
    let mut out = Vec::new();
    for line in lines(text, &body) {
        let mut start = line.start;
        let mut label = labels::label_of(prose, &line);
        loop {
            let inside = labels::label_inside(prose, &line, label.map_or(start, |l| l.body));
            let end = inside.map_or(line.end, |l| l.start);
            match label {
                Some(l) => out.push(Event::Label(l.label, l.body..end, l.in_sentence)),
                None => out.extend(trimmed(text, &(start..end)).map(Event::Line)),
            }
            let Some(next) = inside else { break };
            start = next.start;
            label = Some(next);
        }
    }
    out
}

fn labelled(prose: &Prose, body: Range<usize>) -> Vec<Block> {
    let text = prose.text.as_str();
    let events = events(prose, body);
    let colon_style = events
        .iter()
        .any(|e| matches!(e, Event::Line(l) if outcome::suffix(text, l).is_some()));
    let mut groups: Vec<Group> = Vec::new();
    let mut open = None;
    let mut skip = false;
    for (i, event) in events.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        if let Event::Line(line) = event {
            let next = events.get(i + 1);
            if let Some((heading, takes_next)) = heading(text, line, next, open, colon_style) {
                begin(&mut groups, heading);
                open = None;
                skip = takes_next;
                continue;
            }
            if is_introduction(&text[line.clone()]) {
                continue;
            }
        }
        if let Some(group) = groups.last_mut() {
            fill(text, group, event.clone(), &mut open);
        }
    }
    blocks(prose, groups)
}

fn is_introduction(line: &str) -> bool {
    match_words(line, 0, "the final determination was based on").is_some()
}

/// The heading that `line` is, and whether the line after it is its outcome.
fn heading(
    text: &str,
    line: &Range<usize>,
    next: Option<&Event>,
    open: Option<Label>,
    colon_style: bool,
) -> Option<(Heading, bool)> {
    let next_label = match next {
        Some(Event::Label(label, ..)) => Some(*label),
        _ => None,
    };
    if is_introduction(&text[line.clone()]) {
        return None;
    }
    if let Some((outcome, verdict, cut)) = outcome::suffix(text, line)
        && (next_label.is_some() || outcome::is_set_apart(text, cut, &verdict))
    {
        let request = request(text, after_sentences(text, line.start..cut))?;
        return Some((
            Heading {
                request,
                outcome: Some((outcome, verdict)),
            },
            false,
        ));
    }
    if let Some(Event::Line(after)) = next
        && let Some((outcome, verdict)) = outcome::alone(text, after)
    {
        return Some((
            Heading {
                request: request(text, line.clone())?,
                outcome: Some((outcome, verdict)),
            },
            true,
        ));
    }
    let opens_block = matches!(
        next_label,
        Some(Label::ClaimsAdministrator | Label::Reviewer | Label::Guidelines)
    ) && matches!(open, None | Some(Label::Rationale));
    let numbered = list_number(&text[line.clone()]) > 0;
    if (opens_block || (numbered && !colon_style))
        && let Some((outcome, verdict, cut)) = outcome::statement(text, line)
        && text[verdict.end..line.end]
            .trim_matches(|c: char| !c.is_alphanumeric())
            .is_empty()
    {
        let request = request(text, after_sentences(text, line.start..cut))?;
        return Some((
            Heading {
                request,
                outcome: Some((outcome, verdict)),
            },
            false,
        ));
    }
    let short = || text[line.clone()].split(' ').count() <= 40;
    let plain = matches!(next, Some(Event::Label(_, _, true)));
    (opens_block && (!plain || numbered) && short())
        .then(|| request(text, line.clone()))
        .flatten()
        .map(|request| {
            (
                Heading {
                    request,
                    outcome: None,
                },
                false,
            )
        })
}

/// A heading that a text dump ran onto the rationale before it begins after that rationale's last sentence.
fn after_sentences(text: &str, range: Range<usize>) -> Range<usize> {
    let line = &text[range.clone()];
    let closing = [
        "medically necessary. ",
        "medically necessary and appropriate. ",
    ];
    let cut = memchr::memchr_iter(b'.', line.as_bytes())
        .filter_map(|stop| line.get(..stop + 2))
        .rfind(|before| closing.iter().any(|c| before.ends_with(c)));
    range.start + cut.map_or(0, str::len)..range.end
}

fn begin(groups: &mut Vec<Group>, heading: Heading) {
    match groups.last_mut() {
        Some(group)
            if group.claims_administrator.is_none()
                && group.reviewer.is_none()
                && group.rationale.is_none() =>
        {
            group.headings.push(heading);
        }
        _ => groups.push(Group {
            headings: vec![heading],
            ..Group::default()
        }),
    }
}

fn fill(text: &str, group: &mut Group, event: Event, open: &mut Option<Label>) {
    let (label, range) = match event {
        Event::Label(label, range, in_sentence) => {
            // Under a rationale's label a sentence on a party, or a second label, is a word of the rationale.
            let in_rationale =
                group.rationale.is_some() || in_sentence && *open == Some(Label::Rationale);
            let label = if in_rationale {
                Label::Rationale
            } else {
                label
            };
            *open = Some(label);
            (label, range)
        }
        Event::Line(range) => match open {
            Some(label) => (*label, range),
            None => return,
        },
    };
    let Some(range) = trimmed(text, &range) else {
        return;
    };
    let slot = match label {
        Label::ClaimsAdministrator | Label::Guidelines => &mut group.claims_administrator,
        Label::Reviewer => &mut group.reviewer,
        Label::Rationale => &mut group.rationale,
    };
    match slot {
        Some(slot) => slot.end = range.end,
        None => *slot = Some(range),
    }
}

fn blocks(prose: &Prose, groups: Vec<Group>) -> Vec<Block> {
    let mut out = Vec::new();
    for mut group in groups {
        part_guidelines(prose, &mut group);
        for heading in group.headings {
            out.push(Block {
                request: heading.request,
                outcome: heading.outcome,
                claims_administrator: group.claims_administrator.clone(),
                reviewer: group.reviewer.clone(),
                rationale: group.rationale.clone(),
            });
        }
    }
    out
}

/// How a sentence of the reviewer's own begins.
static REVIEWERS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    let all = [
        "the expert reviewer",
        "the physician reviewer",
        "per the strength of evidence",
        "the professional reviewer",
    ];
    Phrases::new(all.map(|phrase| (phrase, ())))
});

/// Where both parties' guidelines stand in one paragraph, the reviewer's begin with a sentence of his own.
fn part_guidelines(prose: &Prose, group: &mut Group) {
    let Some(both) = group.claims_administrator.clone() else {
        return;
    };
    let text = prose.text.as_str();
    let starts: Vec<usize> = REVIEWERS
        .find(prose.runs(&both))
        .into_iter()
        .map(|p| p.start)
        .collect();
    if starts.is_empty() {
        return;
    }
    let cut = prose
        .sentences(&both)
        .map(|s| s.range.start)
        .find(|at| starts.contains(at));
    if let Some(at) = cut {
        if group.reviewer.is_none() {
            group.reviewer = trimmed(text, &(at..both.end));
        }
        group.claims_administrator = trimmed(text, &(both.start..at));
    }
}

/// A request without its list number, mark-up, a leading "The request for" and what closes it.
fn request(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let marks = strip_markup(&text[range.clone()]);
    let mut start = range.start + marks.start;
    let end = range.start + marks.end;
    start += list_number(&text[start..end]);
    for phrase in [
        "the request for",
        "request for authorization for",
        "regarding the request for",
    ] {
        if let Some(after) = match_words(&text[..end], start, phrase) {
            start = after;
        }
    }
    if ["the retrospective", "the prospective", "the concurrent"]
        .iter()
        .any(|phrase| match_words(text, start, phrase).is_some())
    {
        start += 4;
    }
    let body = &text[start..end];
    let lead = body.len()
        - body
            .trim_start_matches(|c: char| {
                c.is_whitespace() || matches!(c, ':' | '*' | '-' | '–' | '—' | ',' | '"' | '“')
            })
            .len();
    let body = body[lead..].trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '*' | '-' | '–' | '—' | ',' | '.' | ';' | '_')
    });
    let start = start + lead;
    (!body.is_empty()).then_some(start..start + body.len())
}

fn lines<'a>(text: &'a str, body: &Range<usize>) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut at = body.start;
    let from = body.start;
    memchr::memchr_iter(b'\n', &text.as_bytes()[body.clone()])
        .map(move |i| from + i)
        .chain([body.end])
        .map(move |end| std::mem::replace(&mut at, end + 1)..end)
        .filter_map(|r| trimmed(text, &r))
}

fn trimmed(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let slice = &text[range.clone()];
    let body = slice.trim();
    let start = range.start + (slice.len() - slice.trim_start().len());
    (!body.is_empty()).then(|| start..start + body.len())
}
