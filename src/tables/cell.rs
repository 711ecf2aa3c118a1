//! The types of a table's columns, and the form in which a table is declared.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayBuilder, AsArray, Date32Builder, Float64Builder, Int32Builder, ListBuilder,
    StringBuilder,
};
use arrow::datatypes::{DataType, Date32Type, Field};
use chrono::NaiveDate;

/// The type of a column: what a row holds and how that is put into an Arrow array.
pub trait Cell {
    /// The value in a row.
    type Value<'a>;
    type Builder: ArrayBuilder;
    const NULLABLE: bool = false;

    fn data_type() -> DataType;
    fn builder() -> Self::Builder;
    /// A builder with room for about as much as `last` holds, an array of this type: batches are alike,
    /// and what grows is copied.
    fn builder_like(last: &dyn Array) -> Self::Builder;
    fn append(builder: &mut Self::Builder, value: Self::Value<'_>);
    fn append_null(builder: &mut Self::Builder);

    /// The values of an enumeration; empty where any value may stand.
    fn allowed() -> Vec<&'static str> {
        Vec::new()
    }
}

/// Room for so much and somewhat more.
fn room(last: usize) -> usize {
    last + last / 8
}

/// A builder of strings with room for about as much as `last` holds.
fn strings_like(last: &dyn Array) -> StringBuilder {
    let bytes = last.as_string::<i32>().value_data().len();
    StringBuilder::with_capacity(room(last.len()), room(bytes))
}

/// Implements [`Cell`] for a type whose builder has `append_value`.
macro_rules! cell {
    ($(#[$meta:meta])* $name:ident, $value:ty, $builder:ident, $type:ident, $convert:expr) => {
        $(#[$meta])*
        pub enum $name {}

        impl Cell for $name {
            type Value<'a> = $value;
            type Builder = $builder;

            fn data_type() -> DataType {
                DataType::$type
            }

            fn builder() -> Self::Builder {
                $builder::new()
            }

            fn builder_like(last: &dyn Array) -> Self::Builder {
                $builder::with_capacity(room(last.len()))
            }

            fn append(builder: &mut Self::Builder, value: Self::Value<'_>) {
                builder.append_value($convert(value));
            }

            fn append_null(builder: &mut Self::Builder) {
                builder.append_null();
            }
        }
    };
}

cell!(/// A whole number.
    Int, i32, Int32Builder, Int32, std::convert::identity);
cell!(/// A number.
    Float, f64, Float64Builder, Float64, std::convert::identity);
cell!(/// A day.
    Date, NaiveDate, Date32Builder, Date32, Date32Type::from_naive_date);

/// A string.
pub enum Text {}

impl Cell for Text {
    type Value<'a> = &'a str;
    type Builder = StringBuilder;

    fn data_type() -> DataType {
        DataType::Utf8
    }

    fn builder() -> Self::Builder {
        StringBuilder::new()
    }

    fn builder_like(last: &dyn Array) -> Self::Builder {
        strings_like(last)
    }

    fn append(builder: &mut Self::Builder, value: &str) {
        builder.append_value(value);
    }

    fn append_null(builder: &mut Self::Builder) {
        builder.append_null();
    }
}

/// A list of strings.
pub enum Texts {}

impl Texts {
    fn item() -> Field {
        Field::new_list_field(DataType::Utf8, false)
    }
}

impl Cell for Texts {
    type Value<'a> = Vec<&'a str>;
    type Builder = ListBuilder<StringBuilder>;

    fn data_type() -> DataType {
        DataType::List(Arc::new(Self::item()))
    }

    fn builder() -> Self::Builder {
        ListBuilder::new(StringBuilder::new()).with_field(Self::item())
    }

    fn builder_like(last: &dyn Array) -> Self::Builder {
        let items = strings_like(last.as_list::<i32>().values().as_ref());
        ListBuilder::with_capacity(items, room(last.len())).with_field(Self::item())
    }

    fn append(builder: &mut Self::Builder, value: Self::Value<'_>) {
        for item in value {
            builder.values().append_value(item);
        }
        builder.append(true);
    }

    fn append_null(builder: &mut Self::Builder) {
        builder.append(false);
    }
}

/// Where the letter may not say it, the value is NULL.
impl<C: Cell> Cell for Option<C> {
    type Value<'a> = Option<C::Value<'a>>;
    type Builder = C::Builder;
    const NULLABLE: bool = true;

    fn data_type() -> DataType {
        C::data_type()
    }

    fn builder() -> Self::Builder {
        C::builder()
    }

    fn builder_like(last: &dyn Array) -> Self::Builder {
        C::builder_like(last)
    }

    fn append(builder: &mut Self::Builder, value: Self::Value<'_>) {
        match value {
            Some(value) => C::append(builder, value),
            None => C::append_null(builder),
        }
    }

    fn append_null(builder: &mut Self::Builder) {
        C::append_null(builder);
    }

    fn allowed() -> Vec<&'static str> {
        C::allowed()
    }
}

/// One of a fixed set of strings.
pub trait Enumeration: Copy {
    fn text(self) -> &'static str;
    fn texts() -> Vec<&'static str>;
}

/// A string that is one of an enumeration's values.
pub struct Enum<E>(std::marker::PhantomData<E>);

impl<E: Enumeration> Cell for Enum<E> {
    type Value<'a> = E;
    type Builder = <Text as Cell>::Builder;

    fn data_type() -> DataType {
        Text::data_type()
    }

    fn builder() -> Self::Builder {
        Text::builder()
    }

    fn builder_like(last: &dyn Array) -> Self::Builder {
        Text::builder_like(last)
    }

    fn append(builder: &mut Self::Builder, value: E) {
        Text::append(builder, value.text());
    }

    fn append_null(builder: &mut Self::Builder) {
        Text::append_null(builder);
    }

    fn allowed() -> Vec<&'static str> {
        E::texts()
    }
}

