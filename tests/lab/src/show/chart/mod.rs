//! Curves in characters: a letter for each curve, axes with labels, and below it the values.

mod axis;

use std::iter;

use textwrap::wrap;

use axis::Range;

use super::text::render_table;
use super::{Align, Plot, Series, Table, number};

/// Characters of the area that the curves are drawn in.
const WIDTH: usize = 62;
const HEIGHT: usize = 16;
/// Characters left of it, for the labels of the y axis.
const MARGIN: usize = 9;
/// Where more than one curve has a point.
const SEVERAL: char = '*';
/// Between two points of a curve.
const BETWEEN: char = '·';

/// The title, the curves, which letter is which, and the values.
pub(super) fn render(plot: &Plot) -> String {
    let mut lines = vec![plot.title.clone(), String::new()];
    lines.push(format!("{:>MARGIN$}", plot.y.label));
    let drawn = Range::of(&plot.x, points(plot).map(|(x, _)| x), false).zip(Range::of(
        &plot.y,
        points(plot).map(|(_, y)| y),
        true,
    ));
    if let Some((x, y)) = drawn {
        lines.extend(draw(plot, &x, &y));
    }
    let legend = (plot.series.iter().zip(letters(&plot.series)))
        .map(|(series, letter)| format!("{letter}\u{a0}{}", spaced(&legend(series))));
    let legend = legend.collect::<Vec<_>>().join("   ");
    lines.push(String::new());
    lines.extend(
        wrap(&legend, MARGIN + WIDTH)
            .iter()
            .map(|line| line.replace('\u{a0}', " ")),
    );
    format!("{}\n\n{}", lines.join("\n"), render_table(&values(plot)))
}

/// All points of all curves.
fn points(plot: &Plot) -> impl Iterator<Item = (f64, f64)> {
    plot.series
        .iter()
        .flat_map(|series| series.points.iter().copied())
}

/// Capital letters for curves that were measured here, small ones for those that others have published.
fn letters(series: &[Series]) -> impl Iterator<Item = char> {
    let (mut own, mut others) = ('A'..='Z', 'a'..='z');
    series.iter().map(move |series| {
        let next = if series.published {
            others.next()
        } else {
            own.next()
        };
        next.unwrap_or('?')
    })
}

fn legend(series: &Series) -> String {
    match series.published {
        true => format!("{} (published)", series.name),
        false => series.name.clone(),
    }
}

/// A name that is not broken into lines.
fn spaced(name: &str) -> String {
    name.replace(' ', "\u{a0}")
}

/// The area, with its axes.
fn draw(plot: &Plot, x: &Range, y: &Range) -> Vec<String> {
    let mut area = vec![[' '; WIDTH]; HEIGHT];
    for series in &plot.series {
        let cells: Vec<_> = (series.points.iter())
            .filter_map(|(px, py)| Some((x.cell(*px, WIDTH)?, y.cell(*py, HEIGHT)?)))
            .collect();
        for pair in cells.windows(2) {
            connect(&mut area, pair[0], pair[1]);
        }
    }
    for (series, letter) in plot.series.iter().zip(letters(&plot.series)) {
        for (px, py) in &series.points {
            if let Some((column, row)) = x.cell(*px, WIDTH).zip(y.cell(*py, HEIGHT)) {
                let cell = &mut area[row][column];
                let free = matches!(*cell, ' ' | BETWEEN);
                *cell = if free { letter } else { SEVERAL };
            }
        }
    }
    let labels = y.ticks().into_iter();
    let labels: Vec<_> = labels
        .filter_map(|tick| Some((y.cell(tick, HEIGHT)?, tick)))
        .collect();
    let rows = area.iter().enumerate().rev().map(|(row, cells)| {
        let label = labels.iter().find(|(at, _)| *at == row);
        let (label, axis) = label.map_or((String::new(), '│'), |(_, tick)| (short(*tick), '┤'));
        let cells: String = cells.iter().collect();
        format!("{label:>MARGIN$} {axis}{}", cells.trim_end())
    });
    rows.chain(x_axis(x, &plot.x.label)).collect()
}

/// Dots from one cell to another.
fn connect(area: &mut [[char; WIDTH]], from: (usize, usize), to: (usize, usize)) {
    let steps = to.0.abs_diff(from.0).max(to.1.abs_diff(from.1));
    for step in 1..steps {
        let part = step as f64 / steps as f64;
        let between = |from: usize, to: usize| {
            (from as f64 + (to as f64 - from as f64) * part).round() as usize
        };
        area[between(from.1, to.1)][between(from.0, to.0)] = BETWEEN;
    }
}

