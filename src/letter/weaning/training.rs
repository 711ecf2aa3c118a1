//! Where the weights come from: labelled sentences, from which they are learned by multinomial logistic regression
//! (stochastic gradient descent with a rate for each weight: AdaGrad, Duchi et al. 2011, JMLR 12:2121).
//!
//! A sentence that was known when rows of `weaning.csv` were written is read better by them than new ones will be, so
//! that what the rows read in it does not enter into the weights.

use super::*;
use crate::vocabulary::table;
use crate::vocabulary::weights::{ByKind, Element, KINDS};
use std::collections::BTreeMap;
use std::fmt::Write;

const SENTENCES: &str = include_str!("../../../data/vocabulary/weaning_sentences.tsv");
const WEIGHTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/data/vocabulary/weaning_weights.csv"
);

/// Sentences in which a phrase must stand to get weights.
const FEWEST: usize = 5;
const ROUNDS: usize = 12;
const RATE: f32 = 0.5;
const DECAY: f32 = 1e-5;

/// A row of the table of sentences.
struct Sentence {
    hand: &'static str,
    known: bool,
    section: MentionSection,
    kind: usize,
    text: &'static str,
}

impl Sentence {
    /// What the decision under which it may stand says of itself.
    fn own(&self) -> Own {
        match self.section {
            MentionSection::ClinicalSummary => Own::default(),
            _ => Own {
                quantity: Some(75),
                is_drug: true,
                ..Own::default()
            },
        }
    }
}

fn sentences() -> Vec<Sentence> {
    let mut all: Vec<Sentence> = SENTENCES
        .lines()
        .skip(1)
        .map(|row| {
            let [hand, rows, section, kind, text] = row.split('\t').collect::<Vec<_>>()[..] else {
                panic!("not five cells: {row}");
            };
            Sentence {
                hand,
                known: match rows {
                    "known" => true,
                    "new" => false,
                    _ => panic!("rows known or new? {row}"),
                },
                section: match section {
                    "clinical_summary" => MentionSection::ClinicalSummary,
                    "rationale" => MentionSection::Rationale,
                    _ => panic!("neither clinical_summary nor rationale: {row}"),
                },
                kind: kind_of(kind),
                text,
            }
        })
        .collect();
    let examples = table(include_str!("../../../data/vocabulary/weaning.csv"));
    all.extend(examples.iter().map(|row| Sentence {
        hand: "weaning.csv",
        known: true,
        section: MentionSection::Rationale,
        kind: kind_of(row["gives"]),
        text: row["example"],
    }));
    all
}

fn kind_of(name: &str) -> usize {
    let kind = KINDS.iter().position(|kind| *kind == name);
    kind.unwrap_or_else(|| panic!("{name} is no kind"))
}

/// Phrases, each once, with the numbers by which they are known.
#[derive(Default)]
struct Phrases(BTreeMap<String, usize>);

impl Phrases {
    fn number(&mut self, phrase: &[Element]) -> usize {
        let mut name = String::new();
        for element in phrase {
            let gap = if name.is_empty() { "" } else { " " };
            let star = if element.open { "*" } else { "" };
            write!(name, "{gap}{}{star}", element.text).unwrap();
        }
        let next = self.0.len();
        *self.0.entry(name).or_insert(next)
    }
}

/// A sentence as it is weighed.
struct Weighed {
    /// Numbers of phrases, and how much each counts.
    phrases: Vec<(usize, f32)>,
    kind: usize,
    /// What the rows of the tables read, and whether the sentence is weighed at all.
    read: usize,
    told: bool,
}

fn weighed(sentence: &Sentence, phrases: &mut Phrases) -> Weighed {
    looked_at(sentence.text, |words, told| {
        weighed_by(sentence, words, told, phrases)
    })
}

fn weighed_by(
    sentence: &Sentence,
    words: &[Word],
    told: &[usize],
    phrases: &mut Phrases,
) -> Weighed {
    let (vocabulary, section) = (Vocabulary::get(), sentence.section);
    let hits = vocabulary.weaning.hits(words, told);
    let reading = read(
        sentence.text,
        words,
        &hits,
        section,
        sentence.own(),
        vocabulary,
    );
    let (mut said, mut by_rows) = (Vec::new(), Vec::new());
    weighing::phrases(words, section, &mut |p| said.push(phrases.number(p)));
    if !sentence.known {
        weighing::readings(weighing::placed(section), &reading, &mut |p| {
            by_rows.push(phrases.number(p))
        });
    }
    let mut all = Vec::new();
    for (mut numbers, counts) in [(said, 1.0), (by_rows, weighing::READ)] {
        let each = counts / (numbers.len().max(1) as f32).sqrt();
        numbers.sort_unstable();
        for same in numbers.chunk_by(|a, b| a == b) {
            all.push((same[0], each * same.len() as f32));
        }
    }
    Weighed {
        phrases: all,
        kind: sentence.kind,
        read: reading.kind.map_or(0, |kind| kind_of(kind.as_str())),
        told: !told.is_empty(),
    }
}

/// Leaves out the phrases that stand in few sentences.
fn leave_out_rare(all: &mut [Weighed], phrases: usize) {
    let mut stands_in = vec![0; phrases];
    for (number, _) in all.iter().flat_map(|w| &w.phrases) {
        stands_in[*number] += 1;
    }
    for weighed in all {
        weighed
            .phrases
            .retain(|(number, _)| stands_in[*number] >= FEWEST);
    }
}

