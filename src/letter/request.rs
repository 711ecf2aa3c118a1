//! What a heading requests: review type, category, drug, strength, quantity, refills, visits.

use super::model::{Found, ReviewType};
use super::prose::Prose;
use super::visits;
use crate::vocabulary::numbers;
use crate::vocabulary::tokens::{Token, tokens};
use crate::vocabulary::{Drug, DrugKind, DrugMatch, Request, Vocabulary};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// The values read from one heading.
pub struct Read {
    pub review_type: Option<Found<ReviewType>>,
    pub category: Found<&'static str>,
    pub subcategory: Found<&'static str>,
    pub brand_name: Option<Found<String>>,
    pub generic_name: Option<Found<String>>,
    pub strength: Option<Found<String>>,
    pub quantity: Option<Found<i32>>,
    pub refills: Option<Found<i32>>,
    pub visits: Option<Found<i32>>,
    pub mme_per_unit: Option<Found<f64>>,
}

/// Words for forms that are put on the skin.
const TOPICAL: &[&str] = &[
    "gel",
    "cream",
    "ointment",
    "lotion",
    "topical",
    "patch",
    "patches",
    "transdermal",
    "liniment",
    "roll",
    "spray",
    "topically",
    "pads",
    "cr\u{e8}me",
    "creme",
];

/// Classes whose members become a topical analgesic in such a form.
const TURN_TOPICAL: &[&str] = &[
    "nsaid",
    "muscle_relaxant",
    "anticonvulsant",
    "antidepressant",
    "topical_analgesic",
];

/// Reads the heading at the bytes `range` of the prose.
pub fn read(prose: &Prose, range: &Range<usize>, vocabulary: &Vocabulary) -> Read {
    let text = &prose.text[range.clone()];
    let words = unglued(tokens(text));
    let drugs = vocabulary.drugs.find(&words);
    let mut class = vocabulary.requests.classify(&words, &drugs);
    let place = |r: &Range<usize>| range.start + r.start..range.start + r.end;
    let pharmaceutical = class.category == "pharmaceutical";
    let drug = if pharmaceutical {
        DrugReading::of(text, &words, &drugs, vocabulary, &mut class)
    } else {
        DrugReading::default()
    };
    let supplies = pharmaceutical || class.category == "dmepos";
    let numbered = has_number(text, &words);
    let therapy = matches!(
        class.category,
        "rehabilitation" | "mental_health" | "program"
    );
    let whole = if class.range.is_empty() {
        0..text.len()
    } else {
        class.range.clone()
    };
    Read {
        review_type: review_type(&words).map(|(value, r)| prose.found(value, &place(&r))),
        category: prose.found(class.category, &place(&whole)),
        subcategory: prose.found(class.subcategory, &place(&whole)),
        brand_name: drug.brand.map(|(v, r)| prose.found(v, &place(&r))),
        generic_name: drug.generic.map(|(v, r)| prose.found(v, &place(&r))),
        strength: drug.strength.map(|(v, r)| prose.found(v, &place(&r))),
        quantity: (supplies && numbered)
            .then(|| quantity(text, &words, &drugs))
            .flatten()
            .map(|(v, r)| prose.found(v, &place(&r))),
        refills: pharmaceutical
            .then(|| refills(text))
            .flatten()
            .map(|(v, r)| prose.found(v, &place(&r))),
        visits: (therapy && numbered)
            .then(|| visits::read(text))
            .flatten()
            .map(|(v, r)| prose.found(v, &place(&r))),
        mme_per_unit: drug.mme.map(|(v, r)| prose.found(v, &place(&r))),
    }
}

/// Whether a heading may hold a number, in figures or in words.
fn has_number(text: &str, words: &[Token]) -> bool {
    // Of "eighteen" and "sixty" the beginnings are here too.
    const WORDS: &[&str] = &[
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve", "thir", "fif", "twenty", "forty",
    ];
    text.contains(char::is_numeric)
        || words
            .iter()
            .any(|t| WORDS.iter().any(|number| t.word.starts_with(number)))
}

