//! Which price list the rows of a file are of that state none.

use inference::PriceList;

use crate::stone::Stone;

/// Which price list a row is of that states none. One that a row states is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListRule {
    /// None.
    #[default]
    AsStated,
    /// This one, as if the row stated it.
    Named(PriceList),
    /// What the order of x and y tells in the public table: [`Stone::list_by_orientation`].
    Orientation,
}

impl ListRule {
    /// The stone in its list.
    #[must_use]
    pub fn apply(self, stone: Stone) -> Stone {
        if stone.diamond.price_list.is_some() {
            return stone;
        }
        let list = match self {
            ListRule::AsStated => None,
            ListRule::Named(list) => Some(list),
            ListRule::Orientation => stone.list_by_orientation(),
        };
        match list {
            Some(list) => stone.listed(list),
            None => stone,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::delivery::{Delivery, InputFile};

    #[test]
    fn a_rule_is_for_rows_that_state_no_list() {
        let text = "carat,cut,color,clarity,depth,table,price,x,y,z,Price_List
1,Good,E,SI1,60,58,5000,6,6.1,4,
1,Good,E,SI1,60,58,5000,6.1,6,4,
1,Good,E,SI1,60,58,5000,6.1,6,4, a
1,Good,E,SI1,60,58,5000,6,6,4,
1,Good,E,SI1,60,58,5000,0,6,4,
1,Good,E,SI1,60,58,5000,6,6,4,no/name
";
        let check = |rule: ListRule, expected: [&str; 5]| {
            let input = InputFile::of_bytes(Path::new("rows.csv"), text.into()).unwrap();
            let delivery = Delivery::of(&input.with_lists(rule)).unwrap();
            let list = |stone: &Stone| stone.diamond.price_list.map(|list| list.to_string());
            let lists = delivery.stones.iter().map(|(_, stone)| list(stone).unwrap_or_default());
            assert_eq!(lists.collect::<Vec<_>>(), expected);
            let [rejected] = &delivery.rejected[..] else { panic!("{:?}", delivery.rejected) };
            assert_eq!((rejected.line, rejected.errors[0].field.as_str()), (7, "price_list"));
            assert_eq!(rejected.errors[0].value, "no/name");
        };
        check(ListRule::AsStated, ["", "", "a", "", ""]);
        check(ListRule::Named("Smith".parse().unwrap()), ["Smith", "Smith", "a", "Smith", "Smith"]);
        check(ListRule::Orientation, ["A", "B", "a", "", ""]);
    }
}
