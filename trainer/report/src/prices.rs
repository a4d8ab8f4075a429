//! Says which prices a model gives: their currency, their year, and the price lists that it knows.

use inference::{Predictor, PriceList, PriceLists};

/// The currency and the year, in one sentence or two.
pub(crate) fn currency_and_year(predictor: &Predictor) -> String {
    let Some(prices_in) = predictor.header().prices_in else {
        return String::from("The currency and the year of its prices are not known here.");
    };
    let (currency, year) = (prices_in.currency(), prices_in.year());
    let sign = if currency == "USD" { "" } else { " The sign $ stands for that currency here." };
    format!("Prices are in {currency} of the year {year}.{sign}")
}

/// What the price lists are; `None` where the model knows none.
pub(crate) fn lists(predictor: &Predictor) -> Option<String> {
    let lists = predictor.price_lists();
    if lists.is_empty() {
        return None;
    }
    let public = if are_of_public_data(lists) {
        " In the public data A and B are two sellers' lists."
    } else {
        ""
    };
    Some(format!(
        "It knows the price lists {lists}. Two lists may price the same stone differently, so a stone is priced by the list that is \
         named. Where none is named it is priced without one, and its range holds the price by each list.{public}"
    ))
}

/// Whether lists are called as those of the public data.
fn are_of_public_data(lists: &PriceLists) -> bool {
    lists.iter().map(|list: PriceList| list.to_string()).eq(["A", "B"])
}