/// Parts a name from the strength glued to it ("Norco10/325mg").
fn unglued(words: Vec<Token>) -> Vec<Token> {
    let mut out = Vec::with_capacity(words.len());
    for word in words {
        let letters = word
            .word
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let glued = letters > 3 && word.word[letters..].starts_with(|c: char| c.is_ascii_digit());
        if !glued || word.range.len() != word.word.len() {
            out.push(word);
            continue;
        }
        let at = word.range.start + letters;
        let (name, strength) = word.word.split_at(letters);
        out.push(Token::new(name.into(), word.range.start..at));
        out.push(Token::new(strength.into(), at..word.range.end));
    }
    out
}

fn review_type(words: &[Token]) -> Option<(ReviewType, Range<usize>)> {
    words.iter().find_map(|t| {
        let value = match t.word.as_str() {
            "retrospective" | "retro" | "retrospectively" => ReviewType::Retrospective,
            "prospective" | "prospectively" => ReviewType::Prospective,
            "concurrent" | "concurrently" => ReviewType::Concurrent,
            _ => return None,
        };
        Some((value, t.range.clone()))
    })
}

type At<T> = Option<(T, Range<usize>)>;

#[derive(Default)]
struct DrugReading {
    brand: At<String>,
    generic: At<String>,
    strength: At<String>,
    mme: At<f64>,
}

impl DrugReading {
    /// Reads the drug of a heading, and corrects its class for forms put on the skin.
    fn of(
        text: &str,
        words: &[Token],
        drugs: &[DrugMatch],
        vocabulary: &Vocabulary,
        class: &mut Request,
    ) -> DrugReading {
        let topical = words.iter().any(|t| TOPICAL.contains(&t.word.as_str()));
        let compound = is_compound(words, drugs, topical);
        if compound {
            class.subcategory = "topical_analgesic";
            if let Some(oral) = drugs
                .iter()
                .find(|d| d.drug.subcategory == "opioid")
                .filter(|_| !topical && words.iter().all(|t| !t.word.starts_with("compound")))
            {
                class.subcategory = oral.drug.subcategory;
            }
            return DrugReading::default();
        }
        if topical && class.by_drug && TURN_TOPICAL.contains(&class.subcategory) {
            class.subcategory = "topical_analgesic";
        }
        let Some(first) = drugs.first() else {
            return DrugReading {
                strength: strength(text, drugs),
                ..DrugReading::default()
            };
        };
        let brand = drugs.iter().find(|d| d.drug.kind == DrugKind::Brand);
        let main = brand.unwrap_or(first);
        let (generic, generic_range) = match brand {
            Some(brand) => (brand.drug.ingredients.to_owned(), brand.range.clone()),
            None => ingredients(text, drugs, vocabulary),
        };
        // An opioid decides what a mixture is used for, wherever its ingredient stands.
        if brand.is_none()
            && class.by_drug
            && let Some(opioid) = drugs.iter().find(|d| d.drug.subcategory == "opioid")
            && generic.split('/').count() == drugs.len()
        {
            class.subcategory = opioid.drug.subcategory;
        }
        let strength = strength(text, drugs);
        let mme = mme(&generic, strength.as_ref(), main.drug, topical, vocabulary).map(|v| {
            let r = strength
                .as_ref()
                .map_or(main.range.clone(), |(_, r)| r.clone());
            (v, r)
        });
        DrugReading {
            brand: brand.map(|b| brand_name(text, words, b)),
            generic: (!generic.is_empty()).then_some((generic, generic_range)),
            strength,
            mme,
        }
    }
}

/// A mixture made up by a pharmacy: said so, or several drugs in one form put on the skin.
fn is_compound(words: &[Token], drugs: &[DrugMatch], topical: bool) -> bool {
    let named = words.iter().any(|t| t.word.starts_with("compound"));
    let branded = drugs.iter().any(|d| d.drug.kind == DrugKind::Brand);
    let mut distinct: Vec<&str> = drugs
        .iter()
        .flat_map(|d| d.drug.ingredients.split('/'))
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    !branded && (named || topical && distinct.len() > 1)
}

