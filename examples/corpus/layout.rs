//! The layouts in which letters were published: what stands where, a block a paragraph.

use chrono::{Datelike, NaiveDate};

use crate::letter::{Facts, Layout};
use crate::rng::Rng;

/// What the header of a letter tells.
#[derive(Default)]
pub struct Header {
    pub case_number: bool,
    pub injury: bool,
    pub assigned: bool,
    pub decision: bool,
    pub denial: bool,
    pub application: bool,
    pub priority: bool,
}

const DOCUMENTS: &str = "The following relevant documents received from the interested parties and the documents provided with \
                         the application were reviewed and considered. These documents included:";
const ACTIVE: &str = "in active clinical practice for more than five years and is currently working at least 24 hours a week in \
                      active practice.";
const SIMILAR: &str = "clinical experience, education, background, and expertise in the same or similar specialties that evaluate \
                       and/or treat the medical condition and";
const HIERARCHY: &str = "familiar with governing laws and regulations, including the strength of evidence hierarchy that applies \
                         to Independent Medical Review determinations.";
const SET_FORTH: &str = "The Final Determination was based on decisions for the disputed items/services set forth below:";
const BINDING: &str = "The determination of MAXIMUS Federal Services and its physician reviewer is deemed to be the Final \
                       Determination of the Administrative Director";

/// The blocks of a letter, and what its header tells.
pub fn blocks(facts: &Facts, rng: &mut Rng) -> (Vec<String>, Header) {
    let mut page = Page(Vec::with_capacity(80));
    let header = match facts.layout {
        Layout::Professional => professional(facts, &mut page),
        Layout::Notice => notice(facts, &mut page, rng),
        Layout::Physician => physician(facts, &mut page, rng),
        Layout::Expert | Layout::Later => expert(facts, &mut page, rng),
    };
    (page.0, header)
}

/// Blocks as they are set down.
struct Page(Vec<String>);

impl Page {
    /// A line that follows directly.
    fn line(&mut self, text: impl Into<String>) {
        self.0.push(text.into());
    }

    /// A paragraph, or several lines of one, with an empty line after it.
    fn block(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.0.extend(text.split('\n').map(str::to_string));
        self.0.push(String::new());
    }
}

fn short(date: NaiveDate) -> String {
    format!("{}/{}/{}", date.month(), date.day(), date.year())
}

fn long(date: NaiveDate) -> String {
    format!("{:02}/{:02}/{}", date.month(), date.day(), date.year())
}

fn necessary(upheld: bool) -> &'static str {
    if upheld {
        "not medically necessary and appropriate."
    } else {
        "medically necessary and appropriate."
    }
}

