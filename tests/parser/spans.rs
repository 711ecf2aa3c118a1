//! Whatever is read, the places of all values lie in the letter. (The fuzzer looks at the same.)

use imr::letter::{
    self, Case, Citation, Decision, Found, Letter, Mention, MentionSection, Span, Status,
};

/// Reads `text`, and looks at every span of the result.
pub fn read(text: &str) -> Letter {
    let letter = letter::parse(text);
    let mut spans = Spans {
        text: text.chars().collect(),
    };
    spans.letter(&letter);
    letter
}

/// Looks at the places of values: inside the text, in order, not empty, and the words that stand there.
struct Spans {
    text: Vec<char>,
}

impl Spans {
    fn letter(&mut self, letter: &Letter) {
        letter
            .problems
            .iter()
            .filter_map(|p| p.span)
            .for_each(|s| self.at("problem", s));
        match &letter.case {
            Some(case) => self.case(case),
            None => assert_eq!(letter.status, Status::Rejected),
        }
    }

    fn case(&mut self, case: &Case) {
        let dates = [
            &case.date_of_injury,
            &case.date_assigned,
            &case.decision_date,
            &case.ur_denial_date,
            &case.application_received_date,
        ];
        dates
            .into_iter()
            .flatten()
            .for_each(|d| self.at("date", d.span));
        case.case_number
            .iter()
            .for_each(|n| self.words("case number", &n.value, n.span));
        case.priority
            .iter()
            .for_each(|p| self.at("priority", p.span));
        case.patient_age.iter().for_each(|a| self.at("age", a.span));
        case.patient_sex.iter().for_each(|s| self.at("sex", s.span));
        case.diagnoses
            .iter()
            .for_each(|d| self.words("diagnosis", &d.value, d.span));
        case.clinical_summary
            .iter()
            .for_each(|s| self.words("summary", &s.value, s.span));
        if let Some(reviewer) = &case.reviewer {
            reviewer
                .licensure_states
                .iter()
                .for_each(|s| self.at("state", s.span));
            reviewer
                .specialties
                .iter()
                .for_each(|s| self.at("specialty", s.span));
        }
        self.mentions(&case.summary_mentions);
        self.sentences_within(&case.summary_mentions, &case.clinical_summary);
        case.decisions.iter().for_each(|d| self.decision(d));
        for pair in case.decisions.windows(2) {
            let (one, next) = (pair[0].request_text.span, pair[1].request_text.span);
            assert!(one.end <= next.start, "request {one:?} before {next:?}");
        }
        case.decisions.iter().for_each(|d| self.section(d, case));
    }

    /// What a decision rests on stands below its request, and no other request within it. (Some letters name several
    /// requests before what is said of them all.)
    fn section(&self, d: &Decision, case: &Case) {
        let parts = [
            &d.claims_administrator_guideline,
            &d.reviewer_guideline,
            &d.rationale,
        ];
        for part in parts.into_iter().flatten().map(|part| part.span) {
            let request = d.request_text.span;
            assert!(request.end <= part.start, "part {part:?} of {request:?}");
            for other in case.decisions.iter().map(|d| d.request_text.span) {
                let apart = other.end <= part.start || part.end <= other.start;
                assert!(apart, "request {other:?} in {part:?}");
            }
        }
    }

    fn decision(&mut self, d: &Decision) {
        self.words("request", &d.request_text.value, d.request_text.span);
        d.review_type
            .iter()
            .for_each(|r| self.inside("review type", r.span, d));
        d.outcome.iter().for_each(|o| self.at("outcome", o.span));
        self.inside("category", d.request_category.span, d);
        self.inside("subcategory", d.request_subcategory.span, d);
        let texts = [&d.brand_name, &d.generic_name, &d.strength];
        texts
            .into_iter()
            .flatten()
            .for_each(|t| self.inside("drug", t.span, d));
        let numbers = [&d.quantity, &d.refills, &d.visits];
        numbers
            .into_iter()
            .flatten()
            .for_each(|n| self.inside("number", n.span, d));
        d.mme_per_unit
            .iter()
            .for_each(|m| self.inside("equivalents", m.span, d));
        let parts = [
            &d.claims_administrator_guideline,
            &d.reviewer_guideline,
            &d.rationale,
        ];
        parts
            .into_iter()
            .flatten()
            .for_each(|p| self.words("part", &p.value, p.span));
        d.citations.iter().for_each(|c| self.citation(c));
        self.mentions(&d.mentions);
        let request = Some(d.request_text.clone());
        let sections = [
            (MentionSection::Request, &request),
            (
                MentionSection::ClaimsAdministratorGuideline,
                &d.claims_administrator_guideline,
            ),
            (MentionSection::ReviewerGuideline, &d.reviewer_guideline),
            (MentionSection::Rationale, &d.rationale),
        ];
        for (section, part) in sections {
            let here: Vec<_> = d.mentions.iter().filter(|m| m.section == section).collect();
            self.sentences_within(here, part);
        }
    }

    /// Sentences stand in the part of the letter that they were read in, in its order.
    fn sentences_within<'a>(
        &self,
        mentions: impl IntoIterator<Item = &'a Mention>,
        part: &Option<Found<String>>,
    ) {
        let mut before = 0;
        for mention in mentions {
            let span = mention.sentence.span;
            let part = part.as_ref().map(|p| p.span);
            let within = part.is_some_and(|p| p.start <= span.start && span.end <= p.end);
            assert!(within, "sentence {span:?} in {part:?}");
            assert!(before <= span.start, "sentence {span:?} before {before}");
            before = span.start;
        }
    }

    fn citation(&mut self, citation: &Citation) {
        self.at("title", citation.title.span);
        if let Some(pages) = &citation.pages {
            self.at("pages", pages.span);
            assert!(pages.value.0 <= pages.value.1, "pages {:?}", pages.value);
        }
    }

    fn mentions(&mut self, mentions: &[Mention]) {
        for mention in mentions {
            let sentence = mention.sentence.span;
            self.words("sentence", &mention.sentence.value, sentence);
            self.at("cue", mention.cue);
            let within = sentence.start <= mention.cue.start && mention.cue.end <= sentence.end;
            assert!(within, "cue {:?} in sentence {sentence:?}", mention.cue);
        }
    }

    /// A value of a heading stands in that heading.
    fn inside(&mut self, what: &str, span: Span, decision: &Decision) {
        self.at(what, span);
        let heading = decision.request_text.span;
        assert!(
            heading.start <= span.start && span.end <= heading.end,
            "{what} {span:?} in {heading:?}"
        );
    }

    fn at(&mut self, what: &str, span: Span) {
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(
            start < end && end <= self.text.len(),
            "{what} at {start}..{end} of {}",
            self.text.len()
        );
    }

    /// A verbatim value begins and ends with the characters at its place. (Page numbers may stand
    /// inside it.)
    fn words(&mut self, what: &str, value: &str, span: Span) {
        self.at(what, span);
        let cut = &self.text[span.start as usize..span.end as usize];
        let same = |a: Option<char>, b: Option<&char>| {
            a.zip(b)
                .is_some_and(|(a, b)| a.to_lowercase().eq(b.to_lowercase()))
        };
        let begins = same(value.chars().next(), cut.first());
        let ends = same(value.chars().next_back(), cut.last());
        assert!(
            begins && ends,
            "{what} {value:?} at {span:?} is {:?}",
            cut.iter().collect::<String>()
        );
    }
}