/// Makes the letter's enumerations column types.
macro_rules! enumerations {
    ($($name:ident),+) => {
        $(impl Enumeration for crate::letter::$name {
            fn text(self) -> &'static str {
                self.as_str()
            }

            fn texts() -> Vec<&'static str> {
                Self::ALL.iter().map(|v| v.as_str()).collect()
            }
        })+
    };
}

enumerations!(
    CaseOutcome,
    CitedBy,
    GuidelineSource,
    MentionKind,
    MentionSection,
    Outcome,
    Priority,
    ReviewType,
    Severity,
    Sex,
    Status
);

/// Declares a table once: from this come its schema, its documentation, the struct `Row` that is
/// filled for each row, and the `Builder` that gathers rows into arrays.
///
/// A column is its meaning (the doc comment), its name, its type and, in brackets, its role: `key`,
/// `refers <table>` (to that table's key) or `verbatim` (it stands so in the letter).
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        $table:ident {
            $(
                $(#[doc = $meaning:literal])+
                $column:ident : $cell:ty $([ $($role:tt)+ ])?,
            )+
        }
    ) => {
        /// The table as declared.
        pub static TABLE: $crate::tables::Table = $crate::tables::Table {
            name: stringify!($table),
            about: &[$($about),+],
            columns: &[$(
                $crate::tables::Column {
                    name: stringify!($column),
                    meaning: &[$($meaning),+],
                    data_type: <$cell as $crate::tables::cell::Cell>::data_type,
                    nullable: <$cell as $crate::tables::cell::Cell>::NULLABLE,
                    allowed: <$cell as $crate::tables::cell::Cell>::allowed,
                    role: $crate::tables::cell::role!($($($role)+)?),
                },
            )+],
            schema: std::sync::OnceLock::new(),
        };

        $(#[doc = $about])+
        pub struct Row<'a> {
            $(
                $(#[doc = $meaning])+
                pub $column: <$cell as $crate::tables::cell::Cell>::Value<'a>,
            )+
        }

        /// Gathers rows into arrays.
        pub struct Builder {
            $($column: <$cell as $crate::tables::cell::Cell>::Builder,)+
        }

        impl Default for Builder {
            fn default() -> Self {
                Self { $($column: <$cell as $crate::tables::cell::Cell>::builder(),)+ }
            }
        }

        impl Builder {
            pub fn push(&mut self, row: Row<'_>) {
                $(<$cell as $crate::tables::cell::Cell>::append(&mut self.$column, row.$column);)+
            }

            /// Adds a row of NULLs, to stand in a struct that is NULL itself.
            pub fn push_null(&mut self) {
                $(<$cell as $crate::tables::cell::Cell>::append_null(&mut self.$column);)+
            }

            /// How many rows are gathered.
            pub fn rows(&self) -> usize {
                use arrow::array::ArrayBuilder;
                [$(ArrayBuilder::len(&self.$column)),+][0]
            }

            /// The columns of the rows gathered; the builder is empty after it.
            pub fn finish(&mut self) -> Vec<arrow::array::ArrayRef> {
                use arrow::array::ArrayBuilder;
                use $crate::tables::cell::Cell;
                vec![$({
                    let column = ArrayBuilder::finish(&mut self.$column);
                    self.$column = <$cell as Cell>::builder_like(column.as_ref());
                    column
                }),+]
            }
        }
    };
}

/// A column's role as [`table!`] takes it.
macro_rules! role {
    () => {
        $crate::tables::Role::Plain
    };
    (key) => {
        $crate::tables::Role::Key
    };
    (refers $table:ident) => {
        $crate::tables::Role::Refers(stringify!($table))
    };
    (verbatim) => {
        $crate::tables::Role::Verbatim
    };
}

pub(crate) use {role, table};