fn sums(weights: &[ByKind<f32>], sentence: &Weighed) -> ByKind<f32> {
    let mut sums = [0.0; KINDS.len()];
    for (number, counts) in &sentence.phrases {
        for (sum, weight) in sums.iter_mut().zip(&weights[*number]) {
            *sum += weight * counts;
        }
    }
    sums
}

/// The weights by which the kinds of `sentences` are the likeliest.
fn learn(sentences: &[&Weighed], phrases: usize) -> Vec<ByKind<f32>> {
    let mut weights = vec![[0.0; KINDS.len()]; phrases];
    let mut squares = vec![[1e-6; KINDS.len()]; phrases];
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..ROUNDS {
        for i in (1..order.len()).rev() {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            order.swap(i, (seed % (i as u64 + 1)) as usize);
        }
        for sentence in order.iter().map(|i| sentences[*i]) {
            let sums = sums(&weights, sentence);
            let most = sums.iter().copied().fold(f32::MIN, f32::max);
            let odds = sums.map(|sum| (sum - most).exp());
            let all: f32 = odds.iter().sum();
            for (number, counts) in &sentence.phrases {
                for kind in 0..KINDS.len() {
                    let is = f32::from(u8::from(kind == sentence.kind));
                    let weight = &mut weights[*number][kind];
                    let slope = (odds[kind] / all - is) * counts + DECAY * *weight;
                    let square = &mut squares[*number][kind];
                    *square += slope * slope;
                    *weight -= RATE * slope / square.sqrt();
                }
            }
        }
    }
    weights
}

fn likeliest(weights: &[ByKind<f32>], sentence: &Weighed) -> usize {
    let sums = sums(weights, sentence);
    let most = (0..KINDS.len()).max_by(|a, b| sums[*a].total_cmp(&sums[*b]));
    most.filter(|_| sentence.told).unwrap_or_default()
}

fn all() -> (Vec<Sentence>, Vec<Weighed>, Phrases) {
    let mut phrases = Phrases::default();
    let sentences = sentences();
    let mut all: Vec<Weighed> = sentences.iter().map(|s| weighed(s, &mut phrases)).collect();
    leave_out_rare(&mut all, phrases.0.len());
    (sentences, all, phrases)
}

/// Writes `weaning_weights.csv` anew.
#[test]
#[ignore = "writes data/vocabulary/weaning_weights.csv, to be run after a change of the sentences"]
fn learn_the_weights() {
    let (_, all, phrases) = all();
    let weights = learn(&all.iter().collect::<Vec<_>>(), phrases.0.len());
    let mut out = format!("phrase,{}\n", KINDS.join(","));
    let mut rows = 0;
    for (phrase, number) in &phrases.0 {
        let mean = weights[*number].iter().sum::<f32>() / KINDS.len() as f32;
        let centred = weights[*number].map(|weight| ((weight - mean) * 100.0).round() as i16);
        if centred.iter().all(|weight| *weight == 0) {
            continue;
        }
        rows += 1;
        out.push_str(phrase);
        for weight in centred {
            write!(out, ",{weight}").unwrap();
        }
        out.push('\n');
    }
    std::fs::write(WEIGHTS, out).unwrap();
    println!("{rows} phrases of {} sentences", all.len());
}

/// Prints for each hand how many of its sentences are read right by weights learned from all others.
#[test]
#[ignore = "takes minutes; prints how well new sentences are read"]
fn read_each_hand_by_the_others() {
    let (sentences, all, phrases) = all();
    let mut hands: Vec<&str> = sentences
        .iter()
        .filter(|s| !s.known)
        .map(|s| s.hand)
        .collect();
    hands.sort_unstable();
    hands.dedup();
    let mut total = [0; 3];
    for hand in hands {
        let others = sentences.iter().zip(&all).filter(|(s, _)| s.hand != hand);
        let others: Vec<&Weighed> = others.map(|(_, w)| w).collect();
        let weights = learn(&others, phrases.0.len());
        let mut count = [0; 3];
        for (_, w) in sentences.iter().zip(&all).filter(|(s, _)| s.hand == hand) {
            count[0] += 1;
            count[1] += usize::from(w.read == w.kind);
            count[2] += usize::from(likeliest(&weights, w) == w.kind);
        }
        let share = |i: usize| count[i] as f64 / count[0] as f64;
        println!(
            "{hand:8} {:5} sentences, right by rows {:.3}, weighed {:.3}",
            count[0],
            share(1),
            share(2)
        );
        total.iter_mut().zip(count).for_each(|(t, c)| *t += c);
    }
    println!("{total:?}");
}

/// The share of the labelled sentences that must be read as labelled, by weights that were learned from them.
const FLOOR: f64 = 0.97;

#[test]
fn sentences_are_read_as_labelled() {
    let mut wrong = Vec::new();
    let sentences = sentences();
    for sentence in &sentences {
        let read = looked_at(sentence.text, |words, told| {
            let (section, own) = (sentence.section, sentence.own());
            judge(sentence.text, words, told, section, own, Vocabulary::get())
        });
        let read = read.map_or(KINDS[0], |(kind, _)| kind.as_str());
        if read != KINDS[sentence.kind] {
            wrong.push(format!(
                "{}, read as {read}: {}",
                KINDS[sentence.kind], sentence.text
            ));
        }
    }
    let right = 1.0 - wrong.len() as f64 / sentences.len() as f64;
    let some: Vec<&String> = wrong.iter().take(50).collect();
    assert!(
        right >= FLOOR,
        "of {} sentences {right:.4} are right; wrong are, for example:\n{some:#?}",
        sentences.len()
    );
}
