//! Curves in characters: a letter for each curve, axes with labels, and the values for the table below.

use std::iter;

use super::axis::Axis;
use super::{Curve, Figure, short};

/// Characters of the area that the curves are drawn in.
const WIDTH: usize = 62;
const HEIGHT: usize = 16;
/// Characters to its left, for the labels of the y axis.
const MARGIN: usize = 9;
/// Marks a cell in which several curves have a point.
const SEVERAL: char = '*';
/// Fills the line between two points of a curve.
const BETWEEN: char = '·';

type Area = [[char; WIDTH]; HEIGHT];

impl Figure {
    /// Returns the curves in characters, in 80 columns, and below them which letter is which.
    pub fn chart(&self) -> Vec<String> {
        let mut lines = vec![format!("{:>MARGIN$}", self.y)];
        if let Some((x, y)) = self.axes() {
            lines.extend(rows(&self.area(&x, &y), &y));
            lines.extend(x_axis(&x, &self.x));
        }
        lines.push(String::new());
        lines.extend(self.legend());
        lines
    }

    /// Returns the values as a table: its column names, and a row for each place on the x axis.
    pub fn values(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let names = self.lettered();
        let names = names.map(|(letter, curve)| format!("{letter} {}", curve.name));
        let columns = iter::once(self.x.clone()).chain(names).collect();
        let points = self.curves.iter().flat_map(|curve| &curve.points);
        let mut places: Vec<f64> = points.map(|(x, _)| *x).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        let row = |place: f64| {
            let values = self.curves.iter().map(|curve| curve.at(place));
            let values = values.map(|value| value.map_or(String::new(), short));
            iter::once(short(place)).chain(values).collect()
        };
        (columns, places.into_iter().map(row).collect())
    }

    /// Returns the curves with their letters: capitals for curves measured here, small letters for published ones.
    fn lettered(&self) -> impl Iterator<Item = (char, &Curve)> {
        let mut letters = ['A'..='Z', 'a'..='z'];
        self.curves.iter().map(move |curve| {
            let letter = letters[usize::from(curve.published)].next();
            (letter.unwrap_or('?'), curve)
        })
    }

    /// Returns the legend of letters; no name is broken across lines.
    fn legend(&self) -> Vec<String> {
        let mut lines = vec![String::new()];
        for (letter, curve) in self.lettered() {
            let name = format!("{letter} {}", curve.in_words());
            match lines.last_mut() {
                Some(line) if line.is_empty() => *line = name,
                Some(line) if line.chars().count() + 3 + name.chars().count() <= MARGIN + WIDTH => {
                    *line += &format!("   {name}");
                }
                _ => lines.push(name),
            }
        }
        lines
    }

    /// Returns the area with the curves drawn, lowest row first.
    fn area(&self, x: &Axis, y: &Axis) -> Area {
        let mut area = [[' '; WIDTH]; HEIGHT];
        let curves = self.lettered().map(|(letter, curve)| {
            let places = curve
                .points
                .iter()
                .map(|(px, py)| x.place(*px).zip(y.place(*py)));
            let cells = places
                .flatten()
                .map(|(x, y)| (cell(x, WIDTH), cell(y, HEIGHT)));
            (letter, cells.collect())
        });
        let curves: Vec<(char, Vec<_>)> = curves.collect();
        for pair in curves.iter().flat_map(|(_, cells)| cells.windows(2)) {
            connect(&mut area, pair[0], pair[1]);
        }
        for (letter, cells) in &curves {
            for (column, row) in cells {
                let cell = &mut area[*row][*column];
                let free = matches!(*cell, ' ' | BETWEEN);
                *cell = if free { *letter } else { SEVERAL };
            }
        }
        area
    }
}

/// Returns the cell of a place from 0 to 1.
fn cell(place: f64, cells: usize) -> usize {
    (place * (cells - 1) as f64).round() as usize
}