/// The usual spelling of a brand with the release form that follows it in the heading.
fn brand_name(text: &str, words: &[Token], brand: &DrugMatch) -> (String, Range<usize>) {
    const FORMS: &[&str] = &[
        "er", "xr", "sr", "cr", "xl", "ds", "es", "ir", "la", "hp", "ec", "dr", "odt", "cd", "pm",
    ];
    // "OxyIR", "Voltaren-XR", "Flurbi (NAP) Cream-LA" say their form themselves.
    let has_form = |name: &str| {
        let lower = name.to_lowercase();
        lower.split([' ', '-']).any(|w| FORMS.contains(&w))
            || lower.len() > 3 && lower.ends_with("ir")
    };
    let mut name = brand.drug.name.to_owned();
    let mut range = brand.range.clone();
    // A variant spelling in the table may hold the form already ("Norflex ER" for Norflex).
    let in_match = words[brand.words.clone()]
        .iter()
        .skip(1)
        .find(|w| FORMS.contains(&w.word.as_str()));
    if let Some(form) = in_match.filter(|_| !has_form(&name)) {
        return (format!("{name} {}", form.word.to_uppercase()), range);
    }
    if let Some(next) = words.get(brand.words.end)
        && FORMS.contains(&next.word.as_str())
        && text[range.end..next.range.start]
            .chars()
            .all(|c| c == ' ' || c == '-')
        && !has_form(&name)
    {
        name = format!("{name} {}", next.word.to_uppercase());
        range.end = next.range.end;
    }
    (name, range)
}

/// The ingredients named one by one and joined ("hydrocodone/APAP", "oxycodone with acetaminophen").
fn ingredients(text: &str, drugs: &[DrugMatch], vocabulary: &Vocabulary) -> (String, Range<usize>) {
    let mut all: Vec<&str> = Vec::new();
    let mut range = drugs[0].range.clone();
    for drug in drugs {
        let between = text.get(range.end..drug.range.start).unwrap_or("");
        let joined = all.is_empty()
            || tokens(between).iter().all(|t| {
                vocabulary.drugs.is_salt(&t.word) || matches!(t.word.as_str(), "with" | "and" | "w")
            }) && !between.contains([';', '#'])
            || between.trim().is_empty() && !between.contains(',');
        if !joined {
            break;
        }
        for ingredient in drug.drug.ingredients.split('/') {
            if !all.contains(&ingredient) {
                all.push(ingredient);
            }
        }
        range.end = drug.range.end;
    }
    (vocabulary.drugs.label_order(&all), range)
}

static STRENGTH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)(?P<n>\d*\.?\d+(?:,\d{3})?(?:\s?(?:mg)?\s?[/-]\s?\d*\.?\d+)*)\s?-?
          (?P<u>mcg\s?/\s?h(?:ou)?r?|mcg\s+per\s+hour|mcg\s?/\s?ml|ug\s?/\s?hr?|mg\s?/\s?(?:\d+(?:\.\d+)?\s?)?m[lL]|mg\s?/\s?\d*\s?h(?:ou)?rs?|mcg|microgram[s]?|meq|mg|milligrams?|%|percent|units?|iu|gm?|grams?)(?P<e>\b|$|\W|\#)",
    )
    .expect("a tested pattern")
});

static BARE_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|\s)(?P<n>\d+(?:\.\d+)?/\d{2,3}(?:/\d{2,3})?)(?:$|[\s,;)#])")
        .expect("a tested pattern")
});

/// The strength of one unit of the drug.
fn strength(text: &str, drugs: &[DrugMatch]) -> At<String> {
    let after = drugs.first().map_or(0, |d| d.range.start);
    let mut earlier = None;
    for captures in STRENGTH.captures_iter(text) {
        let (Some(number), Some(unit)) = (captures.get(1), captures.get(2)) else {
            continue;
        };
        // The start of a number, not the tail of "#60" or of a date.
        let before = text[..number.start()].chars().next_back().unwrap_or(' ');
        if before == '#' || before == '/' || before == '$' || before.is_ascii_digit() {
            continue;
        }
        let Some(unit_name) = unit_of(unit.as_str()) else {
            continue;
        };
        let amount = number
            .as_str()
            .to_lowercase()
            .replace("mg", "")
            .replace([' ', ','], "")
            .replace('-', "/");
        let amount = if amount.starts_with('.') {
            format!("0{amount}")
        } else {
            amount
        };
        let value = if unit_name == "%" {
            format!("{amount}%")
        } else {
            format!("{amount} {unit_name}")
        };
        // The first strength after the drug's name; one before it only if none follows.
        let strength = (value, number.start()..unit.end());
        if number.start() >= after {
            return Some(strength);
        }
        earlier.get_or_insert(strength);
    }
    earlier.or_else(|| {
        if drugs.is_empty() || !text.contains('/') {
            return None;
        }
        let dates = super::dates::dates(text, &Vocabulary::get().runs(text, 0..text.len()));
        let is_date = |pair: &Range<usize>| {
            dates
                .iter()
                .any(|d| d.range.start < pair.end && pair.start < d.range.end)
        };
        BARE_PAIR
            .captures_iter(text)
            .filter_map(|c| c.name("n"))
            .find(|pair| !is_date(&pair.range()))
            .map(|pair| (format!("{} mg", pair.as_str()), pair.range()))
    })
}

