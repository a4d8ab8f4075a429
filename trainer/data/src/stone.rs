//! A stone with its price: one valid row of a diamond CSV.

use inference::diamond::Measures;
use inference::{
    Clarity, Color, Cut, Diamond, DiamondInput, Features, FieldError, FieldValue, Millimetres,
    Percent, PriceList, Usd,
};

pub use crate::identity::{Identity, hex};
use crate::numeral::push_number;
pub use table::FIELDS as COLUMNS;
use table::is_dimension;

/// The columns that a table must have: all but the price list.
pub const REQUIRED: &[&str] = COLUMNS.split_at(COLUMNS.len() - 1).0;

/// The grades of a column from the code 0 on; `None` for a number.
pub fn grades(column: &str) -> Option<&'static [&'static str]> {
    match column {
        "cut" => Some(Cut::NAMES),
        "color" => Some(Color::NAMES),
        "clarity" => Some(Clarity::NAMES),
        _ => None,
    }
}

/// How long a row is in its canonical spelling, about.
const CANONICAL_BYTES: usize = 80;

/// A stone and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Stone {
    /// The stone. A dimension that was delivered as 0 was not measured.
    pub diamond: Diamond,
    /// What the stone cost.
    pub price: Usd,
    /// What the row says, and nothing else: neither its file nor its line nor the way numbers were written.
    pub identity: Identity,
}

impl Stone {
    /// Reads a stone from its entries by column name. Every column but the price list is required; only x, y and z may be 0,
    /// which this data set writes for dimensions that were not measured.
    ///
    /// # Errors
    ///
    /// One [`FieldError`] for every bad column, in the order of [`COLUMNS`].
    pub fn parse<'a>(entry: impl Fn(&str) -> FieldValue<'a>) -> Result<Stone, Vec<FieldError>> {
        let mut input = DiamondInput::default();
        let mut errors = Vec::new();
        for field in DiamondInput::FIELDS {
            match entry(field) {
                FieldValue::Absent if is_measure(field) => errors.push(required(field)),
                FieldValue::Number(0.0) if is_dimension(field) => {}
                entry => {
                    if let Some(slot) = input.value_mut(field) {
                        *slot = entry;
                    }
                }
            }
        }
        let price = parse_price(&entry("price")).map_err(|error| errors.push(error)).ok();
        let diamond = input.parse().map_err(|found| errors.extend(found)).ok();
        match (diamond, price) {
            (Some(diamond), Some(price)) if errors.is_empty() => Ok(Stone::new(diamond, price)),
            _ => {
                errors.sort_by_key(|error| COLUMNS.iter().position(|name| *name == error.field));
                Err(errors)
            }
        }
    }

    fn new(diamond: Diamond, price: Usd) -> Stone {
        let mut stone = Stone { diamond, price, identity: Identity([0; 32]) };
        let mut row = stone.canonical();
        let appearance = stone.appearance().unwrap_or_else(|| row.clone());
        // What the order of x and y says of the list, x and y say already: the row is the same whether it states that or not.
        if let Some(list) = diamond.price_list.filter(|it| stone.list_by_orientation() != Some(*it))
        {
            row.push(',');
            row.push_str(&list.as_str().to_ascii_lowercase());
        }
        stone.identity = Identity::of(&appearance, &row);
        stone
    }

    /// The stone in a price list.
    #[must_use]
    pub fn listed(self, list: PriceList) -> Stone {
        Stone::new(Diamond { price_list: Some(list), ..self.diamond }, self.price)
    }

    /// The list that the order of x and y tells in the public table: `A` where x is smaller, `B` where it is larger.
    pub fn list_by_orientation(&self) -> Option<PriceList> {
        let name = match self.diamond.measures {
            Measures { x: Some(x), y: Some(y), .. } if x < y => "A",
            Measures { x: Some(x), y: Some(y), .. } if x > y => "B",
            _ => return None,
        };
        name.parse().ok()
    }

    /// The row in one spelling, whichever it arrived in: columns in their order, numbers as short as they go. The price list is
    /// not among them.
    pub(crate) fn canonical(&self) -> String {
        let Diamond { carat, cut, color, clarity, .. } = self.diamond;
        let [depth, table, x, y, z] = self.measures();
        let grades = [cut.as_str(), color.as_str(), clarity.as_str()];
        spelled(carat.carats(), &grades, &[depth, table, self.price.usd(), x, y, z])
    }

    /// What all listings of a stone say, in one spelling: neither the cut, which is a judgement, nor the depth in percent, which
    /// follows from the others, nor which diameter is x. `None` for a stone without all of its dimensions.
    fn appearance(&self) -> Option<String> {
        let Diamond { carat, color, clarity, measures, .. } = self.diamond;
        let diameters = measures.diameters()?.map(Millimetres::millimetres);
        let z = measures.z?.millimetres();
        let table = measures.table.map(Percent::percent).unwrap_or_default();
        let numbers = [diameters[0], diameters[1], z, table];
        Some(spelled(carat.carats(), &[color.as_str(), clarity.as_str()], &numbers))
    }

    /// Depth and table in percent, x, y and z in mm; 0 where not measured.
    pub fn measures(&self) -> [f64; 5] {
        let measures = &self.diamond.measures;
        let percents = [measures.depth, measures.table].map(|share| share.map(Percent::percent));
        let sides =
            [measures.x, measures.y, measures.z].map(|side| side.map(Millimetres::millimetres));
        let ([depth, table], [x, y, z]) = (percents, sides);
        [depth, table, x, y, z].map(Option::unwrap_or_default)
    }

    /// Whether x, y and z are all known.
    pub fn is_measured(&self) -> bool {
        let measures = &self.diamond.measures;
        measures.x.is_some() && measures.y.is_some() && measures.z.is_some()
    }

    /// The stone as numbers.
    pub fn features(&self) -> Features {
        Features::of(&self.diamond)
    }
}

