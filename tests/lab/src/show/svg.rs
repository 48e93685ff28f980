//! Plots as pictures. They take their colours from the page, so that they are light on dark and dark on
//! light.

use std::fmt::Debug;

use anyhow::{Context, anyhow};
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

use super::{Axis, Plot, Series};

/// Pixels, of which the page makes what fits.
const SIZE: (u32, u32) = (760, 420);
/// Stands for the page's own colour of text until the picture is made. No curve has it.
const INK: RGBColor = RGBColor(1, 2, 3);
/// The same as the picture has it.
const INK_WRITTEN: &str = "#010203";
/// Numbers at an axis. With ten or more, those between the powers of ten would run into each other.
const LABELS: usize = 6;
/// Colours that can be told apart on white and on black, also by most who are colour-blind (Okabe, Ito).
const COLORS: [RGBColor; 7] = [
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 158, 115),
    RGBColor(213, 94, 0),
    RGBColor(204, 121, 167),
    RGBColor(0, 114, 178),
    RGBColor(150, 150, 150),
];

/// A plot as an SVG element.
///
/// # Errors
///
/// If it has no points.
pub(super) fn render(plot: &Plot) -> anyhow::Result<String> {
    let points = || plot.series.iter().flat_map(|series| &series.points);
    let (left, right) = range(points().map(|(x, _)| *x), &plot.x).context("a plot of nothing")?;
    let (low, high) = range(points().map(|(_, y)| *y), &plot.y).context("a plot of nothing")?;
    let (x, y) = (left..right, low..high);
    let mut svg = String::new();
    match (plot.x.logarithmic, plot.y.logarithmic) {
        (false, false) => draw(&mut svg, plot, x, y),
        (true, false) => draw(&mut svg, plot, x.log_scale(), y),
        (false, true) => draw(&mut svg, plot, x, y.log_scale()),
        (true, true) => draw(&mut svg, plot, x.log_scale(), y.log_scale()),
    }?;
    let svg = svg.replace(INK_WRITTEN, "currentColor");
    // A picture with a fixed size would not fit on a phone.
    let (width, height) = SIZE;
    Ok(svg.replacen(&format!(r#"width="{width}" height="{height}" "#), "", 1))
}

/// From where to where an axis goes: a little beyond the values, and from 0 if it has equal steps.
fn range(values: impl Iterator<Item = f64>, axis: &Axis) -> Option<(f64, f64)> {
    let usable = values.filter(|value| value.is_finite() && (!axis.logarithmic || *value > 0.0));
    let (least, most) = usable.fold((f64::MAX, f64::MIN), |(least, most), value| {
        (least.min(value), most.max(value))
    });
    if least > most {
        return None;
    }
    Some(match axis.logarithmic {
        true => decades(least / 1.3, most * 1.3),
        false => (least.min(0.0), if most > 0.0 { most * 1.08 } else { 1.0 }),
    })
}

/// A range that has two powers of ten in it at least, which are what is labelled.
fn decades(least: f64, most: f64) -> (f64, f64) {
    let (first, last) = (least.log10().ceil(), most.log10().floor());
    match last > first {
        true => (least, most),
        false => (10_f64.powf(first - 1.0), 10_f64.powf(last + 1.0)),
    }
}

fn draw<X, Y>(svg: &mut String, plot: &Plot, x: X, y: Y) -> anyhow::Result<()>
where
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let text = |size: u32| ("sans-serif", size).into_font().color(&INK);
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(46)
        .y_label_area_size(64)
        .build_cartesian_2d(x, y)
        .map_err(failed)?;
    chart
        .configure_mesh()
        .x_labels(LABELS)
        .y_labels(LABELS)
        .x_desc(plot.x.label.as_str())
        .y_desc(plot.y.label.as_str())
        .axis_style(INK.mix(0.6))
        .bold_line_style(INK.mix(0.18))
        .light_line_style(INK.mix(0.05))
        .label_style(text(13))
        .axis_desc_style(text(14))
        .x_label_formatter(&|value| label(*value))
        .y_label_formatter(&|value| label(*value))
        .draw()
        .map_err(failed)?;
    for (place, series) in plot.series.iter().enumerate() {
        let color = COLORS[counterpart(plot, series).unwrap_or(place) % COLORS.len()];
        let drawn = match series.published {
            true => chart.draw_series(DashedLineSeries::new(
                points(series),
                6,
                5,
                color.stroke_width(2),
            )),
            false => chart
                .draw_series(LineSeries::new(points(series), color.stroke_width(2)).point_size(3)),
        };
        drawn
            .map_err(failed)?
            .label(&series.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(3)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(text(13))
        .margin(6)
        .draw()
        .map_err(failed)?;
    area.present().map_err(failed)
}

/// Of a published curve, the place of one's own of the same thing: "TLPI poll" is beside "poll".
fn counterpart(plot: &Plot, series: &Series) -> Option<usize> {
    let (_, name) = series.name.split_once(' ').filter(|_| series.published)?;
    let mut all = plot.series.iter();
    all.position(|own| !own.published && own.name == name)
}

fn points(series: &Series) -> impl Iterator<Item = (f64, f64)> + Clone {
    series.points.iter().copied()
}

/// A number at an axis: 10,000 rather than 1e4, and 0.05 rather than 0.050000.
fn label(value: f64) -> String {
    match value.abs() {
        1.0.. => super::number(value.round() as u64),
        _ => format!("{value:.3}")
            .trim_end_matches(['0'])
            .trim_end_matches('.')
            .to_owned(),
    }
}

fn failed(error: impl Debug) -> anyhow::Error {
    anyhow!("a plot cannot be drawn: {error:?}")
}
