//! Curves over two logarithmic axes, as a picture of the book: its classes instead of colours, so that it
//! reads in light and dark, and text that is large enough on a phone. Curves are told apart by their signs.

use anyhow::{Context, ensure};
use lab::show::number;
use serde::Deserialize;

/// Curves, as the lab reports them.
#[derive(Debug, Deserialize)]
pub(super) struct Figure {
    title: String,
    x: String,
    y: String,
    curves: Vec<Curve>,
}

#[derive(Debug, Deserialize)]
struct Curve {
    name: String,
    /// Whether others have measured it.
    published: bool,
    points: Vec<(f64, f64)>,
}

impl Curve {
    fn in_words(&self) -> String {
        let published = if self.published { " (published)" } else { "" };
        format!("{}{published}", self.name)
    }

    /// epoll's own curves are those that the course is about; those of others are dashed.
    fn class(&self) -> &'static str {
        match (self.published, self.name.contains("epoll")) {
            (true, _) => "soft",
            (false, true) => "mark",
            (false, false) => "line",
        }
    }
}

/// Every picture of the book begins with this style.
const STYLE: &str = include_str!("../../theme/picture.css");

/// The area that the curves are drawn in, in units of the picture, and the picture's width.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 404.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 260.0;
const WIDTH: f64 = 420.0;
/// Where the legend begins, and the height of its rows.
const LEGEND: f64 = 322.0;
const ROW: f64 = 22.0;

/// A figure as a picture.
///
/// # Errors
///
/// If it has no points that have a logarithm.
pub(super) fn draw(figure: &Figure) -> anyhow::Result<String> {
    let points = || figure.curves.iter().flat_map(|curve| &curve.points);
    let x = Axis::of(points().map(|(x, _)| *x), LEFT, RIGHT);
    let y = Axis::of(points().map(|(_, y)| *y), BOTTOM, TOP);
    let (x, y) = x.zip(y).context("a figure without points")?;
    ensure!(
        figure.curves.len() <= SIGNS.len(),
        "too many curves for the signs"
    );
    let signs = signs(&figure.curves);
    let names: Vec<_> = figure.curves.iter().map(Curve::in_words).collect();
    // Two beside each other, unless one of them is too long for that.
    let columns = match names.iter().all(|name| name.chars().count() < 23) {
        true => 2,
        false => 1,
    };
    let height = LEGEND + ROW * names.len().div_ceil(columns) as f64 - 8.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n",
        escape(&figure.title)
    );
    svg += &axes(figure, &x, &y);
    for (curve, sign) in figure.curves.iter().zip(&signs) {
        svg += &line(curve, *sign, &x, &y);
    }
    for (place, (curve, sign)) in figure.curves.iter().zip(&signs).enumerate() {
        let left = 14.0 + (place % columns) as f64 * 200.0;
        let y = LEGEND + (place / columns) as f64 * ROW;
        svg += &path(curve.class(), &format!("M{left} {y}h28"));
        svg += &SIGNS[*sign](left + 14.0, y);
        svg += &text(left + 36.0, y + 4.5, "start", &names[place]);
    }
    Ok(svg + "</svg>\n")
}

/// A logarithmic axis: what it covers, and where that is in the picture.
struct Axis {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Option<Self> {
        let logarithms = values.filter(|value| *value > 0.0).map(f64::log10);
        let (from, to) = logarithms.fold((f64::MAX, f64::MIN), |(from, to), value| {
            (from.min(value), to.max(value))
        });
        // A little more than the values, and two powers of ten at least, which are what is labelled.
        let (from, to) = (from - 0.1, to + 0.1);
        let (from, to) = match to.floor() > from.ceil() {
            true => (from, to),
            false => (from.floor(), to.ceil()),
        };
        (from < to).then_some(Self {
            from,
            to,
            start,
            end,
        })
    }

    fn place(&self, value: f64) -> f64 {
        let part = (value.log10() - self.from) / (self.to - self.from);
        self.start + part * (self.end - self.start)
    }

    /// The powers of ten on it.
    fn powers(&self) -> impl Iterator<Item = f64> {
        let powers = self.from.ceil() as i32..=self.to.floor() as i32;
        powers.map(|power| 10_f64.powi(power))
    }
}