/// Puts dots between one cell and another.
fn connect(area: &mut Area, from: (usize, usize), to: (usize, usize)) {
    let steps = to.0.abs_diff(from.0).max(to.1.abs_diff(from.1));
    for step in 1..steps {
        let part = step as f64 / steps as f64;
        let between = |from: usize, to: usize| {
            (from as f64 + (to as f64 - from as f64) * part).round() as usize
        };
        area[between(from.1, to.1)][between(from.0, to.0)] = BETWEEN;
    }
}

/// Returns the rows of the area from the top, with the y axis on the left.
fn rows(area: &Area, y: &Axis) -> Vec<String> {
    let labels = y
        .powers()
        .map(|(power, place)| (cell(place, HEIGHT), short(power)));
    let labels: Vec<_> = labels.collect();
    let rows = area.iter().enumerate().rev().map(|(row, cells)| {
        let label = labels.iter().find(|(at, _)| *at == row);
        let (label, axis) = label.map_or(("", '│'), |(_, label)| (label, '┤'));
        let cells: String = cells.iter().collect();
        format!("{label:>MARGIN$} {axis}{}", cells.trim_end())
    });
    rows.collect()
}

/// Returns the x axis: its line, its values, and its name.
fn x_axis(x: &Axis, label: &str) -> [String; 3] {
    let mut line = ['─'; WIDTH];
    let mut below = [' '; WIDTH + MARGIN];
    for (power, place) in x.powers() {
        let (column, text) = (cell(place, WIDTH), short(power));
        line[column] = '┬';
        let start = column.saturating_sub(text.len() / 2);
        for (cell, character) in below[start..].iter_mut().zip(text.chars()) {
            *cell = character;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(points: Vec<(f64, f64)>) -> Figure {
        let mut figure = Figure::new("title", "idle", "µs");
        figure.curves.push(Curve::own("poll", points));
        figure
    }

    #[test]
    fn what_grows_as_its_cause_goes_from_corner_to_corner() {
        let lines = figure(vec![(1.0, 1.0), (10.0, 10.0), (100.0, 100.0)]).chart();
        let area = &lines[1..=HEIGHT];
        let column = |line: &str| line.chars().position(|c| c == 'A');
        assert_eq!(column(&area[0]), Some(MARGIN + 2 + WIDTH - 1), "{lines:#?}");
        assert_eq!(column(&area[HEIGHT - 1]), Some(MARGIN + 2), "{lines:#?}");
        assert!(area[0].starts_with("      100 ┤"), "{lines:#?}");
    }

    #[test]
    fn two_curves_in_a_cell_are_marked() {
        let mut figure = figure(vec![(1.0, 5.0), (10.0, 50.0)]);
        let other = Curve::published("poll", &[(1.0, 5.0), (10.0, 5.0)]);
        figure.curves.push(other);
        let text = figure.chart().join("\n");
        assert!(
            text.contains('*') && text.contains('A') && text.contains('a'),
            "{text}"
        );
        assert!(text.contains("A poll   a poll (published)"), "{text}");
    }

    #[test]
    fn a_point_without_a_logarithm_is_in_the_table_only() {
        let figure = figure(vec![(0.0, 7.0), (10.0, 50.0), (100.0, 60.0)]);
        let text = figure.chart().join("\n");
        assert_eq!(text.matches('A').count(), 2 + 1, "{text}"); // the curve, the legend
        let (columns, rows) = figure.values();
        assert_eq!(columns, ["idle", "A poll"]);
        assert_eq!(rows, [["0", "7"], ["10", "50"], ["100", "60"]]);
    }

    #[test]
    fn lines_fit_into_eighty_columns() {
        let mut figure = figure(vec![(10.0, 0.001), (20_000.0, 90_000.0)]);
        let long = Curve::published("something with a name that is rather long", &[]);
        figure.curves.extend([long.clone(), long]);
        for line in figure.chart() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