/// The line of the axis, the values below it, and what it is.
fn x_axis(x: &Range, label: &str) -> [String; 3] {
    let mut line = ['─'; WIDTH];
    let mut below = [' '; WIDTH + MARGIN];
    for tick in x.ticks() {
        if let Some(column) = x.cell(tick, WIDTH) {
            line[column] = '┬';
            let text = short(tick);
            let start = column.saturating_sub(text.len() / 2);
            for (place, character) in text.chars().enumerate() {
                below[start + place] = character;
            }
        }
    }
    let margin = " ".repeat(MARGIN + 2);
    let line: String = line.iter().collect();
    let below: String = below.iter().collect();
    [
        format!("{} └{line}", " ".repeat(MARGIN)),
        format!("{margin}{}", below.trim_end()),
        format!("{margin}{label:>WIDTH$}"),
    ]
}

/// The values: a row for each place on the x axis.
fn values(plot: &Plot) -> Table {
    let mut places: Vec<f64> = points(plot).map(|(x, _)| x).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let names = (plot.series.iter().zip(letters(&plot.series)))
        .map(|(series, letter)| format!("{letter} {}", series.name));
    let columns = iter::once(plot.x.label.clone()).chain(names);
    let mut table = Table::new(columns.map(|name| (name, Align::Right)));
    for place in places {
        let values = plot.series.iter().map(|series| {
            let point = series.points.iter().find(|(x, _)| *x == place);
            point.map_or(String::new(), |(_, y)| short(*y))
        });
        table.row(iter::once(short(place)).chain(values));
    }
    table
}

/// A number with three digits that count; whole ones whole.
fn short(value: f64) -> String {
    match value.abs() {
        100.0.. => number(value.round() as u64),
        10.0.. => trimmed(format!("{value:.1}")),
        1.0.. => trimmed(format!("{value:.2}")),
        0.1.. => trimmed(format!("{value:.3}")),
        _ => trimmed(format!("{value:.4}")),
    }
}

fn trimmed(text: String) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Axis;
    use super::*;

    fn plot(points: Vec<(f64, f64)>) -> Plot {
        let axis = |label: &str| Axis {
            label: label.into(),
            logarithmic: true,
        };
        Plot {
            title: "title".into(),
            x: axis("idle"),
            y: axis("µs"),
            series: vec![Series {
                name: "poll".into(),
                points,
                published: false,
            }],
        }
    }

    #[test]
    fn what_grows_as_its_cause_goes_from_corner_to_corner() {
        let text = render(&plot(vec![(1.0, 1.0), (10.0, 10.0), (100.0, 100.0)]));
        let lines: Vec<&str> = text.lines().collect();
        let area = &lines[3..3 + HEIGHT];
        let column = |line: &str| line.chars().position(|c| c == 'A');
        assert_eq!(column(area[0]), Some(MARGIN + 2 + WIDTH - 1), "{text}");
        assert_eq!(column(area[HEIGHT - 1]), Some(MARGIN + 2), "{text}");
        assert!(area[0].starts_with("      100 ┤"), "{text}");
    }

    #[test]
    fn two_curves_in_a_cell_are_marked() {
        let mut plot = plot(vec![(1.0, 5.0), (10.0, 50.0)]);
        let mut other = plot.series[0].clone();
        (other.published, other.points[1].1) = (true, 5.0);
        plot.series.push(other);
        let text = render(&plot);
        assert!(
            text.contains('*') && text.contains('A') && text.contains('a'),
            "{text}"
        );
        assert!(text.contains("poll (published)"), "{text}");
    }

    #[test]
    fn a_point_without_a_logarithm_stands_in_the_table_only() {
        let text = render(&plot(vec![(0.0, 7.0), (10.0, 50.0), (100.0, 60.0)]));
        assert_eq!(text.matches("A").count(), 2 + 2, "{text}"); // the curve, the legend, the table
        assert!(render(&plot(vec![])).contains("title"));
    }

    #[test]
    fn lines_fit_into_eighty_columns() {
        let text = render(&plot(vec![(10.0, 0.001), (20_000.0, 90_000.0)]));
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }
}