/// The unit of a strength in the dataset's spelling; `None` for amounts dispensed (grams, millilitres).
fn unit_of(unit: &str) -> Option<String> {
    let unit: String = unit.to_lowercase().split_whitespace().collect();
    Some(match unit.as_str() {
        "%" | "percent" => "%".into(),
        "mg" | "milligram" | "milligrams" => "mg".into(),
        "mcg" | "microgram" | "micrograms" => "mcg".into(),
        "meq" => "meq".into(),
        "unit" | "units" | "iu" => "units".into(),
        "g" | "gm" | "gram" | "grams" => return None,
        "mcgperhour" => "mcg/hr".into(),
        _ if (unit.starts_with("mcg/h") || unit.starts_with("ug/h")) => "mcg/hr".into(),
        _ => unit.replace("/5ml", "/5 ml"),
    })
}

/// Morphine milligram equivalents in one unit of an opioid.
fn mme(
    generic: &str,
    strength: Option<&(String, Range<usize>)>,
    drug: &Drug,
    topical: bool,
    vocabulary: &Vocabulary,
) -> Option<f64> {
    let ingredients: Vec<&str> = generic.split('/').collect();
    let (at, factor) = ingredients
        .iter()
        .enumerate()
        .find_map(|(i, name)| vocabulary.drugs.mme_factor(name).map(|f| (i, f)))?;
    let fixed = fixed_strength(drug.name);
    let (amount, unit) = match strength {
        Some((value, _)) => value.split_once(' ')?,
        None => (fixed?, "mg"),
    };
    let amounts: Vec<f64> = amount.split('/').filter_map(|n| n.parse().ok()).collect();
    let milligrams = *if amounts.len() == ingredients.len() {
        amounts.get(at)
    } else {
        amounts.first()
    }?;
    let transdermal = ingredients[at] == "fentanyl";
    match (transdermal, unit) {
        (true, "mcg/hr") => {}
        (true, "mcg") if topical || drug.name == "Duragesic" => {}
        (false, "mg") if unit == "mg" => {}
        _ => return None,
    }
    Some((milligrams * factor * 1000.0).round() / 1000.0)
}

/// Milligrams of opioid that a number in a brand's name stands for: codeine in Tylenol #3 and its like
/// (DEA Drug & Chemical Evaluation: #2 15 mg, #3 30 mg, #4 60 mg).
fn fixed_strength(name: &str) -> Option<&'static str> {
    let (_, number) = name.split_once('#')?;
    match number.trim() {
        "2" => Some("15"),
        "3" => Some("30"),
        "4" => Some("60"),
        _ => None,
    }
}

const NUMBER: &str = r"\d{1,3}(?:,\d{3})+|\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|forty-five|fifty|sixty|seventy|eighty|ninety|twenty-five|twenty-eight|twenty-one|thirty-five|fourteen";

static HASH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)#\s?(\d{1,4})\b").expect("a tested pattern"));
static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)\b(?:qty|quantity|qnty|quant|count|total of|dispense|disp)\b\.?\s?(?:of|is|=|\#)?\s?[:.#=]?\s?(?:\#\s?)?({NUMBER})\b")).expect("a tested pattern")
});
static UNITS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)\b({NUMBER})\s?(?:\(\d+\)\s?)?-?(tablets?|tabs?|tabets?|capsules?|caps?|pills?|patch(?:es)?|units|count|ct|suppositor(?:y|ies)|vials?|syringes?|ampules?|doses?|films?|strips?|lozenges?|sprays?|packets?|pouches|pads?|electrodes?|pairs?|tubes?|bottles?|box(?:es)?|packs?|packages?|kits?|jars?|cartons?|canisters?|inhalers?|grams?|gms?|gm|g|ml|milliliters?|cc|oz|ounces?)\b"
    ))
    .expect("a tested pattern")
});
static PACKED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)\b(?:box|boxes|pack|packs|package|packages|bottle|bottles|carton|cartons)\s+(?:of|containing|with)\s+({NUMBER})\b")).expect("a tested pattern")
});
static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[\s,(])(?:x|×)\s?(\d{1,4})\b(\s*(?:month|week|day|refill|year|session|visit)?)",
    )
    .expect("a tested pattern")
});