/// A weight, grades and other numbers with commas, numbers as short as they go.
fn spelled(carat: f64, grades: &[&str], numbers: &[f64]) -> String {
    let mut text = String::with_capacity(CANONICAL_BYTES);
    push_number(carat, &mut text);
    for grade in grades {
        text.push(',');
        text.push_str(grade);
    }
    for number in numbers {
        text.push(',');
        push_number(*number, &mut text);
    }
    text
}

fn is_measure(field: &str) -> bool {
    is_dimension(field) || matches!(field, "depth" | "table")
}

fn parse_price(entry: &FieldValue<'_>) -> Result<Usd, FieldError> {
    let allowed = || format!("a number greater than 0 and at most {} (dollars)", Usd::MAX);
    let refused = |message: String| FieldError {
        field: String::from("price"),
        value: entry.to_string(),
        message,
        allowed: allowed(),
    };
    match entry {
        FieldValue::Absent => Err(FieldError { allowed: allowed(), ..required("price") }),
        FieldValue::Number(value) => Usd::new(*value).map_err(|error| refused(error.to_string())),
        FieldValue::Text(_) | FieldValue::Other(_) => {
            Err(refused(String::from("must be a number")))
        }
    }
}

fn required(field: &str) -> FieldError {
    let allowed = if is_dimension(field) {
        "a number of mm; 0 where it was not measured"
    } else {
        "a number of percent, greater than 0"
    };
    FieldError {
        field: String::from(field),
        value: String::new(),
        message: String::from("is required"),
        allowed: String::from(allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(row: &str) -> Result<Stone, Vec<FieldError>> {
        let texts: Vec<&str> = row.split(',').collect();
        Stone::parse(|field| {
            let at = COLUMNS.iter().position(|name| *name == field).unwrap();
            FieldValue::from_text(field, texts.get(at).unwrap_or(&""))
        })
    }

    #[test]
    fn spelling_of_numbers_and_grades_does_not_change_the_identity() {
        let stone = parse("1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,4").unwrap();
        let check = |row: &str, same: bool| {
            assert_eq!(parse(row).unwrap().identity == stone.identity, same, "{row}");
        };
        check("1.10,very good,e,si1,60.0,58.00,5e3,6.60, 6.7 ,4.000", true);
        check("1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,4.01", false);
        check("1.1,Very Good,E,SI1,60,58,5001,6.6,6.7,4", false);
        check("1.1,Good,E,SI1,60,58,5000,6.6,6.7,4", false);
        check("1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,4,A", true);
        check("1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,4,B", false);
    }

    #[test]
    fn listings_of_a_stone_share_the_first_half_of_the_identity() {
        let stone = parse("1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,4").unwrap();
        let check = |row: &str, same: bool| {
            let other = parse(row).unwrap().identity;
            assert_eq!(other.stone() == stone.identity.stone(), same, "{row}");
            assert_ne!(other, stone.identity, "{row}");
        };
        check("1.1,Very Good,E,SI1,60,58,5000,6.7,6.6,4", true);
        check("1.1,Good,E,SI1,60.1,58,5300,6.7,6.6,4,Smith", true);
        check("1.1,Very Good,F,SI1,60,58,5000,6.6,6.7,4", false);
        check("1.1,Very Good,E,SI1,60,57,5000,6.6,6.7,4", false);
        check("1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,4.01", false);
        check("1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,0", false);
        // Without measures there is nothing that tells stones apart but the row.
        let unmeasured = "1.1,Very Good,E,SI1,60,58,5000,6.6,6.7,0";
        let other = "1.1,Very Good,E,SI1,60,58,5001,6.6,6.7,0";
        let stone = |row: &str| parse(row).unwrap().identity.stone();
        assert_ne!(stone(unmeasured), stone(other));
        assert_eq!(stone(unmeasured), stone(&format!("{unmeasured},Smith")));
    }

    #[test]
    fn a_stated_list_is_a_part_of_the_row_unless_x_and_y_say_it_already() {
        let check = |x: &str, y: &str, list: &str, same: bool| {
            let row = format!("1.1,Good,E,SI1,60,58,5000,{x},{y},4");
            let listed = parse(&format!("{row},{list}")).unwrap();
            assert_eq!(listed.diamond.price_list, list.parse().ok());
            let plain = parse(&row).unwrap();
            assert_eq!(listed.identity == plain.identity, same, "{x} {y} {list}");
            assert_eq!(plain.listed(list.parse().unwrap()), listed);
        };
        check("6.6", "6.7", "a", true);
        check("6.7", "6.6", "B", true);
        check("6.6", "6.7", "B", false);
        check("6.6", "6.6", "A", false);
        check("0", "6.6", "A", false);
        check("6.6", "6.7", "Smith", false);
        let identity =
            |list| parse(&format!("1,Good,E,SI1,60,58,5000,6,6,4,{list}")).unwrap().identity;
        assert_eq!(identity("Smith"), identity(" SMITH "));
    }

    #[test]
    fn a_dimension_of_0_is_unmeasured_and_any_other_0_is_refused() {
        let stone = parse("1,Good,E,SI1,60,58,5000,0,0.0,-0").unwrap();
        assert!(stone.canonical().ends_with(",60,58,5000,0,0,0"), "{stone:?}");
        assert!(!stone.is_measured());
        for row in [
            "0,Good,E,SI1,60,58,5000,1,1,1",
            "1,Good,E,SI1,0,58,5000,1,1,1",
            "1,Good,E,SI1,60,0,5000,1,1,1",
            "1,Good,E,SI1,60,58,0,1,1,1",
        ] {
            assert_eq!(parse(row).unwrap_err().len(), 1, "{row}");
        }
    }

    #[test]
    fn every_bad_column_is_named_in_order() {
        let errors = parse("-1,,E,SI3,,58,,abc,1,,?").unwrap_err();
        let found: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(found, ["carat", "cut", "clarity", "depth", "price", "x", "z", "price_list"]);
    }
}
