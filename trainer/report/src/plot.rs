//! A plot: axes and marks, drawn as SVG by plotters.
//!
//! The colours below are those of light paper; the page's style sheet names each of them and gives dark paper others.

use std::ops::Range;

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, EmptyElement, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle, TextStyle};

use super::axis::Axis;

/// How wide a plot is, in units of a CSS pixel; the page scales it to its column.
const WIDTH: i32 = 480;

/// Plotters places everything at whole units, so a pixel has several.
const UNIT: i32 = 8;

const TEXT_SIZE: i32 = 13;

/// What something is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Accent,
    Text,
    Muted,
    Grid,
}

impl Ink {
    pub(super) const ALL: [(Ink, &'static str); 4] =
        [(Ink::Accent, "accent"), (Ink::Text, "text"), (Ink::Muted, "muted"), (Ink::Grid, "grid")];

    /// As the SVG writes it.
    pub(super) fn hex(self) -> String {
        let RGBColor(red, green, blue) = self.color();
        format!("#{red:02X}{green:02X}{blue:02X}")
    }

    fn color(self) -> RGBColor {
        match self {
            Ink::Accent => RGBColor(0x1d, 0x5f, 0xa6),
            Ink::Text => RGBColor(0x22, 0x27, 0x2e),
            Ink::Muted => RGBColor(0x70, 0x77, 0x81),
            Ink::Grid => RGBColor(0xe4, 0xe7, 0xeb),
        }
    }
}

/// Something in a plot, by values on its axes.
pub(super) enum Mark {
    /// A line through points.
    Line(Vec<(f64, f64)>, ShapeStyle),
    /// What lies within a line through points.
    Polygon(Vec<(f64, f64)>, ShapeStyle),
    /// What lies between two corners.
    Rectangle([(f64, f64); 2], ShapeStyle),
    /// Circles with a radius in units.
    Circles(Vec<(f64, f64)>, u32, ShapeStyle),
    /// Words to the right of a point.
    Words((f64, f64), String),
}

impl Mark {
    /// A line through points, so many pixels wide.
    pub(super) fn line(points: Vec<(f64, f64)>, ink: Ink, width: f64) -> Mark {
        Mark::Line(points, stroke(ink, width))
    }

    /// A line across the whole plot.
    pub(super) fn across(y: f64) -> Mark {
        Mark::line(vec![(f64::MIN, y), (f64::MAX, y)], Ink::Grid, 1.0)
    }

    /// A line from the bottom of the plot to its top.
    pub(super) fn upright(x: f64) -> Mark {
        Mark::line(vec![(x, f64::MIN), (x, f64::MAX)], Ink::Text, 1.0)
    }

    /// What lies between two lines, each point an x with its low and its high y.
    pub(super) fn band(points: &[(f64, f64, f64)], ink: Ink, opacity: f64) -> Mark {
        let high = points.iter().map(|(x, _, high)| (*x, *high));
        let low = points.iter().rev().map(|(x, low, _)| (*x, *low));
        Mark::Polygon(high.chain(low).collect(), filled(ink, opacity))
    }

    /// What lies between two values of x and two of y.
    pub(super) fn area(x: (f64, f64), y: (f64, f64), ink: Ink, opacity: f64) -> Mark {
        Mark::Rectangle([(x.0, y.0), (x.1, y.1)], filled(ink, opacity))
    }

    /// A bar from 0 on, in a row of a list by its middle.
    pub(super) fn bar(row: f64, end: f64, opacity: f64) -> Mark {
        Mark::area((0.0, end), (row - 0.3, row + 0.3), Ink::Accent, opacity)
    }

    /// Dots with a radius in pixels.
    pub(super) fn dots(points: Vec<(f64, f64)>, ink: Ink, radius: f64, opacity: f64) -> Mark {
        Mark::Circles(points, wide(radius), filled(ink, opacity))
    }

    /// Rings with a radius in pixels.
    pub(super) fn rings(points: Vec<(f64, f64)>, ink: Ink, radius: f64) -> Mark {
        Mark::Circles(points, wide(radius), stroke(ink, 1.5))
    }
}

/// A plot, ready to be drawn.
pub(super) struct Plot {
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// Of the field between the axes, in pixels.
    pub(super) height: i32,
    pub(super) marks: Vec<Mark>,
}

/// Why there is no plot.
#[derive(Debug, thiserror::Error)]
#[error("a plot cannot be drawn: {0}; this is a fault of the program, please report it")]
pub struct PlotError(#[from] DrawingAreaErrorKind<std::io::Error>);

impl Plot {
    pub(super) fn new(x: Axis, y: Axis, marks: Vec<Mark>) -> Plot {
        Plot { x, y, height: 260, marks }
    }

    /// A plot with a row a name, from the top down.
    pub(super) fn list(x: Axis, names: Vec<String>, marks: Vec<Mark>) -> Plot {
        let rows = i32::try_from(names.len()).unwrap_or(i32::MAX / 1000);
        let mut y = Axis::names("", names);
        y.is_downward = true;
        Plot { x, y, height: 21 * rows, marks }
    }

    /// The plot as SVG that stands in a page; `label` is for those who do not see it, as it may stand in an attribute.
    ///
    /// # Errors
    ///
    /// [`PlotError`]
    pub(super) fn svg(&self, label: &str) -> Result<String, PlotError> {
        let above = if self.y.title.is_empty() { 8 } else { 28 };
        let below = 22 + if self.x.title.is_empty() { 4 } else { 20 };
        let (width, height) = (px(WIDTH), px(above + self.height + below));
        let mut drawn = String::new();
        {
            let size = (width.unsigned_abs(), height.unsigned_abs());
            let root = SVGBackend::with_string(&mut drawn, size).into_drawing_area();
            self.draw(&root, above, below)?;
            root.present()?;
        }
        // Its own head says less than a page needs, and how large it is.
        let body = drawn.split_once('>').map_or("", |(_, body)| body).replace('\n', "");
        Ok(format!(
            "<svg role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {width} {height}\">{body}"
        ))
    }

    fn draw(
        &self,
        root: &DrawingArea<SVGBackend<'_>, Shift>,
        above: i32,
        below: i32,
    ) -> Result<(), PlotError> {
        let left = self.left();
        let (x, y) = (&self.x, &self.y);
        let mut chart = ChartBuilder::on(root)
            .margin_top(px(above))
            .margin_bottom(px(below - 22))
            .margin_right(px(self.right()))
            .x_label_area_size(px(22))
            .y_label_area_size(px(left))
            .build_cartesian_2d(x.clone(), y.clone())?;
        let written = |axis: &Axis, value: f64| {
            let tick = axis.ticks.iter().find(|(at, _)| (at - value).abs() < 1e-9);
            tick.map(|(_, text)| text.clone()).unwrap_or_default()
        };
        let (write_x, write_y) =
            (|value: &f64| written(x, *value), |value: &f64| written(y, *value));
        let mut mesh = chart.configure_mesh();
        mesh.bold_line_style(stroke(Ink::Grid, 1.0))
            .light_line_style(stroke(Ink::Grid, 0.0).color.mix(0.0))
            .axis_style(stroke(Ink::Grid, 1.0))
            .label_style(lettering(Ink::Muted))
            .x_label_formatter(&write_x)
            .y_label_formatter(&write_y)
            .x_labels(x.ticks.len().max(1))
            .y_labels(y.ticks.len().max(1))
            .set_all_tick_mark_size(px(4));
        if !x.has_grid {
            mesh.disable_x_mesh();
        }
        if !y.has_grid {
            mesh.disable_y_mesh();
        }
        mesh.draw()?;
        for mark in &self.marks {
            self.draw_mark(&mut chart, mark)?;
        }
        let corner = |title: &str, at: (i32, i32), h: HPos| {
            let style = lettering(Ink::Text).pos(Pos::new(h, VPos::Center));
            root.draw(&Text::new(title.to_owned(), (px(at.0), px(at.1)), style))
        };
        corner(&y.title, (4, 12), HPos::Left)?;
        let height = above + self.height + below;
        corner(&x.title, (left + (WIDTH - left) / 2, height - 10), HPos::Center)?;
        Ok(())
    }

    /// The room for what a number at the end of the level axis needs beyond it.
    fn right(&self) -> i32 {
        let Axis { low, high, ticks, .. } = &self.x;
        let last = ticks.last().filter(|(at, _)| high - at < 0.05 * (high - low));
        10 + last.map_or(0, |(_, text)| characters(text) * 4)
    }

    /// The room for what stands next to the vertical axis.
    fn left(&self) -> i32 {
        16 + self.y.ticks.iter().map(|(_, text)| characters(text)).max().unwrap_or(0) * 7
    }

    fn draw_mark(&self, chart: &mut Field<'_, '_>, mark: &Mark) -> Result<(), PlotError> {
        let at = |(x, y): &(f64, f64)| (self.x.place(*x), self.y.place(*y));
        let all = |points: &[(f64, f64)]| points.iter().map(at).collect::<Vec<_>>();
        match mark {
            Mark::Line(points, style) => {
                chart.draw_series([PathElement::new(all(points), *style)])?;
            }
            Mark::Polygon(points, style) => {
                chart.draw_series([Polygon::new(all(points), *style)])?;
            }
            Mark::Rectangle(corners, style) => {
                chart.draw_series([Rectangle::new([at(&corners[0]), at(&corners[1])], *style)])?;
            }
            Mark::Circles(points, radius, style) => {
                let circle = |point| Circle::new(at(point), *radius, *style);
                chart.draw_series(points.iter().map(circle))?;
            }
            Mark::Words(point, words) => {
                let style = lettering(Ink::Muted).pos(Pos::new(HPos::Left, VPos::Center));
                let words = Text::new(words.clone(), (px(9), 0), style);
                chart.draw_series([EmptyElement::at(at(point)) + words])?;
            }
        }
        Ok(())
    }
}

/// The field between the axes.
type Field<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    #[expect(clippy::cast_possible_truncation, reason = "between the limits, which are i32")]
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let (start, end) = self.ends();
        let (from, to) = (f64::from(limit.0), f64::from(limit.1));
        (from + (value - start) / (end - start) * (to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|(at, _)| *at).collect()
    }

    fn range(&self) -> Range<f64> {
        let (start, end) = self.ends();
        start..end
    }
}

fn characters(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(0)
}

fn lettering(ink: Ink) -> TextStyle<'static> {
    // Plotters takes the height of a line for the size.
    let style = TextStyle::from(("sans-serif", f64::from(px(TEXT_SIZE)) * 1.24));
    TextStyle { color: ink.color().to_backend_color(), ..style }
}

fn px(pixels: i32) -> i32 {
    pixels.saturating_mul(UNIT)
}

/// So many pixels in whole units.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few pixels")]
fn wide(pixels: f64) -> u32 {
    (pixels * f64::from(UNIT)).round().max(1.0) as u32
}

fn filled(ink: Ink, opacity: f64) -> ShapeStyle {
    ink.color().mix(opacity).filled()
}

fn stroke(ink: Ink, width: f64) -> ShapeStyle {
    ink.color().stroke_width(wide(width))
}