/// Packages, of which the count inside is wanted.
const PACKAGES: &[&str] = &[
    "box",
    "boxes",
    "pack",
    "packs",
    "package",
    "packages",
    "bottle",
    "bottles",
    "carton",
    "cartons",
    "tube",
    "tubes",
    "kit",
    "kits",
    "jar",
    "jars",
    "canister",
    "canisters",
    "inhaler",
    "inhalers",
];

fn parsed(number: &str) -> Option<i32> {
    numbers::parse(&number.replace(',', "")).and_then(|n| i32::try_from(n).ok())
}

/// The number of units requested.
fn quantity(text: &str, words: &[Token], drugs: &[DrugMatch]) -> At<i32> {
    // No pattern is tried without a word or sign that every match of it has.
    let begins = |any: &[&str]| {
        words
            .iter()
            .any(|t| any.iter().any(|begin| t.word.starts_with(begin)))
    };
    let in_name = |r: &Range<usize>| {
        drugs
            .iter()
            .any(|d| d.range.start <= r.start && r.end <= d.range.end)
    };
    let first = |regex: &Regex| {
        regex.captures_iter(text).find_map(|c| {
            let all = c.get(0)?;
            let number = c.get(1)?;
            (!in_name(&all.range()) && !in_name(&number.range()))
                .then(|| Some((parsed(number.as_str())?, all.range())))?
        })
    };
    let labelled = || {
        begins(&["qty", "qnty", "quant", "count", "total", "disp"])
            .then(|| first(&LABELLED))
            .flatten()
    };
    let packed = || {
        begins(&["box", "pack", "bottle", "carton"])
            .then(|| first(&PACKED))
            .flatten()
    };
    let hash = text.contains('#').then(|| first(&HASH)).flatten();
    if let Some(found) = hash.or_else(labelled).or_else(packed) {
        return Some(found);
    }
    let mut package = None;
    for captures in UNITS.captures_iter(text) {
        let (Some(all), Some(number), Some(unit)) =
            (captures.get(0), captures.get(1), captures.get(2))
        else {
            continue;
        };
        // "10/325 tablets" is a strength, "5 g/100 ml" too.
        let before = text[..number.start()].chars().next_back().unwrap_or(' ');
        if matches!(before, '/' | '.' | '-')
            || in_name(&number.range())
            || is_strength_of_volume(text, unit.end())
        {
            continue;
        }
        let Some(value) = parsed(number.as_str()) else {
            continue;
        };
        if PACKAGES.contains(&unit.as_str().to_lowercase().as_str()) {
            package.get_or_insert((value, all.range()));
        } else {
            return Some((value, all.range()));
        }
    }
    package.or_else(|| {
        TIMES.captures_iter(text).find_map(|c| {
            let number = c.get(1)?;
            let period = c.get(2).map_or("", |m| m.as_str().trim());
            (period.is_empty() && !in_name(&number.range()))
                .then(|| Some((parsed(number.as_str())?, number.range())))?
        })
    })
}

fn is_strength_of_volume(text: &str, end: usize) -> bool {
    text[end..].starts_with('/')
}

static REFILLS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)\b(?P<no>no|zero|without)\s+(?:any\s+)?(?:refil+s?|rf)\b|(?:^|[^#\d])\b(?P<before>{NUMBER})\s?(?:\(\d+\)\s?)?(?:additional\s+|addt'l\s+)?(?:refil+s?|rfs?)\b|\b(?:refil+s?|rfs?)\s?(?:[:x×=\#]|\bof\b|\btimes\b)?\s?(?:x\s?)?(?P<after>{NUMBER})\b"
    ))
    .expect("a tested pattern")
});

