//! The parser on whole letters: no tables, no files written, no SQL.

mod corpus;
mod labels;
mod rewrap;
mod robust;
mod spans;
mod vocabulary;

use proptest::test_runner::{Config, RngSeed};

/// How many random cases a property is tried on. They are the same in every run, unless `PROPTEST_CASES`
/// or `PROPTEST_RNG_SEED` say otherwise.
fn random(cases: u32) -> Config {
    let asked = Config::default();
    let is_set = |name: &str| std::env::var_os(name).is_some();
    let same = RngSeed::Fixed(2015);
    Config {
        cases: if is_set("PROPTEST_CASES") {
            asked.cases
        } else {
            cases
        },
        rng_seed: if is_set("PROPTEST_RNG_SEED") {
            asked.rng_seed
        } else {
            same
        },
        failure_persistence: None,
        ..asked
    }
}
