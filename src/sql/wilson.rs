//! `wilson_lower` and `wilson_upper`: the 95 % Wilson score interval of a proportion.
//!
//! Overturn rates are often taken over a handful of decisions, where the textbook interval
//! (p ± z·√(p(1−p)/n)) leaves 0..1 or collapses to a point. The score interval does neither.
//! E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of
//! the American Statistical Association 22 (1927), pages 209–212.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::utils::take_function_args;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, DocSection, Documentation, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};

/// The 97.5 % quantile of the normal distribution: 95 % lie within ±z.
const Z: f64 = 1.959963984540054;

/// The interval of `successes` in `trials`; `None` where there was no trial.
///
/// The caller sees to it that 0 ≤ successes ≤ trials.
pub fn interval(successes: i64, trials: i64) -> Option<(f64, f64)> {
    if trials == 0 {
        return None;
    }
    let n = trials as f64;
    let p = successes as f64 / n;
    let shrink = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / shrink;
    let half = Z / shrink * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    // At the ends the formula gives exactly 0 and 1; rounding would leave 1e-17 and 1.0000000000000002.
    let lower = if successes == 0 { 0.0 } else { centre - half };
    let upper = if successes == trials {
        1.0
    } else {
        centre + half
    };
    Some((lower, upper))
}

/// Both functions, ready to be registered.
pub fn functions() -> [ScalarUDF; 2] {
    [Bound::Lower, Bound::Upper].map(|bound| ScalarUDF::new_from_impl(Wilson::new(bound)))
}

/// Which end of the interval a function returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Bound {
    Lower,
    Upper,
}

impl Bound {
    fn function(self) -> &'static str {
        match self {
            Bound::Lower => "wilson_lower",
            Bound::Upper => "wilson_upper",
        }
    }

    fn documentation(self) -> Documentation {
        let (end, other, example) = match self {
            Bound::Lower => ("Lower", Bound::Upper, "0.0624"),
            Bound::Upper => ("Upper", Bound::Lower, "0.1605"),
        };
        let name = self.function();
        Documentation::builder(
            DocSection {
                include: true,
                label: "Statistics Functions",
                description: None,
            },
            format!(
                "{end} end of the 95 % Wilson score interval (Wilson 1927) of a proportion: of \
                 `successes` in `trials`. NULL if `trials` is 0 or NULL."
            ),
            format!("{name}(successes, trials)"),
        )
        .with_argument(
            "successes",
            "How often it happened: a whole number, 0 or more.",
        )
        .with_argument(
            "trials",
            "Out of how many: a whole number, not below successes.",
        )
        .with_sql_example(format!(
            "```sql\n> SELECT round({name}(15, 148), 4) AS bound;\n+--------+\n| bound  |\n\
             +--------+\n| {example} |\n+--------+\n```"
        ))
        .with_related_udf(other.function())
        .build()
    }
}

/// One of the two functions.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Wilson {
    bound: Bound,
    signature: Signature,
    documentation: Documentation,
}

impl Wilson {
    fn new(bound: Bound) -> Self {
        let arguments = vec!["successes".to_string(), "trials".to_string()];
        let signature = Signature::user_defined(Volatility::Immutable);
        Self {
            bound,
            // Names allow `wilson_lower(successes => 3, trials => 7)`.
            signature: signature
                .clone()
                .with_parameter_names(arguments)
                .unwrap_or(signature),
            documentation: bound.documentation(),
        }
    }

    fn value(&self, successes: Option<i64>, trials: Option<i64>) -> Result<Option<f64>> {
        let (Some(successes), Some(trials)) = (successes, trials) else {
            return Ok(None);
        };
        if trials != 0 && !(0..=trials).contains(&successes) {
            return exec_err!(
                "{}({successes}, {trials}): successes must lie between 0 and trials",
                self.name()
            );
        }
        Ok(
            interval(successes, trials).map(|(lower, upper)| match self.bound {
                Bound::Lower => lower,
                Bound::Upper => upper,
            }),
        )
    }
}

impl ScalarUDFImpl for Wilson {
    fn name(&self) -> &str {
        self.bound.function()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn coerce_types(&self, arguments: &[DataType]) -> Result<Vec<DataType>> {
        let name = self.name();
        if arguments.len() != 2 {
            return plan_err!(
                "{name}(successes, trials) takes two arguments, not {}",
                arguments.len()
            );
        }
        for argument in arguments {
            if !argument.is_integer() && !argument.is_null() {
                return plan_err!(
                    "{name}(successes, trials) takes whole numbers, not {argument}; \
                     CAST the argument to BIGINT if that is meant"
                );
            }
        }
        Ok(vec![DataType::Int64; 2])
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [successes, trials] = take_function_args(self.name(), arrays)?;
        let successes = successes.as_primitive::<Int64Type>();
        let trials = trials.as_primitive::<Int64Type>();
        let values = successes
            .iter()
            .zip(trials)
            .map(|(successes, trials)| self.value(successes, trials))
            .collect::<Result<Float64Array>>()?;
        let constant = |argument: &ColumnarValue| matches!(argument, ColumnarValue::Scalar(_));
        if args.args.iter().all(constant) {
            let value = values.is_valid(0).then(|| values.value(0));
            return Ok(ColumnarValue::Scalar(value.into()));
        }
        Ok(ColumnarValue::Array(Arc::new(values) as ArrayRef))
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven
    /// methods", Statistics in Medicine 17 (1998), table I, method 3 (score, without continuity
    /// correction).
    #[test]
    fn the_published_intervals_come_out() {
        for (successes, trials, lower, upper) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0000, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (l, u) = interval(successes, trials).unwrap();
            assert!((l - lower).abs() < 5e-5, "{successes}/{trials}: {l}");
            assert!((u - upper).abs() < 5e-5, "{successes}/{trials}: {u}");
        }
    }

    #[test]
    fn the_ends_are_exact_and_mirror_each_other() {
        for trials in 1..200 {
            assert_eq!(interval(0, trials).unwrap().0, 0.0);
            assert_eq!(interval(trials, trials).unwrap().1, 1.0);
            for successes in 0..=trials {
                let (lower, upper) = interval(successes, trials).unwrap();
                let (low, up) = interval(trials - successes, trials).unwrap();
                assert!((lower - (1.0 - up)).abs() < 1e-12);
                assert!((upper - (1.0 - low)).abs() < 1e-12);
                let p = successes as f64 / trials as f64;
                assert!(0.0 <= lower && lower <= p && p <= upper && upper <= 1.0);
            }
        }
    }

    #[test]
    fn no_trial_has_no_interval() {
        assert_eq!(interval(0, 0), None);
    }
}