fn and(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_string(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// "Board Certified in …, has a subspecialty in … and is licensed to practice in …".
fn certified(facts: &Facts) -> String {
    let second = facts
        .specialties
        .get(1)
        .map_or(String::new(), |s| format!(", has a subspecialty in {s}"));
    format!(
        "Board Certified in {}{second} and is licensed to practice in {}",
        facts.specialties[0],
        and(&facts.states)
    )
}

fn professional(facts: &Facts, page: &mut Page) -> Header {
    let decision = &facts.decisions[0];
    page.block("MEDICAL PROFESSIONAL REVIEW");
    page.block("ISSUE AT DISPUTE:");
    page.block(&*facts.requests[0].text);
    page.block("CASE SUMMARY:");
    page.block(&*facts.summary.prose.text);
    page.block("DOCUMENTS REVIEWED FOR DETERMINATION:");
    page.block(DOCUMENTS);
    documents(facts, page);
    page.block("MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY:");
    page.block(decision.reviewer.text.as_deref().unwrap_or_default());
    page.block(if decision.upheld {
        "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS NOT MEDICALLY NECESSARY:"
    } else {
        "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS MEDICALLY NECESSARY:"
    });
    page.block(&*decision.rationale.text);
    page.block("MEDICAL REVIEWER QUALIFICATIONS:");
    page.block(format!(
        "The reviewer is {}. The reviewer has been {ACTIVE} The reviewer has no affiliation with the employer, the \
         employee, the providers or the claims administrator.",
        certified(facts)
    ));
    Header::default()
}

fn documents(facts: &Facts, page: &mut Page) {
    page.line(format!(
        "- Application for Independent Medical Review (received {})",
        short(facts.dates.application)
    ));
    page.line(format!(
        "- Utilization Review Determination (dated {})",
        short(facts.dates.denial)
    ));
    page.line("- Medical Records from Claims Administrator");
    page.block("- Medical Treatment Utilization Schedule (MTUS)");
}

fn notice(facts: &Facts, page: &mut Page, rng: &mut Rng) -> Header {
    let dates = &facts.dates;
    sender(page);
    page.block("Notice of Independent Medical Review Determination");
    page.block(format!("Dated: {}", short(dates.decision)));
    page.line("Employee:");
    page.line("Claim Number:");
    page.line(format!("Date of UR Decision: {}", short(dates.denial)));
    page.line(format!("Date of Injury: {}", short(dates.injury)));
    page.line(format!(
        "IMR Application Received: {}",
        short(dates.application)
    ));
    page.block(format!("MAXIMUS Case Number: {}", facts.case_number));
    determined(facts, page);
    page.block("INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE");
    page.block(format!(
        "An application for Independent Medical Review was filed on {} disputing the Utilization Review Denial dated {}. \
         A Notice of Assignment and Request for Information was provided to the above parties on {}. A decision has been \
         made for each of the treatment and/or services that were in dispute:",
        short(dates.application),
        short(dates.denial),
        short(dates.assigned)
    ));
    determined(facts, page);
    page.block("Medical Qualifications of the Expert Reviewer:");
    page.block(format!(
        "The independent Medical Doctor who made the decision has no affiliation with the employer, employee, providers or \
         the claims administrator. The physician reviewer is {}. He/she has been {ACTIVE} The Expert Reviewer was selected \
         based on his/her {SIMILAR} treatment/services at issue.",
        certified(facts)
    ));
    page.block("Case Summary:");
    if rng.chance(60) {
        page.block(
            "Disclaimer: The following case summary was taken directly from the utilization review denial/modification dated "
                .to_string()
                + &short(dates.denial)
                + ".",
        );
        page.block(format!("\u{201c}{}\u{201d}", facts.summary.prose.text));
    } else {
        page.block(&*facts.summary.prose.text);
    }
    page.block("Documents Reviewed for Determination:");
    page.block(DOCUMENTS);
    documents(facts, page);
    for (i, (request, decision)) in facts.requests.iter().zip(&facts.decisions).enumerate() {
        page.block(format!(
            "{}) Regarding the request for {}:",
            i + 1,
            request.text
        ));
        page.block(
            "Section of the Medical Treatment Utilization Schedule Relied Upon by the Expert Reviewer to Make His/Her Decision",
        );
        let text = |basis: &crate::label::Basis| basis.text.clone().unwrap_or_default();
        page.block(format!(
            "{} {}",
            text(&decision.administrator),
            text(&decision.reviewer)
        ));
        page.block("Rationale for the Decision:");
        page.block(&*decision.rationale.text);
    }
    if rng.chance(60) {
        page.block("Effect of the Decision:");
        page.block(format!(
            "{BINDING}, Division of Workers' Compensation. With respect to the medical necessity of the treatment in dispute, \
             this determination is binding on all parties. In accordance with California Labor Code Section 4610.6(h), a \
             party may appeal this determination to the Workers' Compensation Appeals Board within 30 days of the date of \
             this letter."
        ));
        signature(page);
    }
    Header {
        case_number: true,
        injury: true,
        decision: true,
        denial: true,
        application: true,
        ..Header::default()
    }
}

fn sender(page: &mut Page) {
    page.line("MAXIMUS FEDERAL SERVICES, INC.");
    page.line("Independent Medical Review");
    page.line("P.O. Box 138009");
    page.line("Sacramento, CA 95813-8009");
    page.block("(855) 865-8873 Fax: (916) 605-4270");
}

fn signature(page: &mut Page) {
    page.block("Sincerely,");
    page.block("Medical Director");
    page.block("cc: Department of Industrial Relations, Division of Workers' Compensation");
}

fn determined(facts: &Facts, page: &mut Page) {
    for (i, (request, decision)) in facts.requests.iter().zip(&facts.decisions).enumerate() {
        page.block(format!(
            "{}) MAXIMUS Federal Services, Inc. has determined the request for {} is {}",
            i + 1,
            request.text,
            necessary(decision.upheld)
        ));
    }
}

fn physician(facts: &Facts, page: &mut Page, rng: &mut Rng) -> Header {
    let dates = &facts.dates;
    let manner = rng.below(10);
    let header = match manner {
        0..=2 => {
            cover(facts, page, rng);
            Header {
                decision: true,
                assigned: false,
                ..Header::all()
            }
        }
        3..=8 => {
            page.line(format!(
                "Case Number: {}  Date Assigned: {}",
                facts.case_number,
                long(dates.assigned)
            ));
            page.line(format!(
                "Date of Injury: {}  UR Denial Date: {}",
                long(dates.injury),
                long(dates.denial)
            ));
            page.block(format!(
                "Priority: {}  Application Received: {}",
                priority(facts),
                long(dates.application)
            ));
            Header {
                decision: false,
                ..Header::all()
            }
        }
        _ => Header::default(),
    };
    page.block("HOW THE IMR FINAL DETERMINATION WAS MADE");
    page.block(format!(
        "MAXIMUS Federal Services sent the complete case file to a physician reviewer. He/she has no affiliation with the \
         employer, employee, providers or the claims administrator. The physician reviewer is {}. He/she has been {ACTIVE} The \
         physician reviewer was selected based on his/her {SIMILAR} disputed items/services. He/she is {HIERARCHY}",
        certified(facts)
    ));
    page.block("DOCUMENTS REVIEWED");
    page.block(DOCUMENTS);
    if rng.chance(60) {
        documents(facts, page);
    }
    page.block("CLINICAL CASE SUMMARY");
    page.block("The physician reviewer developed the following clinical case summary based on a review of the case file, including all medical records:");
    page.block(&*facts.summary.prose.text);
    page.block("IMR DECISION(S) AND RATIONALE(S)");
    page.block(SET_FORTH);
    let upper = rng.chance(50);
    for (i, (request, decision)) in facts.requests.iter().zip(&facts.decisions).enumerate() {
        let verdict = necessary(decision.upheld);
        let n = i + 1;
        page.block(if upper {
            format!("{n}. {} is {verdict}", request.text.to_uppercase())
        } else if request.review_type.is_none() && rng.chance(50) {
            format!("{n}. The request for {} is {verdict}", request.text)
        } else {
            format!("{n}. {} is {verdict}", request.text)
        });
        page.block(decision.administrator.text.as_deref().unwrap_or_default());
        page.block(decision.reviewer.text.as_deref().unwrap_or_default());
        page.block(format!(
            "The Physician Reviewer's decision rationale: {}",
            decision.rationale.text
        ));
    }
    header
}

impl Header {
    fn all() -> Self {
        Header {
            case_number: true,
            injury: true,
            assigned: true,
            decision: true,
            denial: true,
            application: true,
            priority: true,
        }
    }
}

fn priority(facts: &Facts) -> &'static str {
    if facts.expedited {
        "Expedited"
    } else {
        "Standard"
    }
}

fn cover(facts: &Facts, page: &mut Page, rng: &mut Rng) {
    let dates = &facts.dates;
    if rng.chance(50) {
        sender(page);
    }
    page.block("Independent Medical Review Final Determination Letter");
    page.block(format!("Dated: {}", long(dates.decision)));
    page.line(format!(
        "IMR Case Number: {}  Date of Injury: {}",
        facts.case_number,
        long(dates.injury)
    ));
    page.line(format!(
        "Claims Number:  UR Denial Date: {}",
        long(dates.denial)
    ));
    page.line(format!(
        "Priority: {}  Application Received: {}",
        priority(facts).to_uppercase(),
        long(dates.application)
    ));
    page.line("Employee Name:");
    page.block("Provider Name:");
    page.block("Treatment(s) in Dispute Listed on IMR Application:");
    for request in &facts.requests {
        page.line(request.text.to_uppercase());
    }
    page.line("");
    page.block("DEAR ,");
    page.block(
        "MAXIMUS Federal Services has completed the Independent Medical Review (\"IMR\") of the above workers' compensation \
         case. This letter provides you with the IMR Final Determination and explains how the determination was made.",
    );
    let upheld = facts.decisions.iter().filter(|d| d.upheld).count();
    let (word, some) = match upheld {
        0 => ("OVERTURN", "all of"),
        n if n == facts.decisions.len() => ("UPHOLD", "none of"),
        _ => ("PARTIAL OVERTURN", "some (but not all) of"),
    };
    page.block(format!(
        "Final Determination: {word}. This means we decided that {some} the disputed items/services are medically necessary \
         and appropriate. A detailed explanation of the decision for each of the disputed items/services is provided later \
         in this letter."
    ));
    page.block(format!("{BINDING} of the Division of Workers' Compensation. This determination is binding on all parties."));
    page.block(
        "In certain limited circumstances, you can appeal the Final Determination. Appeals must be filed with the Workers' \
         Compensation Appeals Board within 30 days from the date of this letter. For more information on appealing the final \
         determination, please see California Labor Code Section 4610.6(h).",
    );
    signature(page);
}

fn expert(facts: &Facts, page: &mut Page, rng: &mut Rng) -> Header {
    let header = if rng.chance(80) {
        header_lines(facts, page, rng);
        Header::all()
    } else {
        Header::default()
    };
    page.block("HOW THE IMR FINAL DETERMINATION WAS MADE");
    page.block(if facts.layout == Layout::Later {
        format!(
            "MAXIMUS Federal Services sent the complete case file to an expert reviewer. The reviewer has no affiliation with \
             the employer, employee, providers or the claims administrator. The reviewer has been {ACTIVE} The expert reviewer \
             was selected based on {SIMILAR} disputed items/services. The reviewer is {HIERARCHY}"
        )
    } else {
        format!(
            "MAXIMUS Federal Services sent the complete case file to an expert reviewer. He/she has no affiliation with the \
             employer, employee, providers or the claims administrator. He/she has been {ACTIVE} The expert reviewer was \
             selected based on his/her {SIMILAR} disputed items/Service. He/she is {HIERARCHY}"
        )
    });
    page.line("The Expert Reviewer has the following credentials:");
    page.line(format!(
        "State(s) of Licensure: {}",
        facts.states.join(", ")
    ));
    page.block(format!(
        "Certification(s)/Specialty: {}",
        facts.specialties.join(", ")
    ));
    page.block("CLINICAL CASE SUMMARY");
    page.block("The expert reviewer developed the following clinical case summary based on a review of the case file, including all medical records:");
    page.block(&*facts.summary.prose.text);
    page.block("IMR ISSUES, DECISIONS AND RATIONALES");
    page.block(SET_FORTH);
    let space = if rng.chance(50) { " " } else { "  " };
    let label = match facts.layout {
        Layout::Later if rng.chance(70) => "Rationale:",
        _ => "Decision rationale:",
    };
    let before_last = facts.decisions.len().saturating_sub(2);
    for (i, (request, decision)) in facts.requests.iter().zip(&facts.decisions).enumerate() {
        let outcome = if decision.upheld {
            "Upheld"
        } else {
            "Overturned"
        };
        page.block(format!("{}:{space}{outcome}", request.text));
        if facts.shared && i == before_last {
            continue;
        }
        if let Some(text) = &decision.administrator.text {
            page.block(format!("Claims Administrator guideline: {text}"));
        }
        if let Some(text) = &decision.reviewer.text {
            page.block(format!("MAXIMUS guideline: {text}"));
        }
        page.block(format!("{label} {}", decision.rationale.text));
    }
    header
}

/// The header block, whose pairs share lines in different ways.
fn header_lines(facts: &Facts, page: &mut Page, rng: &mut Rng) {
    let dates = &facts.dates;
    let pairs = [
        format!("Case Number: {}", facts.case_number),
        format!("Date Assigned: {}", long(dates.assigned)),
        format!("Date of Injury: {}", long(dates.injury)),
        format!("Decision Date: {}", long(dates.decision)),
        format!("UR Denial Date: {}", long(dates.denial)),
        format!("Priority: {}", priority(facts)),
        format!("Application Received: {}", long(dates.application)),
    ];
    let lines: &[&[usize]] = match rng.below(10) {
        0..=4 => &[&[0, 1], &[2, 3], &[4, 5], &[6]],
        5..=6 => &[&[0], &[1], &[2], &[3], &[4], &[5], &[6]],
        7 => &[&[0, 1, 2], &[3, 4], &[5, 6]],
        8 => &[&[0, 1], &[2, 3], &[4], &[5, 6]],
        _ => {
            // The last value of a line stands on the next.
            for pair in [[0, 1], [2, 3], [4, 5]] {
                let (name, value) = pairs[pair[1]].split_once(": ").expect("a pair");
                page.line(format!("{}  {name}:", pairs[pair[0]]));
                page.line(value);
            }
            &[&[6]]
        }
    };
    for line in lines {
        let line: Vec<_> = line.iter().map(|&i| pairs[i].as_str()).collect();
        page.line(line.join("  "));
    }
    page.line("");
}
