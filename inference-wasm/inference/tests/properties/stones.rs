//! The stones that the tests price with every model.

use inference::{Carat, Clarity, Color, Cut, Diamond, Measures, Millimetres, Percent};

/// A typical stone, one with the four Cs only, and one whose measures all contradict each other.
pub(crate) fn stones() -> [Diamond; 3] {
    let percent = |percent| Some(Percent::new(percent).expect("a percentage"));
    let mm = |mm| Some(Millimetres::new(mm).expect("a length"));
    let stone = |carat, measures| Diamond {
        carat: Carat::new(carat).expect("a weight"),
        cut: Cut::Ideal,
        color: Color::G,
        clarity: Clarity::VS1,
        measures,
    };
    let [depth, table] = [percent(61.5), percent(57.0)];
    let measured = Measures { depth, table, x: mm(5.7), y: mm(5.72), z: mm(3.51) };
    let contradictory = Measures { depth: percent(1e-9), x: mm(1e-9), z: mm(9.0), ..measured };
    [stone(0.7, measured), stone(1.0, Measures::default()), stone(1e-9, contradictory)]
}