fn axes(figure: &Figure, x: &Axis, y: &Axis) -> String {
    let mut svg = String::new();
    for power in y.powers() {
        let at = y.place(power);
        svg += &grid(&format!("M{LEFT} {at:.1}H{RIGHT}"));
        let (left, below) = (LEFT - 6.0, at + 4.5);
        svg += &text(left, below, "end", &label(power));
    }
    for power in x.powers() {
        let at = x.place(power);
        svg += &grid(&format!("M{at:.1} {TOP}V{BOTTOM}"));
        svg += &text(at, BOTTOM + 18.0, "middle", &label(power));
    }
    svg += &path("line", &format!("M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"));
    svg += &text(6.0, TOP - 12.0, "start", &figure.y);
    svg + &text(RIGHT, BOTTOM + 38.0, "end", &figure.x)
}

fn grid(steps: &str) -> String {
    format!("<path class=\"gone\" opacity=\"0.4\" d=\"{steps}\"/>\n")
}

/// A curve, and its sign at each of its points.
fn line(curve: &Curve, sign: usize, x: &Axis, y: &Axis) -> String {
    let points = curve.points.iter().filter(|(x, y)| *x > 0.0 && *y > 0.0);
    let place = |(px, py): &(f64, f64)| (x.place(*px), y.place(*py));
    let places: Vec<_> = points.map(place).collect();
    let corner = |(x, y): &(f64, f64)| format!("{x:.1} {y:.1}");
    let corners: Vec<_> = places.iter().map(corner).collect();
    let mut svg = path(curve.class(), &format!("M{}", corners.join("L")));
    for (x, y) in places {
        svg += &SIGNS[sign](x, y);
    }
    svg
}

/// Ways to mark a point.
const SIGNS: [fn(f64, f64) -> String; 6] = [
    |x, y| format!("<circle class=\"idle\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>\n"),
    |x, y| path("head", &format!("M{:.1} {:.1}h8v8h-8z", x - 4.0, y - 4.0)),
    |x, y| format!("<circle class=\"ready\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>\n"),
    |x, y| path("idle", &format!("M{:.1} {:.1}h10l-5 -9z", x - 5.0, y + 4.5)),
    |x, y| path("ready", &format!("M{:.1} {:.1}h8v8h-8z", x - 4.0, y - 4.0)),
    |x, y| path("ready", &format!("M{x:.1} {:.1}l6 6l-6 6l-6 -6z", y - 6.0)),
];

/// For each curve the place of its sign: the published “TLPI poll” has that of one's own “poll”.
fn signs(curves: &[Curve]) -> Vec<usize> {
    let is_own = |curve: &Curve, name: &str| !curve.published && curve.name == name;
    let own = |name: &str| curves.iter().position(|curve| is_own(curve, name));
    let sign = |(place, curve): (usize, &Curve)| {
        let name = curve.name.split_once(' ').filter(|_| curve.published);
        name.and_then(|(_, name)| own(name)).unwrap_or(place)
    };
    curves.iter().enumerate().map(sign).collect()
}

/// A power of ten as a person writes it: 10,000 and 0.1.
fn label(value: f64) -> String {
    match value {
        1.0.. => number(value.round() as u64),
        _ => value.to_string(),
    }
}

fn path(class: &str, steps: &str) -> String {
    format!("<path class=\"{class}\" d=\"{steps}\"/>\n")
}

fn text(x: f64, y: f64, anchor: &str, content: &str) -> String {
    format!(
        "<text class=\"small\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n",
        escape(content)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(name: &str, published: bool, points: &[(f64, f64)]) -> Curve {
        Curve {
            name: name.into(),
            published,
            points: points.to_vec(),
        }
    }

    #[test]
    fn a_picture_has_the_books_style_and_no_colours_of_its_own() -> anyhow::Result<()> {
        let figure = Figure {
            title: "A < B".into(),
            x: "idle".into(),
            y: "µs".into(),
            curves: vec![
                curve("poll", false, &[(0.0, 5.0), (10.0, 9.0), (1000.0, 900.0)]),
                curve("TLPI poll", true, &[(10.0, 20.0)]),
            ],
        };
        let svg = draw(&figure)?;
        let rest = svg.replace(STYLE, "");
        assert!(svg.contains(STYLE) && svg.contains("<title>A &lt; B</title>"));
        assert!(!rest.contains("fill=") && !rest.contains("stroke=") && !rest.contains('#'));
        assert!(
            !rest.contains("inf") && !rest.contains("NaN"),
            "0 has no logarithm"
        );
        assert!(rest.contains("1,000") && rest.contains("TLPI poll (published)"));
        assert_eq!(signs(&figure.curves), [0, 0]);
        Ok(())
    }
}
