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

use crate::dataset::wilson_interval;

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
        if trials == 0 {
            return Ok(None);
        }
        let interval = match (u64::try_from(successes), u64::try_from(trials)) {
            (Ok(successes), Ok(trials)) => wilson_interval(successes, trials),
            _ => None,
        };
        match (interval, self.bound) {
            (Some((lower, _)), Bound::Lower) => Ok(Some(lower)),
            (Some((_, upper)), Bound::Upper) => Ok(Some(upper)),
            (None, _) => exec_err!(
                "{}({successes}, {trials}): successes must lie between 0 and trials",
                self.name()
            ),
        }
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