fn refills(text: &str) -> At<i32> {
    // "refill", "rf"
    let bytes = text.as_bytes();
    let may_name = |f: usize| match &bytes[..f] {
        [.., r, e] if e.eq_ignore_ascii_case(&b'e') => r.eq_ignore_ascii_case(&b'r'),
        [.., r] => r.eq_ignore_ascii_case(&b'r'),
        [] => false,
    };
    if !memchr::memchr2_iter(b'f', b'F', bytes).any(may_name) {
        return None;
    }
    let mut captures = REFILLS.captures(text)?;
    // "quantity: 60 refills: 0", "qty 60 refills 2"
    let end = captures.get(0)?.end();
    let rest = text[end..].trim_start();
    let of_quantity = |number: regex::Match| {
        let before = text[..number.start()].trim_end_matches([' ', ':', '.']);
        let digit = rest.starts_with(|c: char| c.is_ascii_digit());
        digit && ["qty", "quantity"].iter().any(|q| ends_with(before, q))
    };
    let before = captures.name("before");
    if before.is_some_and(|n| rest.starts_with([':', '=']) || of_quantity(n)) {
        let from = text[..end]
            .rfind(|c: char| !c.is_alphabetic())
            .map_or(0, |i| i + 1);
        captures = REFILLS.captures(&text[from..])?;
        let number = captures.name("after")?;
        let range = from + number.start()..from + number.end();
        return Some((parsed(number.as_str())?, range));
    }
    let range = captures.get(0)?.range();
    if captures.name("no").is_some() {
        return Some((0, range));
    }
    let number = captures.name("before").or_else(|| captures.name("after"))?;
    let range = number.start()..range.end.max(number.end());
    Some((parsed(number.as_str())?, range))
}

/// Whether `text` ends with `end`, in letters of any case.
fn ends_with(text: &str, end: &str) -> bool {
    let from = text.len().checked_sub(end.len());
    from.and_then(|from| text.get(from..))
        .is_some_and(|last| last.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_in_every_notation() {
        for (text, want) in [
            ("Norco 10/325mg #60", 60),
            ("Norco 5/325 mg # 30", 30),
            ("Norco quantity 90", 90),
            ("Etodolac 400mg qty: 60", 60),
            ("Norco 10/325mg, 120 tablets", 120),
            ("cream, quantity 240 grams", 240),
            ("Terocin, one box (30 patches)", 30),
            ("Flector patch, 1 box of 30", 30),
            ("Soma #45, modified from #90", 45),
            ("Ultram 50mg x60", 60),
            ("Ultram 50 mg, sixty tablets", 60),
            ("Lovenox 40 mg, 14 syringes", 14),
            ("OxyContin quantity of 1,000", 1000),
        ] {
            let found = quantity(text, &tokens(text), &[]);
            assert_eq!(found.map(|q| q.0), Some(want), "{text}");
        }
        for text in [
            "Percocet",
            "Norco 10/325 tablets",
            "TENS unit, 30 day rental",
            "Norco x 3 months",
        ] {
            assert_eq!(quantity(text, &tokens(text), &[]), None, "{text}");
        }
    }

    #[test]
    fn refills_in_every_notation() {
        for (text, want) in [
            ("#90 with 2 refills", 2),
            ("#90 no refills", 0),
            ("#30, refills: 0", 0),
            ("#30 refill x 3", 3),
            ("with one refill", 1),
            ("+ 2 refils", 2),
            ("with five (5) refills", 5),
            ("quantity: 60 refills: 0", 0),
            ("750mg qty 60 refills 2", 2),
            ("quantity 60, 2 refills", 2),
        ] {
            assert_eq!(refills(text).map(|r| r.0), Some(want), "{text}");
        }
        assert_eq!(refills("refill of Norco 10/325mg #60"), None);
    }

    #[test]
    fn strengths() {
        for (text, want) in [
            ("Norco 10/325mg #60", "10/325 mg"),
            ("Norco 10/325 #60", "10/325 mg"),
            ("Norco 10-325 mg #60", "10/325 mg"),
            ("Duragesic patch 50mcg/hr #15", "50 mcg/hr"),
            ("Lidoderm 5% patch #30", "5%"),
            ("clonazepam .5mg #45", "0.5 mg"),
            ("Voltaren gel 1% 100 grams", "1%"),
        ] {
            let words = tokens(text);
            let drugs = Vocabulary::get().drugs.find(&words);
            assert_eq!(
                strength(text, &drugs).map(|s| s.0).as_deref(),
                Some(want),
                "{text}"
            );
        }
    }
}
