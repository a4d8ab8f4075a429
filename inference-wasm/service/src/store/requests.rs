//! The journal, read back: pages of it, one row of it, and a summary of its latest part.

mod page;
mod row;
mod window;

pub(crate) use page::{Filter, Order, Page, RouteFilter};
pub(crate) use row::RequestRow;
pub(crate) use window::Group;

/// Lies before the key of every row.
const BEFORE_ALL: &str = "";

/// Lies behind the key of every row: keys are hexadecimal.
const BEHIND_ALL: &str = "g";

#[cfg(test)]
mod tests {
    use api::journal::first_id;

    use super::*;

    #[test]
    fn a_moment_lies_before_its_own_ids_and_behind_earlier_ones() {
        let id = |ms: u64, random: [u8; 10]| {
            uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid().to_string()
        };
        for ms in [0, 1, 65_535, 65_536, 1_795_453_200_000, (1 << 48) - 2] {
            let first = first_id(i64::try_from(ms).unwrap());
            assert!(first < id(ms, [0; 10]), "{ms}");
            assert!(first > id(ms.saturating_sub(1), [255; 10]) || ms == 0, "{ms}");
        }
        assert_eq!(first_id(-1), first_id(0));
        assert!(first_id(i64::MAX).as_str() < BEHIND_ALL);
    }
}
