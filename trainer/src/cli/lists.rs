//! The options about price lists and currencies that files of diamonds share.

use clap::{Args, ValueEnum};
use inference::{PriceList, PricesIn};
use serde::{Deserialize, Serialize};

use data::list_rule::ListRule;

/// What the rows of a file do not say themselves. The registry keeps it with a run.
#[derive(Debug, Clone, Copy, Default, Args, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    #[serde(flatten)]
    of_rows: ListRuleArgs,

    /// The currency and the year of the prices, such as "USD 2008"
    #[arg(long, value_name = "CURRENCY YEAR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prices_in: Option<PricesIn>,
}

/// Which price list the rows of a file are of.
#[derive(Debug, Clone, Copy, Default, Args, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ListRuleArgs {
    /// The price list of the rows that state none in a column `price_list`
    #[arg(long, value_name = "NAME", conflicts_with = "price_list_by")]
    #[serde(skip_serializing_if = "Option::is_none")]
    price_list: Option<PriceList>,

    /// What tells the price list of a row that states none
    #[arg(long, value_name = "RULE", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    price_list_by: Option<ListBy>,
}

/// What tells the price list of a row.
#[derive(Debug, Clone, Copy, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ListBy {
    /// The order of x and y, as in the public table: list A where x is smaller, list B where it is larger, else none
    Orientation,
}

impl ListArgs {
    /// Whether any of the options was given.
    pub(crate) fn are_given(&self) -> bool {
        self.rule() != ListRule::AsStated || self.prices_in.is_some()
    }

    /// Which list the rows are of that state none.
    pub(crate) fn rule(&self) -> ListRule {
        self.of_rows.rule()
    }
}

impl ListRuleArgs {
    /// Which list the rows are of that state none.
    pub(crate) fn rule(&self) -> ListRule {
        match (self.price_list, self.price_list_by) {
            (Some(list), _) => ListRule::Named(list),
            (None, Some(ListBy::Orientation)) => ListRule::Orientation,
            (None, None) => ListRule::AsStated,
        }
    }
}
